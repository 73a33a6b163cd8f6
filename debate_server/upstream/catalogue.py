"""Which models there are, which of them is used where nobody names one, and why.

In this order: what the settings say (``--demo``, ``--gguf``, an address, a key), a server found on this machine, the
embedded model. Nothing here speaks.
"""

import asyncio
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import Final, Protocol
from urllib.parse import urlsplit

from debate_server.core.errors import NotInstalled, Refused, SettingsError, UnknownModel, Unreachable, UpstreamError
from debate_server.core.money.price import FREE
from debate_server.settings import Settings
from debate_server.upstream import address
from debate_server.upstream.choose import chat_models, preferred
from debate_server.upstream.discover import LocalServer, discover
from debate_server.upstream.endpoint import Endpoint, Model
from debate_server.upstream.listing import Listed, Listing
from debate_server.upstream.lists import Lists, described

OPENAI: Final = "https://api.openai.com/v1"
# How many models a message names.
MOST_NAMED: Final = 5
_NO_CHAT_MODEL: Final = "no chat model. Give it one (Ollama: `ollama pull qwen3:4b`), or name one by --model."
_EMBEDDED: Final = Endpoint("embedded", "", demo=True)


class EmbeddedModel(Protocol):
    """What is asked of the embedded model: its name and context, and, once it has started, where it is."""

    @property
    def model(self) -> str: ...
    @property
    def context(self) -> int: ...
    async def start(self) -> Endpoint: ...
    async def close(self) -> None: ...


