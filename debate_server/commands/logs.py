"""Logs: structlog events on stderr, readable on a terminal, JSON otherwise."""

import logging
import sys

import structlog


def set_up(level: str, *, colour: bool) -> None:
    """Send the events of this level and above, and other libraries' warnings, to stderr."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,  # the request, the debate and the turn that an event is of
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
    ]
    renderer: structlog.typing.Processor
    if terminal:
        # A plain traceback: the prettier ones show local variables, and so the key.
        renderer = structlog.dev.ConsoleRenderer(colors=colour, exception_formatter=structlog.dev.plain_traceback)
    else:
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    # What libraries say in detail, where OPENAI_LOG or the like asks for it, may quote headers and answers.
    handler.setLevel(logging.WARNING)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
