"""An endpoint that refuses is asked later and by fewer at a time, in turn, and by more again as it bears them."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from debate_server.core.errors import Busy, Failed, Rejected, Unreachable, UpstreamError
from debate_server.settings import Settings
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.pace import LONGEST_PAUSE, MAX_KEPT, Pace, Paces
from debate_server.upstream.upstream import Upstream
from tests.conftest import Time
from tests.fakes.script import refuse
from tests.fakes.upstream import FakeUpstream
from tests.integration.clock import ClockLoop
from tests.upstream.conftest import StubEmbedded, listen


class Asker:
    """A request that is wherever the test has it: in line, in flight, accepted, and gone."""

    def __init__(self, pace: Pace, *, careful: bool = False) -> None:
        self.pace = pace
        self.careful = careful
        self.in_flight = False
        self._accepted: Callable[[], None] = lambda: None
        self._end = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        async with self.pace.place(careful=self.careful) as self._accepted:
            self.in_flight = True
            await self._end

    async def accepted(self) -> None:
        self._accepted()
        await settled()

    async def over(self, error: UpstreamError | None = None) -> None:
        """It is at its end, or has failed."""
        if error is None:
            self._end.set_result(None)
        else:
            self._end.set_exception(error)
        await settled()
        assert self.task.done(), "it is still in line"
        self.task.exception()  # which it is no news of

    async def cancelled(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await settled()


async def settled() -> None:
    """Until all that can go on has gone on: nothing here waits for more than the loop's next rounds."""
    for _ in range(20):
        await asyncio.sleep(0)


