"""A peer: sse-starlette replays events as its own docs show, one dict per event. Runs in the bench's environment."""

import json
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

EVENTS = [
    {"type": "token", "seq": seq, "agent": "Optimist", "turn": 1, "content": f"word{seq} "}
    for seq in range(1, int(sys.argv[1]) + 1)
]


async def replay(_: Request) -> EventSourceResponse:
    async def events() -> AsyncIterator[dict[str, Any]]:
        for event in EVENTS:
            yield {"id": str(event["seq"]), "data": json.dumps(event)}

    return EventSourceResponse(events())


if __name__ == "__main__":
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    app = Starlette(routes=[Route("/replay", replay)])
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
