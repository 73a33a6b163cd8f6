"""A peer: FastAPI, sse-starlette and openai, as their own docs show them, on the fastest uvicorn. Nothing is durable.

``fastapi_debate.py BASE_URL`` prints its address. ``GET /debate?topic=`` holds a debate and streams it;
``POST /broadcast?topic=`` holds one that all viewers of ``GET /watch`` see, by a queue for each.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import uvicorn
from debate import BACKLOG, debate, listener
from fastapi import FastAPI
from sse_starlette import EventSourceResponse, ServerSentEvent

app = FastAPI()
queues = set[asyncio.Queue[ServerSentEvent]]()
tasks = set[asyncio.Task[None]]()


@app.get("/debate")
async def stream(topic: str) -> EventSourceResponse:
    async def events() -> AsyncIterator[dict[str, str]]:
        async for event in debate(topic):
            yield {"event": event["type"], "data": json.dumps(event)}

    return EventSourceResponse(events())


@app.post("/broadcast", status_code=202)
async def broadcast(topic: str) -> None:
    async def hold() -> None:
        async for event in debate(topic):
            sent = ServerSentEvent(event=event["type"], data=json.dumps(event))
            for queue in queues:
                queue.put_nowait(sent)

    tasks.add(asyncio.create_task(hold()))


@app.get("/watch")
async def watch() -> EventSourceResponse:
    async def events() -> AsyncIterator[ServerSentEvent]:
        queue = asyncio.Queue[ServerSentEvent]()
        queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            queues.remove(queue)

    return EventSourceResponse(events())


if __name__ == "__main__":
    config = uvicorn.Config(app, loop="uvloop", http="httptools", backlog=BACKLOG, log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[listener()])
