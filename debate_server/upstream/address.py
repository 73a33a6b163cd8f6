"""Addresses, keys and the names of models as people write them, checked before anything is sent."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

_SPELLING: Final = "such as http://127.0.0.1:11434/v1"
_AT_ADDRESS: Final = re.compile(r"@(?=https?://)")
_QUERY: Final = re.compile(r"[?#]")
_AT_BARE_HOST: Final = re.compile(r"@(localhost|[\w.-]+:\d+)(/\S*)?$")


def base_url(text: str) -> str:
    """The address of an endpoint, without a slash at its end. Raises ValueError with what is wrong with it."""
    text = text.strip().rstrip("/")
    shown = repr(_bare(text))
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna").decode("idna")
    except ValueError:
        raise ValueError(f"{shown} is not an address; write one {_SPELLING}.") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("An endpoint's address must not hold a user or a password; put the key into OPENAI_API_KEY.")
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{shown} has no http:// or https:// before it; write it {_SPELLING}.")
    if not host or not text.isprintable() or " " in text:
        raise ValueError(f"{shown} is not an address; write one {_SPELLING}.")
    if parts.query or parts.fragment:
        raise ValueError(f"{shown} has a query or a fragment, which an endpoint's address cannot; leave it out.")
    return text


def _bare(text: str) -> str:
    """An address without what people put keys into where they do not know better: a user, a password, a query."""
    scheme, separator, rest = _QUERY.split(text)[0].rpartition("://")
    place, slash, path = rest.partition("/")
    return scheme + separator + place.rpartition("@")[2] + slash + path


def api_key(text: str) -> str | None:
    """The key without the white space around it; None for none. Raises ValueError for one that cannot be sent."""
    text = text.strip()
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise ValueError(
            "The API key has a space, a line break, a control character or a letter beyond ASCII inside; "
            "copy it again, alone, into OPENAI_API_KEY."
        )
    return text or None


def split_model(text: str) -> tuple[str, str | None]:
    """``NAME@URL`` → the name and the address (None without one); either may be empty.

    Raises ValueError where an address is wrong, also where it lacks its http://.
    """
    text = text.strip()
    if _AT_BARE_HOST.search(text):
        name, _, host = _QUERY.split(text)[0].rpartition("@")
        shown = repr(f"{name}@{host}")
        raise ValueError(f"{shown} names an address without http:// before it; write {name}@http://{host}.")
    name, *address = _AT_ADDRESS.split(text, maxsplit=1)
    return name.strip(), base_url(address[0]) if address else None


def is_loopback(url: str) -> bool:
    """Whether a checked address is on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
