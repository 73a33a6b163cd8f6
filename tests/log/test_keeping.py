"""What the log keeps, where and for how long: on disk before anybody sees it, in memory no more than is needed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from debate_server.core.errors import LogUnavailable
from debate_server.core.events import AgentStart, Token
from debate_server.log import frames as fr
from debate_server.log.log import Log
from debate_server.log.pending import SEGMENT_FRAMES
from debate_server.log.store import FILE, Store
from debate_server.log.tail import Batch
from tests.log.test_log import begin, end, read, speak
from tests.web.wire import PATIENCE


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    async with Log(tmp_path) as opened:
        yield opened


async def test_whoever_reads_in_the_flush_itself_finds_it_on_disk_too(log: Log, tmp_path: Path) -> None:
    debate = begin(log)
    await log.commit()
    other, found = Store(tmp_path, read_only=True), list[tuple[int, int]]()

    def ring(new: Batch | None) -> None:
        while batch := cursors.take():
            *_, (on_disk, _) = fr.events(other.frames(debate))
            found.append((batch.last, on_disk))

    cursors = log.cursors({debate: 1}, ring)
    await speak(log, debate, 1, 120)
    await end(log, debate)
    other.close()
    assert found[-1] == (124, 124)
    assert all(seen == on_disk for seen, on_disk in found)


async def test_a_bell_brings_what_is_new_once_a_commit_and_nothing_once_it_is_taken_down(log: Log) -> None:
    debates, rung = [begin(log) for _ in range(3)], list[Batch | None]()
    await log.commit()
    cursors = log.cursors(dict.fromkeys(debates, 1), rung.append)

    async def words() -> None:
        for debate in debates * 2:
            log.append(debate, Token("Optimist", 1, "word"))
        await log.commit()

    await words()
    assert [(batch.debate, batch.after, batch.last) for batch in rung if batch] == [(each, 1, 3) for each in debates]
    cursors.close()
    await words()
    assert len(rung) == 3


async def test_all_who_have_what_came_before_get_the_same_batch(log: Log) -> None:
    debate, rung = begin(log), list[Batch | None]()
    await log.commit()
    several = [log.cursors({debate: 1}, lambda batch: rung.append(batch)) for _ in range(3)]
    log.append(debate, Token("Optimist", 1, "word"))
    await log.commit()
    assert len(rung) == 3
    assert len({id(batch) for batch in rung}) == 1
    for cursors in several:
        cursors.close()


async def test_a_debate_that_failed_and_is_ended_is_not_taken_for_another(log: Log) -> None:
    failed, going_on, taken = begin(log), begin(log), list[bool]()
    await log.commit()
    both = {failed: 1, going_on: 1}
    cursors = log.cursors(both, lambda batch: taken.append(batch is not None and cursors.meets(batch)))
    (pages,) = log._store._write.execute("PRAGMA page_count").fetchone()
    log._store._write.execute(f"PRAGMA max_page_count = {pages}")
    log.append(failed, Token("Optimist", 1, "x" * 100_000))
    with pytest.raises(LogUnavailable):
        await log.commit()
    told = cursors.take()
    assert told is not None
    assert (told.debate, told.failed is not None) == (failed, True)
    log._store._write.execute("PRAGMA max_page_count = 1000000")
    for _ in range(2):
        log.writer.tidy()
        await log.commit()
    assert log.position(failed) == (3, True)
    assert taken == [False, False]
    assert not cursors.over
    cursors.close()


async def test_no_debate_of_many_keeps_another_waiting(log: Log) -> None:
    debates = [begin(log) for _ in range(3)]
    for debate in debates:
        for turn in (1, 2, 3):
            await speak(log, debate, turn, 60)
            await log.commit()
        await end(log, debate)
    cursors = log.cursors(dict.fromkeys(debates, 0), lambda _: None)
    told = [batch.debate for _ in range(9) if (batch := cursors.take())]
    cursors.close()
    assert told == debates * 3


async def test_memory_holds_the_newest_segments_of_a_debate_and_no_more(log: Log) -> None:
    debate = begin(log)
    for turn in (1, 2, 3):
        await speak(log, debate, turn, 60)
        await log.commit()
    tail = log._tails[debate]
    assert (tail.first, tail.last, len(tail.frames)) == (126, 187, 62)
    log.append(debate, AgentStart("Optimist", 4, 1, 1))
    for _ in range(5 * SEGMENT_FRAMES):  # a turn that does not end
        log.append(debate, Token("Optimist", 4, "word"))
        log.writer.flush()
    assert len(tail.frames) <= 2 * SEGMENT_FRAMES + 2
    assert [seq for seq, _ in fr.events(log.committed(debate, 0))] == list(range(1, tail.last + 1))


async def test_what_is_appended_during_a_checkpoint_waits_for_its_end(log: Log) -> None:
    debate = begin(log)
    await log.commit()
    checkpoint = asyncio.create_task(log.writer.checkpoint())
    await asyncio.sleep(0)
    log.append(debate, Token("Optimist", 1, "word"))
    assert (log.writer._checkpointing, log.writer._timer) == (True, None)
    log.writer._slow = False  # as the first commit leaves it on a machine with nothing else to do
    await checkpoint
    assert log.position(debate) == (2, False)


async def test_a_deleted_debates_words_are_gone_and_its_place_is_free(tmp_path: Path) -> None:
    async with Log(tmp_path) as log:
        debate = begin(log)
        await speak(log, debate, 1, 5)
        await end(log, debate)
        log.forget(debate)
        await log.commit()
    with sqlite3.connect(tmp_path / FILE) as db:
        assert db.execute("SELECT count(*) FROM segment").fetchone() == (0,)
    db.close()
    async with Log(tmp_path) as log:
        again = begin(log)
        await end(log, again)
        assert [event.type for _, event in await read(log, again)] == ["debate_start", "done"]


async def test_silence_is_counted_from_the_last_event(tmp_path: Path) -> None:
    now = 100.0
    killed = Log(tmp_path, clock=lambda: now)
    debate = begin(killed)
    await speak(killed, debate, 1, 1)
    await killed.commit()
    now = 200.0
    await speak(killed, debate, 2, 1)
    await killed.commit()
    now = 250.0
    async with Log(tmp_path, clock=lambda: now) as log:
        assert log.silent_for(debate) == 50.0


async def test_what_a_quiet_debate_had_sealed_is_not_doubled_by_a_kill(tmp_path: Path) -> None:
    killed = Log(tmp_path)
    debate = begin(killed)
    await killed.commit()
    tail = killed._tails[debate]
    tail.seal = True  # as housekeeping has it after a while
    killed.writer.touch(tail)
    await killed.commit()
    async with Log(tmp_path) as log:
        assert [seq for seq, _ in fr.events(log.committed(debate, 0))] == [1]


def test_a_transaction_that_fails_writes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def write() -> None:
        with store.transaction():
            store.add_segment(1, 1, 0.0, b"x")
            store.add_segment(1, 1, 0.0, b"x")  # the same once more

    with pytest.raises(LogUnavailable):
        write()
    assert store.last_segment(1) == 0
    store.close()


async def test_a_large_wal_is_moved_into_the_database(log: Log, tmp_path: Path) -> None:
    debate = begin(log)
    for _ in range(5):
        log.append(debate, Token("Optimist", 1, "x" * 1_000_000))
        await log.commit()
    assert (tmp_path / FILE).stat().st_size < 1_000_000
    async with asyncio.timeout(PATIENCE):
        while (tmp_path / FILE).stat().st_size < 4_000_000:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_quiet_debate_keeps_no_journal_rows(log: Log, tmp_path: Path) -> None:
    debate, other = begin(log), Store(tmp_path, read_only=True)
    await log.commit()
    assert list(other.journal()) != []
    log.writer.seal()  # as housekeeping does now and then
    await log.commit()
    log.writer.tidy()
    await log.commit()
    assert list(other.journal()) == []
    assert [event.type for _, event in fr.events(other.frames(debate))] == ["debate_start"]
    other.close()
