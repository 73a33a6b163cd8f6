"""``debate serve``: it says where it listens, why it does not, and ends when it is told to."""

import asyncio
import signal
import socket
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.commands.conftest import Cli
from tests.conftest import until
from tests.fakes.script import Say, Stall
from tests.fakes.upstream import FakeUpstream


async def test_it_prints_its_address_alone_once_it_accepts_connections(debate: Cli) -> None:
    async with debate.serve() as (server, address):
        async with aiohttp.ClientSession(address) as session, session.get("/healthz") as response:
            assert response.status == 200
        server.send(signal.SIGTERM)
        ran = await server.end()
    assert (ran.code, ran.out) == (0, f"{address}\n")
    assert urlsplit(address).hostname == "127.0.0.1"


async def test_it_says_which_model_it_uses_and_how_to_change_it(debate: Cli, fake: FakeUpstream) -> None:
    async with debate.serve() as (server, _):
        assert server.process.stderr is not None
        said = (await server.process.stderr.readline()).decode()
    assert f"fake-chat at {fake.base_url}" in said
    assert "--model" in said


async def test_a_second_server_on_the_same_data_says_where_the_first_listens(debate: Cli) -> None:
    async with debate.serve() as (_, address):
        ran = await debate("serve", "--port", "0")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert address in ran.err


async def test_data_whose_server_was_killed_is_free_again(debate: Cli) -> None:
    async with debate.serve() as (server, _):
        server.send(signal.SIGKILL)
        await server.end()
    async with debate.serve() as (server, _):
        server.send(signal.SIGTERM)
        assert (await server.end()).code == 0


async def test_a_port_that_is_taken_is_one_line_that_says_how_to_choose_another(debate: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = await debate("serve", "--port", str(port))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert f"port {port}" in ran.err
    assert "--port" in ran.err


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a" * 64 + ".example"])
async def test_an_address_that_is_not_this_machines_is_one_line(debate: Cli, host: str) -> None:
    ran = await debate("serve", "--host", host, "--port", "0")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert host in ran.err


@pytest.mark.parametrize("data", ["file", "file/below", "/proc/debates"])
async def test_a_data_folder_that_cannot_be_written_is_one_line(debate: Cli, data: str) -> None:
    (debate.home / "file").write_text("a file")
    for ran in await asyncio.gather(debate("serve", "--data", data), debate("run", "Ready?", "--data", data)):
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert f"{data} cannot be written" in ran.err
        assert "--data" in ran.err


@pytest.mark.parametrize("key", ["two\nlines", "Schlüssel"])
async def test_a_key_that_cannot_be_one_is_not_shown(debate: Cli, key: str) -> None:
    ran = await debate("serve", "--port", "0", OPENAI_API_KEY=key)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert key not in ran.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_streams_open_and_the_debate_in_the_log(
    debate: Cli, fake: FakeUpstream, number: signal.Signals
) -> None:
    fake.play([Say("I was just", finish=None), Stall()])
    async with (
        debate.serve() as (server, address),
        aiohttp.ClientSession(address) as session,
        session.get("/api/debate?topic=Ready%3F") as streaming,
    ):
        await until(streaming, b"just")
        place = urlsplit(address)
        _, half = await asyncio.open_connection(place.hostname, place.port)
        half.write(b"POST /api/debates HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        async with session.get("/healthz"):  # the half request is there by now
            server.send(number)
        assert b"done" not in await streaming.read()
        ran = await server.end()
        half.close()
    assert ran.code == 0
    assert "error" not in ran.err
    [row] = (await debate("list", "--json")).events
    assert (row["status"], "I was just" in (await debate("show", row["id"])).out) == ("running", True)


async def test_a_second_signal_ends_it_at_once(debate: Cli) -> None:
    async with debate.serve() as (server, address):
        place = urlsplit(address)
        _, half = await asyncio.open_connection(place.hostname, place.port)  # holds up an orderly end
        half.write(b"POST /api/debates HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        async with aiohttp.ClientSession(address) as session, session.get("/healthz"):
            pass
        server.send(signal.SIGINT)
        server.send(signal.SIGTERM)
        ran = await server.end()
        half.close()
    assert ran.code in (128 + signal.SIGINT, 128 + signal.SIGTERM)


async def test_a_server_for_the_network_prints_an_address_with_a_token_and_run_goes_through_it(debate: Cli) -> None:
    async with debate.serve("--host", "0.0.0.0") as (_, page):
        address, token = page.split("/?token=")
        async with aiohttp.ClientSession(address) as session:
            async with session.get("/api/debates") as refused:
                assert refused.status == 401
            async with session.get("/api/debates", params={"token": token}) as allowed:
                assert allowed.status == 200
        assert len(token) >= 32
        ran = await debate("run", "Is it ours?", "--rounds", "1")
        assert ran.code == 0, ran.err


async def test_a_token_that_cannot_stand_in_an_address_is_refused_at_the_start(debate: Cli) -> None:
    ran = await debate("serve", "--token", "a b&c=d/e")
    assert (ran.code, "token has to be of this form" in ran.err) == (2, True)
    assert "a b&c" not in ran.err
