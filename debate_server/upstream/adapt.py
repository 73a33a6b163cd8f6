"""How a request is put to a model that does not take every parameter: renamed or left out, learnt from its refusals.

Pure, but for ``Dialects``, which remembers what was learnt.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.request import Request

# Models of one server; people try out a few, a batch a few dozen.
MAX_REMEMBERED: Final = 256

# What no other dialect would mend: a prompt that is too long, which may name what we sent, and JSON that the model
# itself got wrong. ("In context=(…)" is the place in a schema that OpenAI refuses.)
_NO_DIALECT: Final = re.compile(r"context(?!=\()|json_validate_failed")
# By itself, and not in the name of a model, such as seed-oss-36b.
_SEED: Final = re.compile(r"(?<![\w-])seed(?![\w-])", re.IGNORECASE)
_FORMAT: Final = re.compile(r"response_format|schema|json_object|json mode|structured.?output|grammar", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a model is known to take. Each refusal takes one thing away, so asking again comes to an end."""

    limit: Literal["max_tokens", "max_completion_tokens"] | None = "max_tokens"
    temperature: bool = True
    seed: bool = True
    stream_options: bool = True
    schema: Literal["json_schema", "json_object"] | None = "json_schema"

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON of a streaming chat request."""
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        body: dict[str, Any] = {"model": request.model.name, "messages": messages, "stream": True}
        if self.stream_options:
            body["stream_options"] = {"include_usage": True}
        if self.temperature and request.temperature is not None:
            body["temperature"] = request.temperature
        if self.seed and request.seed is not None:
            body["seed"] = request.seed
        if self.limit and request.max_tokens is not None:
            body[self.limit] = request.max_tokens
        if self.schema and request.schema is not None:
            body["response_format"] = _response_format(self.schema, request.schema)
        return body

    def after(self, complaint: str, request: Request) -> "Dialect | None":
        """The dialect to try next, given the text of a 400 or 422; None where it names nothing that we sent."""
        if _NO_DIALECT.search(complaint):
            return None
        if self.stream_options and ("stream_options" in complaint or "include_usage" in complaint):
            return replace(self, stream_options=False)
        if self.limit and request.max_tokens is not None and _names_limit(complaint):
            return replace(self, limit="max_completion_tokens" if self.limit == "max_tokens" else None)
        if self.temperature and request.temperature is not None and "temperature" in complaint:
            return replace(self, temperature=False)
        if self.seed and request.seed is not None and _SEED.search(complaint):
            return replace(self, seed=False)
        # The last, as its words are such as complaints about anything may have.
        if self.schema and request.schema is not None and _FORMAT.search(complaint):
            return replace(self, schema="json_object" if self.schema == "json_schema" else None)
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


def _response_format(type_: Literal["json_schema", "json_object"], schema: Mapping[str, Any]) -> dict[str, Any]:
    if type_ == "json_object":
        return {"type": type_}
    return {"type": type_, type_: {"name": "ballot", "strict": True, "schema": schema}}


def _names_limit(complaint: str) -> bool:
    return "max_tokens" in complaint or "max_completion_tokens" in complaint
