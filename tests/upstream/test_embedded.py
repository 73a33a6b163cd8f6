"""The embedded model itself: the real one, in its real process."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import venv
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from debate_server.core.errors import Failed, NotInstalled, Unreachable
from debate_server.settings import Settings
from debate_server.upstream import demo_install
from debate_server.upstream.embedded import CONTEXT, DEMO_MODEL, Embedded, missing
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.upstream import Upstream
from tests.upstream.conftest import listen

ROOT = Path(__file__).parents[2]
# So much longer than anything here takes that only a hang reaches it.
HANG = 120.0

# A parent that starts the model, prints its child's address, and then only waits to be killed.
PARENT = """
import asyncio
from debate_server.upstream.embedded import Embedded

async def main():
    endpoint = await Embedded().start()
    print(endpoint.base_url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def embedded() -> AsyncIterator[Embedded]:
    model = Embedded()
    yield model
    await model.close()


def _port(endpoint: Endpoint) -> int:
    return int(endpoint.base_url.removesuffix("/v1").rsplit(":", 1)[1])


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def _say(endpoint: Endpoint, key: str | None) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    messages = [{"role": "user", "content": "What is a debate? Answer in one sentence."}]
    body = {"messages": messages, "max_tokens": 24, "stream": True}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{endpoint.base_url}/chat/completions", json=body, headers=headers) as response,
    ):
        return response.status, await response.read()


async def test_it_streams_words_to_who_has_the_key(embedded: Embedded) -> None:
    endpoint = await embedded.start()
    status, streamed = await _say(endpoint, endpoint.api_key)
    assert status == 200
    assert streamed.count(b'"content":"') > 5
    assert b'"finish_reason":"' in streamed
    assert b"[DONE]" in streamed
    assert DEMO_MODEL.encode() in streamed
    assert b".gguf" not in streamed
    assert endpoint.demo
    assert not endpoint.pooled
    assert embedded.context == CONTEXT


async def test_it_keeps_to_a_schema_that_nobody_tells_it_of() -> None:
    winners = ["the first", "the second", "nobody"]
    ballot = {
        "type": "object",
        "properties": {"winner": {"enum": winners}, "reason": {"type": "string", "maxLength": 20}},
        "required": ["winner", "reason"],
        "additionalProperties": False,
    }
    async with Upstream(Settings(demo=True)) as upstream:
        said = await listen(upstream, schema=ballot, max_tokens=100)

    assert said.finish.reason == "stop"
    read = json.loads(said.text)
    assert read.keys() == {"winner", "reason"}
    assert read["winner"] in winners
    assert isinstance(read["reason"], str)


async def test_it_says_the_same_by_the_same_seed_also_beside_others() -> None:
    async with Upstream(Settings(demo=True)) as upstream:
        alone = await listen(upstream, temperature=0.8, max_tokens=24, seed=7)
        beside = await asyncio.gather(*(listen(upstream, temperature=0.8, max_tokens=24, seed=n) for n in (8, 7, 9)))
    assert alone.text == beside[1].text
    assert len({said.text for said in beside}) == 3


@pytest.mark.parametrize("key", [None, "another"])
async def test_it_says_nothing_without_the_key(embedded: Embedded, key: str | None) -> None:
    endpoint = await embedded.start()
    status, body = await _say(endpoint, key)
    assert status == 401
    assert endpoint.api_key is not None
    assert endpoint.api_key.encode() not in body


async def test_it_lets_no_other_site_read(embedded: Embedded) -> None:
    endpoint = await embedded.start()
    headers = {"Origin": "https://example.org", "Authorization": f"Bearer {endpoint.api_key}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{endpoint.base_url}/models", headers=headers) as response,
    ):
        assert response.headers.get("Access-Control-Allow-Origin", "") == ""


async def test_concurrent_starts_share_one_process_and_survive_a_cancelled_caller(embedded: Embedded) -> None:
    callers = [asyncio.create_task(embedded.start()) for _ in range(4)]
    await asyncio.sleep(0)
    callers[0].cancel()
    endpoints = await asyncio.gather(*callers[1:])
    assert len({(endpoint.base_url, endpoint.api_key) for endpoint in endpoints}) == 1
    assert callers[0].cancelled()
    assert embedded.running
    assert await embedded.start() == endpoints[0]


