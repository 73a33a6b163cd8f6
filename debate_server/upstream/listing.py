"""What there is to choose from, as ``/api/models`` and ``debate doctor`` show it."""

from dataclasses import dataclass

from debate_server.upstream.endpoint import Endpoint, Model


@dataclass(frozen=True, slots=True)
class Listed:
    """An endpoint with its chat models; ``reason`` says why there are none, or why they cannot be used."""

    endpoint: Endpoint
    models: tuple[Model, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All there is. ``why`` is one line: the default model, why it is that, and how to change it; or, where
    ``default`` is None, why there is none and what to do."""

    default: Model | None
    why: str
    endpoints: tuple[Listed, ...]

    def spelling(self, model: Model) -> str:
        """What to ask ``Upstream.model`` for to get this one: NAME, or NAME@URL away from the default's endpoint."""
        if model.endpoint.demo or (self.default is not None and model.endpoint == self.default.endpoint):
            return model.name
        return f"{model.name}@{model.endpoint.base_url}"
