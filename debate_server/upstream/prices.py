"""What a model costs: by its endpoint's own list, else by the price lists that come with ``genai-prices``.

Nothing is fetched: those are as old as that package. It takes 0.15 s to import, which is why ``price`` is called in a
thread, and why it is not imported for a server on this machine, which it cannot know.
"""

import gc
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from debate_server.core.money.price import MILLION, Price, dollars
from debate_server.upstream.address import is_loopback

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import TieredPrices

# What lists call the prices of a token in and out: OpenRouter; Together and Vercel; DeepInfra.
_KEYS: Final = (("prompt", "completion"), ("input", "output"), ("input_tokens", "output_tokens"))
# The cheapest million tokens known cost 0.003 dollars. What is lower, and not free, counts in another unit.
_LEAST: Final = 0.0005


def price(entry: dict[str, Any], base_url: str) -> Price | None:
    """The price of the model of a list's ``entry``, which has an ``id``, at an endpoint; None where it is not known."""
    if (said := listed(entry)) is not None or is_loopback(base_url):
        return said
    return published(base_url, entry["id"], datetime.now(UTC))


def listed(entry: dict[str, Any]) -> Price | None:
    """What the entry itself says. Endpoints that name a price in a string mean that of one token, those that name it as
    a number that of a million."""
    metadata = entry.get("metadata")
    for fields in (entry, metadata if isinstance(metadata, dict) else {}):
        pricing = fields.get("pricing")
        if not isinstance(pricing, dict):
            continue
        for into, out in _KEYS:
            paid, earned = _per_million(pricing.get(into)), _per_million(pricing.get(out))
            if paid is not None and earned is not None:
                return Price(paid, earned)
    return None


def published(base_url: str, name: str, now: datetime) -> Price | None:
    """What the endpoint's provider takes on that day, as far as the library knows it.

    Where a price rises with the length of the prompt it is that of short ones, which those of debates are; where it
    changes with the hour, that of the dearest.
    """
    known = _snapshot()
    try:
        provider = known.find_provider(None, None, base_url)
    except LookupError:
        return None
    # Google lists its models with a prefix.
    model = provider.find_model(name.removeprefix("models/"), all_providers=known.providers)
    if model is None:
        return None
    day = [model.get_prices(now.replace(hour=hour)) for hour in range(24)]
    paid = _dearest(prices.input_mtok for prices in day)
    earned = _dearest(prices.output_mtok for prices in day)
    return None if paid is None or earned is None else Price(paid, earned)


@cache
def _snapshot() -> "DataSnapshot":
    from genai_prices.data_snapshot import get_snapshot

    known = get_snapshot()
    gc.freeze()  # it stays, and a full collection has less to walk
    return known


def _per_million(value: object) -> float | None:
    amount = dollars(value)
    if amount and isinstance(value, str):
        amount = dollars(round(amount * MILLION, 6))
    return None if amount is None or 0 < amount < _LEAST else amount


def _dearest(prices: "Iterable[Decimal | TieredPrices | None]") -> float | None:
    """The highest, of those that rise with the prompt the lowest; None where none is known."""
    known = [price if isinstance(price, Decimal) else price.base for price in prices if price is not None]
    return float(max(known)) if known else None
