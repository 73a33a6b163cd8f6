"""A disk that is no good: every command says so in one line that tells what to do, with exit code 2."""

import asyncio
import random

from debate_server.log.store import FILE
from tests.commands.conftest import Cli
from tests.fakes.script import Say
from tests.fakes.upstream import FakeUpstream

SMALL = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh"]  # no file can grow past 4 or 8 KB


async def test_no_command_takes_a_damaged_log_or_a_full_disk(debate: Cli, fake: FakeUpstream) -> None:
    fake.script = lambda _: [Say("word " * 2_000)]
    assert (await debate("run", "A topic", "--rounds", "1")).code == 0
    async with debate.start("serve", "--port", "0", through=SMALL) as served:
        full = await served.end()
    assert (full.code, full.out, full.err.count("\n")) == (2, "", 1)
    assert "--data" in full.err

    whole = (debate.data / FILE).read_bytes()
    (debate.data / FILE).write_bytes(whole[:4096] + random.Random(1).randbytes(len(whole) - 4096))
    commands = (["serve"], ["list"], ["doctor"])
    for ran, words in zip(await asyncio.gather(*[debate(*words) for words in commands]), commands, strict=True):
        assert ran.code == (1 if words == ["doctor"] else 2), (words, ran)
        assert "damaged" in ran.err + ran.out, (words, ran)
