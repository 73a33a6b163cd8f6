"""The writer on a disk that takes its time: nobody else waits for it, and nothing is lost or seen too soon."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from debate_server.core.errors import LogUnavailable
from debate_server.core.events import AgentEnd, Done, Token, Usage
from debate_server.log.log import Log
from debate_server.log.rows import Key
from debate_server.log.tail import Batch
from debate_server.log.writer import SLOW_SECONDS
from tests.log.test_log import begin, end, read
from tests.web.wire import PATIENCE

SOON = 10.0
KEY = Key("", "mine", "asked")


@dataclass
class Disk:
    """Every commit that writes into the journal takes as long as the disk wants: too long at first, then until it is
    let go."""

    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    quick: bool = False
    broken: bool = False

    def under(self, log: Log) -> None:
        log._store._write.create_function("wait", 0, self._wait)
        log._store._write.execute("CREATE TEMP TRIGGER slow BEFORE INSERT ON journal BEGIN SELECT wait(); END")

    def _wait(self) -> None:
        if self.broken:
            raise OSError
        if self.quick:
            return
        if threading.current_thread() is threading.main_thread():
            time.sleep(2 * SLOW_SECONDS)  # what a slow commit is
            return
        self.reached.set()
        assert self.let_go.wait(PATIENCE)
        if self.broken:
            raise OSError


@pytest.fixture
async def disk() -> AsyncIterator[Disk]:
    disk = Disk()
    yield disk
    disk.let_go.set()


@pytest.fixture
async def log(tmp_path: Path, disk: Disk) -> AsyncIterator[Log]:
    async with Log(tmp_path) as opened:
        disk.under(opened)
        yield opened
        disk.let_go.set()


async def underway(log: Log, disk: Disk, debate: str) -> None:
    """Have a token written, which takes until the disk lets go."""
    await log.commit()  # the one by which it is known to be slow
    log.append(debate, Token("Optimist", 1, "first "))
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.to_thread(disk.reached.wait, PATIENCE)


async def watch(log: Log, debate: str) -> list[Batch]:
    async with aclosing(log.follow({debate: 0})) as batches:
        return [batch async for batch in batches]


async def test_nobody_else_waits_for_a_slow_disk_and_nothing_is_seen_too_soon(log: Log, disk: Disk) -> None:
    debate = begin(log)
    await underway(log, disk, debate)
    for number in range(100):
        log.append(debate, Token("Optimist", 1, f"{number} "))
    other = begin(log, "Other")
    assert log.position(debate) == (1, False)
    assert list(log.committed(debate, 1)) == []
    durable = asyncio.create_task(log.commit())
    await asyncio.sleep(0)
    disk.let_go.set()
    await durable
    assert (log.position(debate), log.position(other)) == ((102, False), (1, False))
    log.append(debate, AgentEnd("Optimist", 1, 1, "words", "stop", Usage(), 1))
    await end(log, debate)
    events = await read(log, debate)
    assert [seq for seq, _ in events] == list(range(1, 105))
    said = [event.content for _, event in events if isinstance(event, Token)]
    assert said == ["first ", *(f"{number} " for number in range(100))]


async def test_who_waits_for_what_is_underway_waits_until_it_is_durable(log: Log, disk: Disk) -> None:
    debate = begin(log)
    await underway(log, disk, debate)
    durable = asyncio.create_task(log.commit())
    await asyncio.sleep(0)
    assert not durable.done()
    disk.let_go.set()
    await durable
    assert log.position(debate) == (2, False)


async def test_a_key_is_known_from_the_moment_it_is_taken(log: Log, disk: Disk) -> None:
    debate = begin(log)
    await log.commit()
    log.claim(KEY, debate)
    log.append(debate, Token("Optimist", 1, "first "))
    assert log.made_under(KEY) == debate
    assert await asyncio.to_thread(disk.reached.wait, PATIENCE)
    assert log.made_under(KEY) == debate
    disk.let_go.set()
    await log.commit()
    assert log.made_under(KEY) == debate


async def test_a_run_is_known_from_the_moment_it_is_opened(log: Log, disk: Disk) -> None:
    debate = begin(log)
    await log.commit()
    log.open_run("r", b"asked", KEY)
    log.append(debate, Token("Optimist", 1, "first "))
    assert log.run("r").asked == b"asked"
    assert await asyncio.to_thread(disk.reached.wait, PATIENCE)
    assert (log.made_under(KEY), log.run("r").asked) == ("r", b"asked")
    log.ask_anew(log.run("r"), b"more")
    assert log.run("r").asked == b"more"
    disk.let_go.set()
    await log.commit()
    assert log.run("r").asked == b"more"


async def test_an_end_that_comes_while_the_words_before_it_are_written_is_the_end(log: Log, disk: Disk) -> None:
    debate = begin(log)
    await underway(log, disk, debate)
    log.append(debate, Done("completed", Usage()))
    assert log.position(debate) == (1, False)
    disk.let_go.set()
    await log.commit()
    assert log.position(debate) == (3, True)
    assert [event.type for _, event in await read(log, debate)] == ["debate_start", "token", "done"]


async def test_what_is_underway_at_the_end_is_kept(tmp_path: Path) -> None:
    disk = Disk()
    async with Log(tmp_path) as log:
        disk.under(log)
        debate = begin(log)
        await underway(log, disk, debate)
        log.append(debate, Token("Optimist", 1, "second"))
        asyncio.get_running_loop().call_soon(disk.let_go.set)
    async with Log(tmp_path) as log:
        assert log.position(debate) == (3, False)


async def test_a_slow_disk_that_fails_ends_its_debates_when_there_is_room(log: Log, disk: Disk) -> None:
    debate, other = begin(log), begin(log)
    await underway(log, disk, debate)
    watching = [asyncio.create_task(watch(log, each)) for each in (debate, other)]
    await asyncio.sleep(0)
    disk.broken = True
    log.append(debate, Token("Optimist", 1, "never seen"))
    log.append(other, Token("Optimist", 1, "nor this, though it was to be written later"))
    never = begin(log)
    disk.let_go.set()
    with pytest.raises(LogUnavailable):
        await log.commit()
    async with asyncio.timeout(SOON):  # before housekeeping would come by
        told = await asyncio.gather(*watching)
    assert [[batch.failed is not None for batch in batches] for batches in told] == [[False, True], [False, True]]
    for each in (debate, other):
        with pytest.raises(LogUnavailable):
            log.append(each, Token("Optimist", 1, "no more"))
        assert log.position(each) == (1, False)
    assert not log.has(never)
    disk.broken = False
    for _ in range(2):  # to find that it can be written again, and to end what was lost
        log.writer.tidy()
        await log.commit()
    for each in (debate, other):
        assert [event.type for _, event in await read(log, each)] == ["debate_start", "error", "done"]


async def test_a_checkpoint_has_its_turn_on_a_slow_disk(log: Log, disk: Disk) -> None:
    debate = begin(log)
    await underway(log, disk, debate)
    checkpoint = asyncio.create_task(log.writer.checkpoint())
    await asyncio.sleep(0)
    log.append(debate, Token("Optimist", 1, "second"))
    disk.let_go.set()
    await checkpoint
    await log.commit()
    assert log.position(debate) == (3, False)


async def test_a_debate_that_ends_while_housekeeping_seals_is_over(log: Log, disk: Disk) -> None:
    debate, other = begin(log), begin(log)
    await log.commit()
    log.append(debate, Done("completed", Usage()))
    log.append(other, Token("Optimist", 1, "has the disk wait"))
    assert await asyncio.to_thread(disk.reached.wait, PATIENCE)
    log.writer.seal()
    log.writer.tidy()
    disk.let_go.set()
    async with asyncio.timeout(SOON):
        await log.commit()
    assert [log.position(each) for each in (debate, other)] == [(2, True), (2, False)]
    assert [row.id for row in log.live()] == [other]


async def test_a_bug_in_a_commit_ends_its_debates_and_nothing_else(log: Log, disk: Disk) -> None:
    disk.quick = True
    debate = begin(log)
    await log.commit()
    log.writer.pending.claims["", "spoilt"] = ("no key", debate)  # type: ignore[assignment]
    log.append(debate, Token("Optimist", 1, "never seen"))
    with pytest.raises(LogUnavailable, match="its own log has the details"):
        await log.commit()
    for _ in range(2):  # to find that it can be written again, and to end what was lost
        log.writer.tidy()
        await log.commit()
    assert [event.type for _, event in await read(log, debate)] == ["debate_start", "error", "done"]
    other = begin(log)
    await log.commit()
    assert log.position(other) == (1, False)


async def test_a_disk_that_is_quick_again_is_written_to_without_a_thread(log: Log, disk: Disk) -> None:
    debate = begin(log)
    await underway(log, disk, debate)
    disk.quick = True
    disk.let_go.set()
    last = 1
    async with asyncio.timeout(PATIENCE):
        while log.position(debate)[0] < last:  # a thread may be slow too, on a machine that has other work
            await log.commit()
            last = log.append(debate, Token("Optimist", 1, "word"))
            log.writer.flush()