class Hours:
    """A clock that the test moves, and those that wait for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses = list[float]()
        self._waiting = list[tuple[float, asyncio.Future[None]]]()

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        over = asyncio.get_running_loop().create_future()
        self._waiting.append((self.now + seconds, over))
        await over

    async def until(self, now: float) -> None:
        self.now = now
        for due, over in self._waiting:
            if due <= now and not over.done():
                over.set_result(None)
        await settled()


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def pace(hours: Hours) -> Iterator[Pace]:
    made = Pace(clock=lambda: hours.now, pause=hours.pause, jitter=lambda: 1.0)
    yield made
    assert (made._in_flight, made._wanted, made._served) == (0, 0, 0), "every place was given up"


def busy(seconds: float | None = None) -> Busy:
    return Busy("too many", retry_after=seconds)


async def asking(pace: Pace, number: int, *, careful: bool = False) -> list[Asker]:
    askers = [Asker(pace, careful=careful) for _ in range(number)]
    await settled()
    return askers


async def end(askers: list[Asker]) -> None:
    for asker in askers:
        await asker.over()


def flying(askers: list[Asker]) -> list[int]:
    return [number for number, asker in enumerate(askers) if asker.in_flight]


async def limited(pace: Pace, hours: Hours, most: int) -> None:
    """Let it refuse one beyond so many at a time; the pause after that is over, and one was accepted since."""
    *served, refused = await asking(pace, most + 1)
    for asker in served:
        await asker.accepted()
    await refused.over(busy(7.0))
    await end(served)
    waiting = await asking(pace, 1)
    await hours.until(hours.now + 7.0)
    await waiting[0].accepted()
    await end(waiting)


async def test_until_an_endpoint_refuses_nothing_is_awaited(pace: Pace) -> None:
    async with pace.place(), pace.place():
        entering = pace.place().__aenter__()
        with pytest.raises(StopIteration):
            entering.__await__().__next__()
    assert pace.limit is None
    pace._in_flight, pace._wanted = 0, 0  # the one that was begun by hand


async def test_nobody_asks_before_the_time_is_over_that_the_endpoint_names(pace: Pace, hours: Hours) -> None:
    [refused, served] = await asking(pace, 2)
    await served.accepted()
    await refused.over(busy(7.0))
    await served.over()

    later = await asking(pace, 2)
    assert (flying(later), hours.pauses) == ([], [7.0])
    await hours.until(6.9)
    assert flying(later) == []
    await hours.until(7.0)
    assert flying(later) == [0]
    await end(later)


async def test_one_goes_ahead_and_the_others_follow_when_it_is_accepted(pace: Pace, hours: Hours) -> None:
    *served, refused = await asking(pace, 4)
    for asker in served:
        await asker.accepted()
    await refused.over(busy(7.0))
    await end(served)
    later = await asking(pace, 5)
    await hours.until(7.0)
    assert flying(later) == [0]
    await later[0].accepted()
    assert flying(later) == [0, 1, 2], "as many as it bore"
    await later[1].over()
    assert flying(later) == [0, 1, 2, 3]
    await end([later[0], *later[2:]])


async def test_who_wants_more_patience_meanwhile_is_given_it(pace: Pace, hours: Hours) -> None:
    first, second = await asking(pace, 2)
    await first.over(busy(5.0))
    [later] = await asking(pace, 1)
    await hours.until(2.0)
    await second.over(busy(7.0))
    await hours.until(5.0)
    assert not later.in_flight
    await hours.until(9.0)
    await later.over()


@pytest.mark.parametrize("fault", [None, Unreachable("gone"), Rejected("no")], ids=["end", "unreachable", "rejected"])
async def test_where_the_one_ahead_is_not_accepted_the_next_goes_ahead(
    pace: Pace, hours: Hours, fault: UpstreamError | None
) -> None:
    [refused] = await asking(pace, 1)
    await refused.over(busy(1.0))
    later = await asking(pace, 3)
    await hours.until(1.0)
    await later[0].over(fault)
    assert flying(later) == [0, 1]
    await later[1].cancelled()
    assert flying(later) == [0, 1, 2]
    await later[2].over()


async def test_of_many_at_once_as_many_are_in_flight_next_as_were_served(pace: Pace, hours: Hours) -> None:
    askers = await asking(pace, 10)
    for asker in askers[:4]:
        await asker.accepted()
    for asker in askers[4:9]:
        await asker.over(busy(1.0))
    assert pace.limit == 5, "one of them may still be served"
    await end(askers[:4])
    await askers[9].over(busy(1.0))
    assert pace.limit == 4, "what was served at once is borne, though it is over by now"


async def test_what_was_sent_before_the_last_cut_cuts_no_more_than_is_served(pace: Pace, hours: Hours) -> None:
    askers = await asking(pace, 4)
    await askers[0].over(busy(1.0))
    later = await asking(pace, 2)
    await hours.until(1.0)
    await end(askers[1:3])
    await later[0].accepted()
    await later[1].accepted()
    await askers[3].over(busy())
    assert pace.limit == 2
    assert hours.pauses == [1.0], "nor does it make anybody wait for longer"
    await end(later)


async def test_the_pause_doubles_up_to_a_minute_and_begins_anew_with_a_success(pace: Pace, hours: Hours) -> None:
    for _ in range(9):
        [refused] = await asking(pace, 1)
        await hours.until(hours.now + LONGEST_PAUSE)
        await refused.over(busy())
    [last] = await asking(pace, 1)
    await hours.until(hours.now + LONGEST_PAUSE)
    assert hours.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    await last.accepted()
    await last.over(Unreachable("gone"))
    [refused] = await asking(pace, 1)
    await refused.over(busy())
    [again] = await asking(pace, 1)
    assert hours.pauses[-1] == 1
    await again.cancelled()


async def test_programs_that_are_refused_at_once_do_not_come_back_at_once(hours: Hours) -> None:
    for jitter in (0.0, 0.5):
        pace = Pace(clock=lambda: hours.now, pause=hours.pause, jitter=lambda chance=jitter: chance)  # type: ignore[misc]
        [refused] = await asking(pace, 1)
        await refused.over(busy())
        [later] = await asking(pace, 1)
        await later.cancelled()
    assert hours.pauses == [0.5, 0.75]


async def test_who_wants_hours_is_asked_again_by_one_a_minute(pace: Pace, hours: Hours) -> None:
    [refused] = await asking(pace, 1)
    await refused.over(busy(3600.0))
    later = await asking(pace, 3)
    await hours.until(LONGEST_PAUSE)
    assert flying(later) == [0]
    await later[0].over(busy(3540.0))
    await hours.until(2 * LONGEST_PAUSE)
    assert flying(later) == [0, 1]
    await end(later[1:])


async def test_after_as_many_successes_as_it_bears_one_more_is_tried(pace: Pace, hours: Hours) -> None:
    await limited(pace, hours, 3)
    successes = 1
    while pace.limit == 3:
        [one] = await asking(pace, 1)
        await one.accepted()
        await one.over()
        successes += 1
    assert (successes, pace.limit) == (3, 4)

    more = await asking(pace, 6)
    assert flying(more) == [0, 1, 2, 3]
    for asker in more[:4]:
        await asker.accepted()
    assert pace.limit == 4, "what it took it bears; the next is for the next successes"
    await end(more)


async def test_what_is_tried_and_refused_leaves_what_it_bears(pace: Pace, hours: Hours) -> None:
    await limited(pace, hours, 3)
    for _ in range(2):
        [one] = await asking(pace, 1)
        await one.accepted()
        await one.over()
    *served, tried = await asking(pace, 4)
    for asker in served:
        await asker.accepted()
    await tried.over(busy(1.0))
    assert pace.limit == 3
    await end(served)
    await hours.until(hours.now + 1.0)

    successes = 0
    while pace.limit == 3:
        [one] = await asking(pace, 1)
        await one.accepted()
        await one.over()
        successes += 1
    assert successes == 6, "it is not tried again for twice as long"


async def test_who_was_refused_before_tries_nothing(pace: Pace, hours: Hours) -> None:
    await limited(pace, hours, 2)
    [one] = await asking(pace, 1)
    await one.accepted()
    await one.over()
    assert pace.limit == 3
    careful = await asking(pace, 3, careful=True)
    assert flying(careful) == [0, 1]
    await end(careful)


async def test_a_limit_above_all_that_was_ever_wanted_is_dropped(pace: Pace, hours: Hours) -> None:
    await limited(pace, hours, 2)
    for _ in range(8):
        askers = await asking(pace, 3)
        for asker in askers:
            if asker.in_flight:
                await asker.accepted()
        await end(askers)
    assert pace.limit is None
    many = await asking(pace, 30)
    assert flying(many) == [*range(30)]
    await end(many)


async def test_first_come_first_served_and_who_leaves_the_line_disturbs_no_other(pace: Pace, hours: Hours) -> None:
    [refused] = await asking(pace, 1)
    await refused.over(busy(5.0))
    line = await asking(pace, 7, careful=True)
    await hours.until(3.0)
    await line[0].cancelled()  # the first, as it waits for the time
    await line[3].cancelled()
    await hours.until(5.0)
    assert flying(line) == [1], "no second longer for it"
    await line[2].cancelled()  # the first, as it waits for a place
    assert flying(line) == [1]
    for served, following in ((1, 4), (4, 5), (5, 6)):
        await line[served].accepted()
        assert following not in flying(line)
        await line[served].cancelled()  # in flight: its place is the next one's
        assert following in flying(line)
    await line[6].over()


@pytest.mark.parametrize(
    ("error", "slows"),
    [(Busy("429"), True), (Failed("503", retry_after=3.0), True), (Failed("500"), False), (Unreachable("-"), False)],
)
async def test_only_who_asks_for_patience_slows_the_pace(
    pace: Pace, hours: Hours, error: UpstreamError, slows: bool
) -> None:
    [one] = await asking(pace, 1)
    await one.over(error)
    assert (pace.limit is not None) is slows


def test_each_endpoint_has_a_pace_of_its_own_and_few_are_kept() -> None:
    time = Time()
    paces = Paces(clock=time.clock, pause=time.pause)
    one, other = Endpoint("a", "http://a/v1"), Endpoint("b", "http://b/v1")
    first = paces.of(one)
    assert paces.of(Endpoint("same", one.base_url, "key")) is first
    assert paces.of(other) is not first
    for number in range(MAX_KEPT):
        paces.of(Endpoint("x", f"http://x{number}/v1"))
    assert paces.of(one) is not first


def test_waiting_for_a_place_counts_against_no_deadline() -> None:
    """The clock stands, but while somebody pauses: then it runs, and a deadline that is underway passes."""

    async def pause(seconds: float) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ClockLoop)
        with loop.held():
            await asyncio.sleep(seconds)

    async def ask() -> None:
        async with FakeUpstream() as fake:
            settings = Settings(base_url=fake.base_url, discover=False, first_token_timeout=20, turn_timeout=20)
            async with Upstream(settings, embedded=StubEmbedded(), pause=pause) as upstream:
                fake.play([refuse(429, headers={"Retry-After": "50"})])
                assert isinstance((await listen(upstream, "fake-chat")).error, Busy)
                said = await listen(upstream, "fake-chat")
                assert said.finish.reason == "stop"
                assert fake.requests[1].at - fake.requests[0].at < 50, "it waited on that clock alone"

    with asyncio.Runner(loop_factory=ClockLoop) as runner:
        runner.run(ask())