async def test_it_is_started_again_after_its_process_died(embedded: Embedded) -> None:
    first = await embedded.start()
    assert embedded.pid is not None
    os.kill(embedded.pid, signal.SIGTERM)
    async with asyncio.timeout(HANG):
        while embedded.running:  # noqa: ASYNC110 - no event tells it, and nothing but the loop is waited for
            await asyncio.sleep(0)
    second = await embedded.start()
    assert second.api_key != first.api_key
    assert (await _say(second, second.api_key))[0] == 200


async def test_close_ends_the_process_and_may_be_repeated() -> None:
    embedded = Embedded()
    await embedded.close()
    port = _port(await embedded.start())
    assert await _listens(port)
    await embedded.close()
    await embedded.close()
    assert not embedded.running
    assert not await _listens(port)


async def test_close_during_a_start_leaves_no_caller_waiting() -> None:
    embedded = Embedded()
    caller = asyncio.create_task(embedded.start())
    await asyncio.sleep(0)
    await embedded.close()
    with pytest.raises(Unreachable, match="closed before"):
        await caller


async def test_it_ends_when_its_parent_is_killed() -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stderr is not None
    base_url = (await parent.stdout.readline()).decode().strip()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.removesuffix("/v1").rsplit(":", 1)[1]))
    # A request that is never finished: its connection is open for as long as the child lives.
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\n")
    parent.kill()
    async with asyncio.timeout(HANG):
        await parent.wait()
        await parent.stderr.read()
        with_reset = await asyncio.gather(reader.read(), return_exceptions=True)
    assert with_reset[0] == b"" or isinstance(with_reset[0], ConnectionError)
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@pytest.mark.parametrize("content", [b"no model at all", b""], ids=["text", "empty"])
async def test_a_file_that_is_no_model_is_seen_before_it_is_loaded(tmp_path: Path, content: bytes) -> None:
    gguf = tmp_path / "broken.gguf"
    gguf.write_bytes(content)
    why = missing(gguf)
    assert why is not None
    assert why.startswith(f"{gguf} is no GGUF file. Give --gguf ")
    with pytest.raises(NotInstalled, match="is no GGUF file"):
        await Embedded(gguf).start()


async def test_a_model_that_cannot_be_loaded_fails_in_one_line(tmp_path: Path) -> None:
    gguf = tmp_path / "broken.gguf"
    gguf.write_bytes(b"GGUF\x03\x00\x00\x00")
    embedded = Embedded(gguf)
    with pytest.raises(Failed) as failure:
        await embedded.start()
    await embedded.close()
    assert failure.value.message.startswith("The embedded model broken cannot be loaded: ")
    assert "--gguf" in failure.value.message
    assert "Traceback" not in failure.value.message
    assert "\n" not in failure.value.message


async def test_it_can_be_started_after_a_start_failed(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "late.gguf")
    for error in (NotInstalled, Failed):
        with pytest.raises(error):
            await embedded.start()
        (tmp_path / "late.gguf").write_bytes(b"GGUF, and no model")
    await embedded.close()


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match=r"no file .*nowhere\.gguf"):
        await Embedded(tmp_path / "nowhere.gguf").start()


def test_where_it_is_not_installed_it_says_what_to_type(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    python = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin") / "python"

    def said(program: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [python, "-c", program], env=environment, text=True, capture_output=True, check=True
        ).stdout

    absent = said("from debate_server.upstream.embedded import missing; print(missing())")
    assert "debate demo install" in absent
    assert "OPENAI_BASE_URL" in absent
    failing = (
        "from debate_server.core.errors import NotInstalled\n"
        "from debate_server.upstream.demo_install import install\n"
        "try: install(print)\n"
        "except NotInstalled as error: print(error.message)\n"
    )
    assert "uv pip install" in said(failing)


def test_install_has_nothing_to_do_where_it_is_installed() -> None:
    said: list[str] = []
    demo_install.install(said.append)
    assert said == ["The demo model is installed."]
    assert missing() is None


def test_the_process_starts_without_the_server_s_packages() -> None:
    program = (
        "import sys, debate_server.upstream.embedded_child as child\n"
        "print(*sorted({'aiohttp', 'openai', 'pydantic', 'asyncio'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, check=True).stdout
    assert loaded.split() == []
