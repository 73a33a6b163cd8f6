"""The routes of runs: open one, begin its debates, see how far it is."""

from collections.abc import Iterator

from aiohttp import web

from debate_server.core.errors import (
    InvalidRequest,
    NothingToRetry,
    NotJSON,
    PlanUnreadable,
    StillRunning,
    TooLarge,
    UnknownRun,
)
from debate_server.core.plan import from_json
from debate_server.core.run import Begin, Run, State
from debate_server.engine.runs import Runs
from debate_server.web import asked
from debate_server.web.answers import Held, OneHeld, ShownRun, Started, answer
from debate_server.web.answers import Runs as ShownRuns
from debate_server.web.debates import STARTS, started
from debate_server.web.keys import LOG, RUNNER
from debate_server.web.operation import Operation

routes = web.RouteTableDef()


@routes.post("/api/runs")
@Operation(gives={201: ShownRun}, body=Run, raises=(InvalidRequest, NotJSON, TooLarge))
async def open_run(request: web.Request) -> web.Response:
    """Open a run of many debates, whose debates are begun one by one. The same ``asked`` is the same run."""
    run = from_json(Run, await asked.body(request))
    state = await _runs(request).open(run)
    return answer(_shown(state), status=201, headers={"Location": f"/api/runs/{state.id}"})


@routes.get("/api/runs", allow_head=False)
@Operation(gives={200: ShownRuns}, query=(asked.RunPage,), raises=(InvalidRequest, UnknownRun))
async def list_runs(request: web.Request) -> web.Response:
    """List runs, newest first."""
    page = asked.query(request, asked.RunPage)
    return answer(ShownRuns([_shown(state) for state in _runs(request).all(page.limit, page.before)]))


@routes.get("/api/runs/{run}", allow_head=False)
@Operation(gives={200: ShownRun}, raises=(UnknownRun,))
async def look_at_run(request: web.Request) -> web.Response:
    """A run: what was asked for, and how far it is."""
    return answer(_shown(_runs(request).look(request.match_info["run"])))


@routes.get("/api/runs/{run}/debates", allow_head=False)
@Operation(gives={200: Held}, raises=(UnknownRun,))
async def list_held(request: web.Request) -> web.Response:
    """Every debate of a run, oldest first, as briefly as can be; ``GET /api/debates?run=`` tells more of them."""
    return answer(Held(list(_held(_runs(request), request.match_info["run"]))))


@routes.post("/api/runs/{run}/debates")
@Operation(
    gives={202: Started},
    body=Begin,
    raises=(*STARTS, NotJSON, TooLarge, UnknownRun, StillRunning, NothingToRetry, PlanUnreadable),
)
async def begin_debate(request: web.Request) -> web.Response:
    """Begin a debate of a run, which runs to its end though nobody watches. The same entry and attempt are the same
    debate, never a second one."""
    begin = from_json(Begin, await asked.body(request))
    return started(await _runs(request).begin(request.match_info["run"], begin))


def _runs(request: web.Request) -> Runs:
    return Runs(request.app[LOG], request.app[RUNNER])


def _shown(state: State) -> ShownRun:
    return ShownRun(state.id, state.created, **state.run.model_dump(), debates=state.debates, usage=state.usage)


def _held(runs: Runs, run: str) -> Iterator[OneHeld]:
    return (OneHeld(*held) for held in runs.held(run))
