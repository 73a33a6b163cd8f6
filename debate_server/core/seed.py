"""Seeds: from the one of a debate one for each of its requests, so that no two of them draw the same."""

from hashlib import sha256
from typing import Final

import orjson

# The largest that a start may have. That of a request has 31 bits, which every endpoint takes.
MOST: Final = 2**63 - 1


def derived(seed: int | None, *of: str | int) -> int | None:
    """The seed of what is named so, from 0 to 2^31 - 1: the same each time and everywhere. None for none."""
    if seed is None:
        return None
    return int.from_bytes(sha256(orjson.dumps([seed, *of])).digest()[:4]) >> 1
