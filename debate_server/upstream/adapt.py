"""How a request is put to a model that does not take every parameter: renamed or left out, learnt from its refusals.

Pure, but for ``Dialects``, which remembers what was learnt.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.request import Request

# Models of one server; people try out a few, a batch a few dozen.
MAX_REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a model is known to take. Each refusal takes one thing away, so asking again comes to an end."""

    limit: Literal["max_tokens", "max_completion_tokens"] | None = "max_tokens"
    temperature: bool = True
    stream_options: bool = True

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON of a streaming chat request."""
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        body: dict[str, Any] = {"model": request.model.name, "messages": messages, "stream": True}
        if self.stream_options:
            body["stream_options"] = {"include_usage": True}
        if self.temperature and request.temperature is not None:
            body["temperature"] = request.temperature
        if self.limit and request.max_tokens is not None:
            body[self.limit] = request.max_tokens
        return body

    def after(self, complaint: str, request: Request) -> "Dialect | None":
        """The dialect to try next, given the text of a 400 or 422; None where it names nothing that we sent."""
        if "context" in complaint:  # the prompt is too long: it may name max_tokens, but that is not at fault
            return None
        if self.stream_options and ("stream_options" in complaint or "include_usage" in complaint):
            return replace(self, stream_options=False)
        if self.limit and request.max_tokens is not None and _names_limit(complaint):
            return replace(self, limit="max_completion_tokens" if self.limit == "max_tokens" else None)
        if self.temperature and request.temperature is not None and "temperature" in complaint:
            return replace(self, temperature=False)
        return None


class Dialects:
    """What was learnt, by endpoint and model."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Dialect] = {}

    def of(self, endpoint: Endpoint, model: str) -> Dialect:
        return self._known.get((endpoint.base_url, model), Dialect())

    def learn(self, endpoint: Endpoint, model: str, dialect: Dialect) -> None:
        if len(self._known) >= MAX_REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[endpoint.base_url, model] = dialect


def _names_limit(complaint: str) -> bool:
    return "max_tokens" in complaint or "max_completion_tokens" in complaint
