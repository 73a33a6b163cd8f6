"""How debates and moments are written down."""

import secrets
from datetime import UTC, datetime
from typing import Final

# Letters of a debate's id: no vowels, so no words; 12 of 28 are 57 bits.
ALPHABET: Final = "0123456789bcdfghjkmnpqrstvwx"
ID_LENGTH: Final = 12


def iso(moment: float) -> str:
    """ISO 8601 in UTC to the millisecond, from seconds since 1970."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """A debate's id: not to be guessed, and easily read aloud."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
