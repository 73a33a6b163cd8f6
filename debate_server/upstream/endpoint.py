"""What names an upstream: an endpoint (an address and a key) and a model there."""

from dataclasses import dataclass, field

from debate_server.core.money.price import Price

# What an endpoint's context is taken to be where it does not say: small enough for the local servers' defaults.
UNKNOWN_CONTEXT = 8192


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible address, such as ``http://127.0.0.1:11434/v1``, and how to talk to it.

    ``pooled``: whether its connections may be used again. ``demo``: it is the embedded model.
    """

    name: str
    base_url: str
    api_key: str | None = field(default=None, repr=False)
    pooled: bool = True
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A model at an endpoint; ``context`` is the number of tokens that prompt and speech may have together.

    ``brief``: it is so small that it is best told briefly what to do. ``price``: None where it is not known.
    """

    name: str
    endpoint: Endpoint
    context: int = UNKNOWN_CONTEXT
    brief: bool = False
    price: Price | None = None

    @property
    def address(self) -> str:
        """What ``Upstream.model`` takes to give this model again: NAME@URL, or the name alone of the embedded one."""
        return self.name if self.endpoint.demo else f"{self.name}@{self.endpoint.base_url}"
