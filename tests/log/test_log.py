"""The log: what is followed is what was appended, it is durable before it is seen, and nobody disturbs another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debate_server.core.errors import LogUnavailable, StillRunning, UnknownCursor, UnknownDebate
from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Event, Token, Usage, Verdict
from debate_server.log import frames as fr
from debate_server.log.log import Log
from debate_server.log.naming import new_id
from debate_server.log.store import Store


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    async with Log(tmp_path) as opened:
        yield opened


def begin(log: Log, topic: str = "Topic") -> str:
    debate = new_id()
    log.create(DebateStart(debate, topic, "classic", 1, ()), b"{}")
    return debate


async def speak(log: Log, debate: str, turn: int, tokens: int) -> None:
    log.append(debate, AgentStart("Optimist", turn, 1, 1))
    await log.commit()
    for number in range(tokens):
        log.append(debate, Token("Optimist", turn, f"word{number} "))
        if number % 50 == 49:
            await log.commit()
    log.append(debate, AgentEnd("Optimist", turn, 1, "words", "stop", Usage(), 1))


async def end(log: Log, debate: str) -> None:
    log.append(debate, Done("completed", Usage()))
    await log.commit()


async def read(log: Log, debate: str, after: int = 0) -> list[tuple[int, Event]]:
    async with aclosing(log.follow({debate: after})) as batches:
        return list(fr.events([batch.frames async for batch in batches]))


async def test_what_is_followed_live_is_what_is_replayed(log: Log) -> None:
    debate = begin(log)
    live = asyncio.create_task(read(log, debate))
    for turn in range(1, 4):
        await speak(log, debate, turn, 700)
    await end(log, debate)
    events = await live
    assert [seq for seq, _ in events] == list(range(1, len(events) + 1))
    assert len(events) == 1 + 3 * 702 + 1
    assert await read(log, debate) == events


async def test_every_cursor_gives_the_same_rest(log: Log) -> None:
    debate = begin(log)
    for turn in (1, 2):
        await speak(log, debate, turn, 600)
    await end(log, debate)
    events = await read(log, debate)
    for cursor in range(len(events) + 1):
        assert await read(log, debate, cursor) == events[cursor:]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 40), max_size=4), pace=st.integers(1, 30))
async def test_a_viewer_that_comes_and_goes_misses_nothing(log: Log, cuts: list[int], pace: int) -> None:
    debate = begin(log)

    async def write() -> None:
        for turn in (1, 2):
            log.append(debate, AgentStart("Optimist", turn, 1, 1))
            for number in range(20):
                log.append(debate, Token("Optimist", turn, f"{number}"))
                if number % pace == 0:
                    await log.commit()
            log.append(debate, AgentEnd("Optimist", turn, 1, "", "stop", Usage(), 1))
        await end(log, debate)

    writing = asyncio.create_task(write())
    await asyncio.sleep(0)
    await log.commit()
    seen: list[tuple[int, Event]] = []
    for cut in [*cuts, 1_000]:
        async with aclosing(log.follow({debate: seen[-1][0] if seen else 0})) as batches:
            async for batch in batches:
                seen += fr.events([batch.frames])
                if len(seen) >= cut:
                    break
    await writing
    assert seen == await read(log, debate)


async def test_nothing_is_seen_before_it_is_on_disk(log: Log, tmp_path: Path) -> None:
    debate = begin(log)
    writing = asyncio.create_task(speak(log, debate, 1, 300))
    async with aclosing(log.follow({debate: 0})) as batches:
        async for batch in batches:
            other = Store(tmp_path, read_only=True)
            on_disk = list(fr.events(other.frames(debate)))
            other.close()
            assert on_disk[-1][0] >= batch.last
            if b"word299" in batch.frames:
                break
    await writing


async def test_appends_of_many_debates_are_one_commit(log: Log, tmp_path: Path) -> None:
    debates = [begin(log) for _ in range(20)]
    for debate in debates:
        log.append(debate, AgentStart("Optimist", 1, 1, 1))
        log.append(debate, Token("Optimist", 1, "word"))
    await log.commit()
    other = Store(tmp_path, read_only=True)
    assert len(list(other.journal())) == 1
    assert {len(list(fr.events(other.frames(debate)))) for debate in debates} == {3}
    other.close()


async def test_cancelling_one_viewer_disturbs_no_other(log: Log) -> None:
    debate = begin(log)
    await log.commit()
    viewers = [asyncio.create_task(read(log, debate)) for _ in range(5)]
    await asyncio.sleep(0)
    viewers[2].cancel()
    await speak(log, debate, 1, 10)
    viewers[3].cancel()
    await end(log, debate)
    stayed = [await viewers[number] for number in (0, 1, 4)]
    assert stayed == [await read(log, debate)] * 3
    assert viewers[2].cancelled() or viewers[2].cancelling()


async def test_the_list_tells_the_verdict(log: Log) -> None:
    debate = begin(log)
    log.append(debate, Verdict("Optimist", None, 0.7, {}, (), True, "Buses should be free."))
    await end(log, debate)
    assert [row.verdict for row in log.list(1)] == ["Buses should be free."]


async def test_one_viewer_follows_many_debates_to_the_end_of_each(log: Log) -> None:
    debates = [begin(log) for _ in range(3)]
    await end(log, debates[0])
    both: dict[str, list[tuple[int, Event]]] = {debate: [] for debate in debates}

    async def view() -> None:
        async with aclosing(log.follow(dict.fromkeys(debates, 0))) as batches:
            async for batch in batches:
                both[batch.debate] += fr.events([batch.frames])

    viewer = asyncio.create_task(view())
    for debate in debates[1:]:
        await speak(log, debate, 1, 60)
        await end(log, debate)
    await viewer
    assert both == {debate: await read(log, debate) for debate in debates}


async def test_a_cursor_ahead_of_the_log_is_refused_at_once(log: Log) -> None:
    debate = begin(log)
    await log.commit()
    for cursor in (2, 10**15, -1):
        with pytest.raises(UnknownCursor):
            log.follow({debate: cursor})
    with pytest.raises(UnknownDebate):
        log.follow({"nobody": 0})


async def test_a_cursor_at_the_end_gives_nothing_more(log: Log) -> None:
    debate = begin(log)
    await end(log, debate)
    assert log.position(debate) == (2, True)
    assert await read(log, debate, 2) == []


async def test_nothing_follows_done(log: Log) -> None:
    debate = begin(log)
    log.append(debate, Done("stopped", Usage()))
    with pytest.raises(UnknownDebate):
        log.append(debate, Token("Optimist", 1, "late"))
    await log.commit()
    with pytest.raises(UnknownDebate):
        log.append(debate, Token("Optimist", 1, "later"))


async def test_what_was_committed_is_there_after_a_kill(tmp_path: Path) -> None:
    killed = Log(tmp_path)  # never closed, as after SIGKILL
    done, open_ = begin(killed, "Done"), begin(killed, "Open")
    await speak(killed, done, 1, 5)
    await end(killed, done)
    killed.append(open_, AgentStart("Optimist", 1, 1, 1))
    killed.append(open_, Token("Optimist", 1, "mid"))
    await killed.commit()
    killed.append(open_, Token("Optimist", 1, "lost, and seen by nobody"))
    async with Log(tmp_path) as log:
        assert [row.id for row in log.live()] == [open_]
        assert log.position(open_) == (3, False)
        assert log.append(open_, Token("Optimist", 1, "on")) == 4
        await log.commit()
        assert [event for _, event in await read(log, done)][-1] == Done("completed", Usage())
        assert log.transcript(open_).open[0].content == "midon"


async def test_a_debate_is_listed_with_its_state_newest_first(log: Log) -> None:
    first, second = begin(log, "First"), begin(log, "Second")
    log.append(second, AgentStart("Optimist", 1, 1, 1))
    await end(log, first)
    assert [(row.id, row.status, row.reason) for row in log.list(10)] == [
        (second, "running", None),
        (first, "done", "completed"),
    ]
    assert [row.id for row in log.list(10, before=second)] == [first]


async def test_journal_rows_go_once_their_events_stand_in_segments(log: Log, tmp_path: Path) -> None:
    first, second = begin(log), begin(log)
    for debate in (first, second):
        for _ in range(3):
            log.append(debate, Token("Optimist", 1, "word"))
            await log.commit()
    other = Store(tmp_path, read_only=True)
    log.append(first, AgentEnd("Optimist", 1, 1, "", "stop", Usage(), 1))
    await log.commit()
    log.writer.tidy()
    await log.commit()
    journal = b"".join(frames for _, frames in other.journal())
    assert [fr.name(block)[0] for block in fr.split(journal)].count(second) == 4
    log.append(second, AgentEnd("Optimist", 1, 1, "", "stop", Usage(), 1))
    await log.commit()
    log.writer.tidy()
    await log.commit()
    assert list(other.journal()) == []
    assert [len(list(fr.events(other.frames(debate)))) for debate in (first, second)] == [5, 5]
    other.close()


async def test_what_the_log_failed_is_seen_by_nobody_and_ended_when_there_is_room(log: Log) -> None:
    failed, never = begin(log), new_id()
    log.append(failed, AgentStart("Optimist", 1, 1, 1))
    await log.commit()
    (pages,) = log._store._write.execute("PRAGMA page_count").fetchone()
    log._store._write.execute(f"PRAGMA max_page_count = {pages}")
    log.append(failed, Token("Optimist", 1, "x" * 100_000))
    log.create(DebateStart(never, "Never", "classic", 1, ()), b"{}")
    with pytest.raises(LogUnavailable, match="Make room"):
        await log.commit()
    async with aclosing(log.follow({failed: 0})) as batches:
        told = [batch async for batch in batches]
    assert [(batch.last, batch.final, batch.failed is not None) for batch in told] == [
        (2, False, False),
        (2, True, True),
    ]
    with pytest.raises(LogUnavailable):
        log.append(failed, Token("Optimist", 1, "y"))
    assert not log.has(never)

    log._store._write.execute("PRAGMA max_page_count = 1000000")
    for _ in range(2):  # to find that there is room, and to end what was lost
        log.writer.tidy()
        await log.commit()
    await log.commit()
    events = [event for _, event in await read(log, failed)]
    assert [event.type for event in events] == ["debate_start", "agent_start", "agent_error", "error", "done"]
    assert [row.status for row in log.list(5)] == ["done"]


async def test_a_shutdown_in_the_middle_of_a_checkpoint_loses_nothing(tmp_path: Path) -> None:
    async with Log(tmp_path) as log:
        debate = begin(log)
        for _ in range(20):
            log.append(debate, Token("Optimist", 1, "x" * 200_000))
            await log.commit()
        checkpoint = asyncio.create_task(log.writer.checkpoint())
        await asyncio.sleep(0)
        log.append(debate, Token("Optimist", 1, "last"))
        checkpoint.cancel()
        await asyncio.gather(checkpoint, return_exceptions=True)
    async with Log(tmp_path) as log:
        assert log.position(debate) == (22, False)


async def test_a_debate_is_deleted_with_the_next_commit(log: Log) -> None:
    debate = begin(log)
    with pytest.raises(StillRunning):
        log.forget(debate)
    await end(log, debate)
    log.forget(debate)
    await log.commit()
    assert not log.has(debate)
    with pytest.raises(UnknownDebate):
        log.follow({debate: 0})
