"""What the Python peers share: a debate by the openai package, as its docs show it, and a listener on a free port."""

import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

from openai import AsyncOpenAI

# As many as our server lets wait to be accepted: with asyncio's 100 a thousand viewers at once are turned away.
BACKLOG = 1024
AGENTS = ("Optimist", "Skeptic", "Moderator")

client = AsyncOpenAI(base_url=sys.argv[1], api_key="none")


async def debate(topic: str) -> AsyncIterator[dict[str, Any]]:
    """The events of a debate, as they come."""
    messages: list[Any] = [{"role": "user", "content": f"Debate: {topic}"}]
    for agent in AGENTS:
        yield {"type": "agent_start", "agent": agent}
        speech = []
        stream = await client.chat.completions.create(
            model="paced",
            messages=[{"role": "system", "content": f"You are the {agent}."}, *messages],
            stream=True,
        )
        async for chunk in stream:
            if chunk.choices and (content := chunk.choices[0].delta.content):
                speech.append(content)
                yield {"type": "token", "agent": agent, "content": content}
        messages.append({"role": "user", "content": f"{agent}: {''.join(speech)}"})
        yield {"type": "agent_end", "agent": agent, "content": "".join(speech)}
    yield {"type": "done"}


def listener() -> socket.socket:
    """A socket that listens; its address is printed."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(BACKLOG)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    return listening