class Catalogue:
    """Knows the models by the settings it was made with. Raises SettingsError for an address or key that is none."""

    def __init__(
        self,
        settings: Settings,
        embedded: EmbeddedModel,
        *,
        missing: Callable[[], str | None],
        lists: Lists,
        servers: tuple[LocalServer, ...],
    ) -> None:
        """``missing``: what the embedded model lacks to run, None for nothing."""
        self._settings = settings
        self._embedded = embedded
        self._missing = missing
        self._lists = lists
        self._servers = servers if settings.discover else ()
        try:
            key = address.api_key(settings.api_key)
            url = address.base_url(settings.base_url) if settings.base_url.strip() else OPENAI if key else None
            self._asked, self._asked_at = address.split_model(settings.model)
        except ValueError as error:
            raise SettingsError(str(error)) from None
        self._configured = Endpoint(_host(url), url, key) if url else None

    async def model(self, text: str | None) -> Model:
        """The model that NAME, NAME@URL or @URL names; the default for None or nothing.

        Raises UnknownModel for a name that cannot be meant, and the UpstreamError of an endpoint that has to tell
        something first and does not.
        """
        try:
            name, url = address.split_model(text or "")
        except ValueError as error:
            fault = UnknownModel(str(error))
        else:
            if url is not None:
                return await self._model_at(self._endpoint(url), name)
            if not name:
                return (await self._default())[0]
            if name == self._embedded.model:
                return self._installed()
            return await self._model_at((await self._where(name))[0], name)
        raise fault

    async def another(self, model: Model, taken: Collection[Model]) -> Model | None:
        """A sensible model at the endpoint of that one, none of those that are taken; None where it lists no other."""
        if model.endpoint.demo:
            return None
        try:
            listed = await self._lists.of(model.endpoint)
        except UpstreamError:
            return None
        names = {other.name for other in taken if other.endpoint == model.endpoint}
        name = preferred([other.name for other in listed if other.name not in names])
        return next((other for other in listed if other.name == name), None)

    async def check(self, text: str | None) -> Model:
        """The model, if it can be had, as far as its endpoint lists those it has. Raises as ``model``, and UnknownModel
        for one that is not in that list."""
        model = await self.model(text)
        if model.endpoint.demo:
            return model
        try:
            listed = [other.name for other in await self._lists.of(model.endpoint)]
        except UpstreamError:
            return model  # it may have it all the same
        if listed and model.name not in listed:
            near = get_close_matches(model.name, listed, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            others = " and others" if len(listed) > MOST_NAMED else ""
            raise UnknownModel(
                f"{model.endpoint.base_url} has no model {model.name!r}.{meant} "
                f"It has {', '.join(sorted(listed)[:MOST_NAMED])}{others}."
            )
        return model

    async def listing(self) -> Listing:
        """All endpoints that are set or found, and the embedded model, last."""
        endpoints = [self._configured] if self._configured else []
        if self._asked_at is not None:
            endpoints.append(self._endpoint(self._asked_at))
        endpoints += [endpoint for endpoint, _ in await discover(self._lists, self._servers)]
        distinct = {_place(endpoint.base_url): endpoint for endpoint in reversed(endpoints)}
        listed = await asyncio.gather(*(self._listed(endpoint) for endpoint in reversed(distinct.values())))
        everything = (*listed, Listed(_EMBEDDED, (self._own,), self._missing()))
        try:
            default, why = await self._default()
        except UpstreamError as error:
            return Listing(None, error.message, everything)
        return Listing(default, why, everything)

    async def locate(self, endpoint: Endpoint) -> Endpoint:
        """Where an endpoint of a model is to be spoken to: for the embedded one that is known once it runs."""
        return await self._embedded.start() if endpoint.demo else endpoint

    async def _default(self) -> tuple[Model, str]:
        endpoint, why = await self._where(self._asked)
        model = await self._model_at(endpoint, self._asked if not self._own_only else "")
        at = "" if endpoint.demo else f" at {endpoint.base_url}"
        return model, f"{model.name}{at}, {why}"

    @property
    def _own_only(self) -> bool:
        return self._settings.demo or bool(self._settings.gguf)

    async def _where(self, name: str) -> tuple[Endpoint, str]:
        """Where a name without an address is looked for, and why there."""
        if self._settings.demo:
            return _EMBEDDED, "the small demo model, because of --demo. Leave that out to use another."
        if self._settings.gguf:
            return _EMBEDDED, "your own file, because of --gguf."
        if self._asked_at is not None:
            return self._endpoint(self._asked_at), "because --model says so."
        if self._configured is not None:
            if self._configured.base_url == OPENAI:
                return self._configured, "your OpenAI key, costs money; --demo is free. Change it with --model."
            return self._configured, "the address you set. Change it with --model or --base-url."
        found = await discover(self._lists, self._servers)
        having = [endpoint for endpoint, models in found if not name or name in [model.name for model in models]]
        if found:
            endpoint = (having or [found[0][0]])[0]
            return endpoint, f"because {endpoint.name} runs on this machine. Change it with --model, or use --demo."
        return _EMBEDDED, (
            "the small demo model, because no key, address or model server was found. For a better one start Ollama, "
            "or set OPENAI_API_KEY or OPENAI_BASE_URL."
        )

    async def _model_at(self, endpoint: Endpoint, name: str) -> Model:
        if endpoint.demo:
            if name and name != self._embedded.model:
                raise UnknownModel(
                    f"There is no model {name!r}: only the embedded one is set up. Name its endpoint too "
                    f"({name}@http://…/v1), or set OPENAI_API_KEY or OPENAI_BASE_URL."
                )
            return self._installed()
        try:
            models = await self._lists.of(endpoint)
        except UpstreamError as error:
            if not name or isinstance(error, Unreachable | Refused):
                raise
            models = ()  # an endpoint without a list can still have the model
        if not name:
            name = preferred([model.name for model in models]) or ""
            if not name:
                raise UnknownModel(f"{endpoint.base_url} has {_NO_CHAT_MODEL}")
        for model in models:
            if model.name == name:
                return model
        return await asyncio.to_thread(described, {"id": name}, endpoint)

    async def _listed(self, endpoint: Endpoint) -> Listed:
        try:
            models = await self._lists.of(endpoint)
        except UpstreamError as error:
            return Listed(endpoint, (), error.message)
        chat = set(chat_models([model.name for model in models]))
        return Listed(
            endpoint, tuple(m for m in models if m.name in chat), None if chat else f"It has {_NO_CHAT_MODEL}"
        )

    @property
    def _own(self) -> Model:
        """The embedded model, installed or not."""
        brief = not self._settings.gguf
        return Model(self._embedded.model, _EMBEDDED, self._embedded.context, brief=brief, price=FREE)

    def _installed(self) -> Model:
        if missing := self._missing():
            raise NotInstalled(missing)
        return self._own

    def _endpoint(self, url: str) -> Endpoint:
        """The endpoint at an address; the key goes to no other than the one it was set for."""
        if self._configured is not None and _place(url) == _place(self._configured.base_url):
            return self._configured
        known = (server.name for server in self._servers if _place(url) == _place(server.base_url))
        return Endpoint(next(known, _host(url)), url)


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _place(url: str) -> tuple[str, str | None, int | None, str]:
    """The same for two spellings of one address."""
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    return parts.scheme, host, parts.port or {"http": 80, "https": 443}[parts.scheme], parts.path
