"""A peer: aiohttp, aiohttp-sse and openai, as their own docs show them, on uvloop. Nothing is durable.

``aiohttp_debate.py BASE_URL`` prints its address. ``GET /debate?topic=`` holds a debate and streams it;
``POST /broadcast?topic=`` holds one that all viewers of ``GET /watch`` see, by a queue for each.
"""

import asyncio
import json

import uvloop
from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response
from debate import BACKLOG, debate, listener

queues = set[asyncio.Queue[tuple[str, str]]]()
tasks = set[asyncio.Task[None]]()


async def stream(request: web.Request) -> EventSourceResponse:
    async with sse_response(request) as response:
        async for event in debate(request.query["topic"]):
            await response.send(json.dumps(event), event=event["type"])
    return response


async def broadcast(request: web.Request) -> web.Response:
    async def hold() -> None:
        async for event in debate(request.query["topic"]):
            sent = (event["type"], json.dumps(event))
            for queue in queues:
                queue.put_nowait(sent)

    tasks.add(asyncio.create_task(hold()))
    return web.Response(status=202)


async def watch(request: web.Request) -> EventSourceResponse:
    async with sse_response(request) as response:
        queue = asyncio.Queue[tuple[str, str]]()
        queues.add(queue)
        try:
            while response.is_connected():
                kind, sent = await queue.get()
                await response.send(sent, event=kind)
        finally:
            queues.remove(queue)
    return response


if __name__ == "__main__":
    app = web.Application()
    app.add_routes([web.get("/debate", stream), web.post("/broadcast", broadcast), web.get("/watch", watch)])
    web.run_app(app, sock=listener(), loop=uvloop.new_event_loop(), backlog=BACKLOG, print=None, access_log=None)
