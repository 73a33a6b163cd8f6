"""A hunt for the canary: one server's life, in which everything is asked for, and all that came out of it.

What is kept is bytes under the name of where they came from; what they must not hold is no business of this module.
"""

import asyncio
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from debate_server.upstream.embedded import DEMO_MODEL
from debate_server.web.page import STATIC
from tests.integration.canary import REFUSED, SPOKEN, TOKEN

SEATS: Final = ("Optimist", "Skeptic", "Moderator")
FRAMINGS: Final = ("text/event-stream", "application/x-ndjson", "text/plain")
PROC: Final = Path("/proc")
# What has not come after so many seconds does not come.
PATIENCE: Final = 60

# Requests that are refused, each in its own way: method, path and what else they have.
REFUSALS: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("POST", "/api/debates", {"data": b"{"}),
    ("POST", "/api/debates", {"json": {"topic": " "}}),
    ("POST", "/api/debates", {"json": {"topic": "x", "agents": [{"name": "Nobody"}]}}),
    ("POST", "/api/debates", {"json": {"topic": "x", "base_url": "http://127.0.0.1:9/v1"}}),
    ("GET", "/api/debate?topic=x&agents=Optimist", {}),
    ("GET", "/api/debates?limit=many", {}),
    ("GET", "/api/debates/nosuchdebate/events", {"headers": {"Last-Event-ID": "x"}}),
    ("GET", "/nowhere", {}),
    ("DELETE", "/api/models", {}),
    ("GET", "/api/models", {"headers": {"Authorization": "Bearer wrong"}}),
    ("GET", "/", {"headers": {"Authorization": "Bearer wrong", "Accept": "text/html"}}),
    ("GET", "/api/models", {"headers": {"Host": "evil.example"}}),
    ("GET", "/api/models", {"headers": {"Origin": "http://evil.example"}}),
]


@dataclass
class Hunt:
    """What one server answers, and what its data and processes show. ``debates`` are ids by what was to happen."""

    session: aiohttp.ClientSession
    pid: int
    debates: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    titles: dict[str, bytes] = field(default_factory=dict)
    inherited: dict[str, bytes] = field(default_factory=dict)

    async def ask(self, method: str, path: str, name: str = "", **options: Any) -> bytes:
        """An answer to its end, kept with its head."""
        async with self.session.request(method, path, allow_redirects=False, **options) as answer:
            body = await answer.read()
            head = f"{answer.status} {answer.reason} {dict(answer.headers)}\n".encode()
        self.answers[name or f"{method} {path} {options or ''}"] = head + body
        return body

    async def hold_debates(self) -> None:
        """Debates that fail in all ways, streamed by GET; one that is held to its end, by POST; and one on a model that
        has to be found first."""
        seats = dict(zip(SEATS, SPOKEN, strict=True))
        said = {"topic": "Said?", "rounds": 1, "agents": [{"name": seat, "model": seats[seat]} for seat in SEATS]}
        async with asyncio.TaskGroup() as tasks:
            for model in REFUSED:
                query = [("topic", f"{model}?"), ("rounds", "1"), *(("agents", f"{seat}={model}") for seat in SEATS)]
                tasks.create_task(self._hold(model, "GET", params=query))
            tasks.create_task(self._hold("said", "POST", json=said))
            tasks.create_task(self._hold("listed", "POST", json={"topic": "Which model?", "rounds": 1}))

    async def _hold(self, name: str, method: str, **options: Any) -> None:
        body = await self.ask(method, "/api/debate", f"{name}, live", **options)
        start = body[body.index(b"data: ") + 6 :].partition(b"\n")[0]
        self.debates[name] = orjson.loads(start)["debate"]

    async def meet_the_child(self) -> None:
        """Let the embedded model be started, and look at the server and its children as soon as it is there."""
        agents = [{"name": seat, "model": DEMO_MODEL} for seat in SEATS]
        started = orjson.loads(await self.ask("POST", "/api/debates", json={"topic": "At home?", "agents": agents}))
        async with asyncio.timeout(PATIENCE):
            # No event tells of it. Until it is a program of its own, a child looks like its parent.
            while not any(b"embedded_child" in (place / "cmdline").read_bytes() for place in children(self.pid)):
                await self.ask("GET", "/healthz")
        for place in [PROC / str(self.pid), *children(self.pid)]:
            for title in [place / "cmdline", *place.glob("task/*/comm")]:
                self.titles[str(title)] = title.read_bytes()
            if place.name != str(self.pid):
                self.inherited[place.name] = (place / "environ").read_bytes()
        await self.ask("POST", f"/api/debates/{started['id']}/stop")

    async def read_all(self) -> None:
        """Everything that can be read, in every form, and every refusal."""
        parts = [f"/static/{path.relative_to(STATIC).as_posix()}" for path in STATIC.rglob("*") if path.is_file()]
        offers = ["/api/models", "/api/formats", "/metrics", "/healthz", "/openapi.json", "/", "/api/debates"]
        cursors = "&".join(f"after={debate}.0" for debate in self.debates.values())
        for path in [*parts, *offers, f"/api/events?{cursors}"]:
            await self.ask("GET", path)
        for debate in self.debates.values():
            bare = f"/api/debates/{debate}"
            for framing in FRAMINGS:
                await self.ask("GET", f"{bare}/events", headers={"Accept": framing})
            for end in ("", "/messages?since=0", "/export.md", "/export.json", "/export.html"):
                await self.ask("GET", bare + end)
            await self.ask("GET", f"/d/{debate}")
        for method, path, options in REFUSALS:
            await self.ask(method, path, **options)
        self.answers["garbage"] = await self._garbage()

    async def _garbage(self) -> bytes:
        """The answer to what is almost a request, with the token in it."""
        place = self.session._base_url
        assert place is not None
        reader, writer = await asyncio.open_connection(place.host, place.port)
        writer.write(f"GET /?token={TOKEN} HTTP/1.1\r\nAuthorization Bearer {TOKEN}\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.removeprefix(b"HTTP/1.0 ")


def children(pid: int) -> Iterator[Path]:
    """The places of all processes below one."""
    for path in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            if path.read_bytes().rpartition(b")")[2].split()[1] == b"%d" % pid:
                yield path.parent
                yield from children(int(path.parent.name))


def contents(data: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder: its permissions and its bytes."""
    files = [path for path in sorted(data.rglob("*")) if path.is_file()]
    return {path.name: (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) for path in files}
