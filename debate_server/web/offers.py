"""What can be asked for, formats and models, and whether the server is well."""

from importlib.metadata import version
from typing import Final

from aiohttp import web

from debate_server.core.errors import FormatError, InvalidRequest, NotJSON, TooLarge
from debate_server.core.format.shape import Format
from debate_server.core.money.forecast import Forecast, total
from debate_server.core.plan import Start, from_json
from debate_server.upstream.endpoint import Model
from debate_server.web import asked
from debate_server.web.answers import (
    Estimate,
    Estimated,
    Formats,
    Health,
    Models,
    ShownAgent,
    ShownEndpoint,
    ShownFormat,
    ShownModel,
    ShownRound,
    answer,
)
from debate_server.web.keys import LOG, RUNNER, SETTINGS, UPSTREAM, VIEWERS
from debate_server.web.operation import Operation
from debate_server.web.problems import LOG_RETRY_AFTER

# Read once: the package's files may be gone while its server runs on.
VERSION: Final = version("debate-server")

routes = web.RouteTableDef()


@routes.get("/api/formats", allow_head=False)
@Operation(gives={200: Formats})
async def list_formats(request: web.Request) -> web.Response:
    """The formats that a debate may have."""
    return answer(Formats([_format(format_) for format_ in request.app[RUNNER].formats.all().values()]))


@routes.get("/api/models", allow_head=False)
@Operation(gives={200: Models})
async def list_models(request: web.Request) -> web.Response:
    """The models that agents may have, and the one they have where nothing is said."""
    listing = await request.app[UPSTREAM].listing()
    return answer(
        Models(
            default=_model(listing.default) if listing.default else None,
            why=listing.why,
            models=[_model(model) for listed in listing.endpoints if not listed.reason for model in listed.models],
            endpoints=[
                ShownEndpoint(
                    listed.endpoint.name, listed.endpoint.base_url or None, listed.endpoint.demo, listed.reason or None
                )
                for listed in listing.endpoints
            ],
        )
    )


@routes.post("/api/estimate")
@Operation(gives={200: Estimate}, body=Start, raises=(InvalidRequest, FormatError, NotJSON, TooLarge))
async def estimate(request: web.Request) -> web.Response:
    """What a start would cost at most, and at least, as debates go. Nothing is begun, and no model is asked."""
    start = from_json(Start, await asked.body(request))
    told = await request.app[RUNNER].estimate(start)
    least = Estimated(*_estimated(total(told.least)))
    by_agent = {name: Estimated(*_estimated(one)) for name, one in told.most.items()}
    return answer(Estimate(*_estimated(total(told.most)), agents=by_agent, least=least))


@routes.get("/healthz")
@Operation(gives={200: Health, 503: Health})
async def health(request: web.Request) -> web.Response:
    """Whether debates can be started here; 503 and the reason where they cannot."""
    app = request.app
    reason = "The server is ending." if app[VIEWERS].leaving else app[LOG].trouble
    if reason is None and app[RUNNER].waiting >= app[SETTINGS].max_queued:
        reason = "All places are taken, and as many debates wait for one as may (--max-running, --max-queued)."
    told = Health("degraded" if reason else "ok", VERSION, reason)
    return answer(told, 503, {"Retry-After": str(LOG_RETRY_AFTER)}) if reason else answer(told)


def _model(model: Model) -> ShownModel:
    endpoint = model.endpoint
    return ShownModel(model.name, model.address, endpoint.name, endpoint.demo, model.context, model.price)


def _estimated(forecast: Forecast) -> tuple[int, int, int, float | None]:
    usage = forecast.usage
    return forecast.calls, usage.input, usage.output, usage.cost_usd


def _format(format_: Format) -> ShownFormat:
    return ShownFormat(
        name=format_.name,
        title=format_.title,
        about=" ".join(format_.about.split()),
        answers=format_.answers,
        default_rounds=format_.default_rounds,
        agents=[ShownAgent(agent.name, agent.side, agent.temperature, agent.max_tokens) for agent in format_.agents],
        rounds=[
            ShownRound(
                round_.name, round_.speakers or (), round_.voters or (), round_.together, round_.repeat, round_.counts
            )
            for round_ in format_.rounds
        ],
    )
