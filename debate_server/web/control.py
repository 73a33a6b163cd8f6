"""The routes that steer a debate: pause, resume, stop, fork, retry."""

from aiohttp import web

from debate_server.core.errors import (
    InvalidRequest,
    NothingToRetry,
    NotJSON,
    NotRunning,
    NotSpeaking,
    PlanUnreadable,
    StillRunning,
    TooLarge,
    UnknownDebate,
)
from debate_server.core.plan import Again, Fork, Halt, from_json
from debate_server.web import asked
from debate_server.web.answers import Started, Summary, answer
from debate_server.web.debates import STARTS, started, summary
from debate_server.web.keys import LOG, RUNNER
from debate_server.web.operation import Operation

routes = web.RouteTableDef()


@routes.post("/api/debates/{debate}/pause")
@Operation(gives={200: Summary}, raises=(UnknownDebate, NotRunning))
async def pause(request: web.Request) -> web.Response:
    """Pause a debate. It is answered when nobody speaks any more; who is resumed before that just goes on."""
    await request.app[RUNNER].pause(request.match_info["debate"])
    return _state(request)


@routes.post("/api/debates/{debate}/resume")
@Operation(gives={200: Summary}, raises=(UnknownDebate, NotRunning))
async def resume(request: web.Request) -> web.Response:
    """Have a paused debate go on, as soon as there is a place for it."""
    await request.app[RUNNER].resume(request.match_info["debate"])
    return _state(request)


@routes.post("/api/debates/{debate}/stop")
@Operation(gives={200: Summary}, body=Halt, raises=(NotJSON, InvalidRequest, TooLarge, UnknownDebate, NotSpeaking))
async def stop(request: web.Request) -> web.Response:
    """Stop a debate, or the speech of one ``turn`` alone. A debate that is over stays as it is."""
    halt = from_json(Halt, await asked.body(request) or b"{}")
    debate = request.match_info["debate"]
    if halt.turn is None:
        await request.app[RUNNER].stop(debate)
    else:
        await request.app[RUNNER].halt(debate, halt.turn)
    return _state(request)


@routes.post("/api/debates/{debate}/fork")
@Operation(
    gives={202: Started},
    body=Fork,
    keyed=True,
    raises=(*STARTS, NotJSON, TooLarge, UnknownDebate, StillRunning, PlanUnreadable),
)
async def fork(request: web.Request) -> web.Response:
    """Begin a new debate with this one's events up to the start of a ``turn`` (of all that ran beside it), which is
    spoken anew; without one, with all of them but its decision: it goes on for ``rounds`` more, and decides again."""
    wanted = from_json(Fork, await asked.body(request) or b"{}")
    return started(await request.app[RUNNER].fork(request.match_info["debate"], wanted, key=asked.key(request)))


@routes.post("/api/debates/{debate}/retry")
@Operation(
    gives={202: Started},
    body=Again,
    keyed=True,
    raises=(*STARTS, NotJSON, TooLarge, UnknownDebate, StillRunning, NothingToRetry, PlanUnreadable),
)
async def retry(request: web.Request) -> web.Response:
    """Begin a new debate with what this one said whole; it goes on at the first turn that failed or was cut."""
    again = from_json(Again, await asked.body(request) or b"{}")
    debate, key = request.match_info["debate"], asked.key(request)
    return started(await request.app[RUNNER].retry(debate, detached=again.detached, key=key))


def _state(request: web.Request) -> web.Response:
    return answer(summary(request.app[LOG].row(request.match_info["debate"])))
