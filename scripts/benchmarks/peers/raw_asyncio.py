"""The floor: a debate that is broadcast by asyncio's own writers, with no HTTP to speak of and nothing else.

``raw_asyncio.py BASE_URL`` prints its address. A POST begins the debate; whoever GETs something sees it from there on.
"""

import asyncio
import json

import uvloop
from debate import BACKLOG, debate, listener

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

viewers = set[asyncio.StreamWriter]()


async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = await reader.readuntil(b"\r\n\r\n")
    if request.startswith(b"POST"):
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        await broadcast()
        return
    writer.write(HEAD)
    viewers.add(writer)
    await reader.read()
    viewers.remove(writer)


async def broadcast() -> None:
    async for event in debate("Load"):
        frame = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        for viewer in viewers:
            viewer.write(frame)


async def main() -> None:
    server = await asyncio.start_server(welcome, sock=listener(), backlog=BACKLOG)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
