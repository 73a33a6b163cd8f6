"""A canary: a key and a token that are to be found nowhere, an upstream that tells the key in every way it can, and the
search for both.

The search knows nothing of how the server hides a key: it looks for all that would help somebody to have it.
"""

import html
import json
from base64 import b64encode
from collections import deque
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from tests.fakes.script import Answer, Event, Raw, Say, Script, Think, refuse
from tests.fakes.upstream import FakeUpstream

# It does not look like a key, has what has to be written otherwise somewhere, and many a word ends as it begins.
KEY: Final = "s7+Qx2/mV9tRb4WzK1pLs8dYf3HcN6e=="
TOKEN: Final = "tK5-w8Zr.Gq3uXy~Vn0Bj"
BEARER: Final = f"Authorization: Bearer {KEY}"
MASKED: Final = f"{KEY[:7]}{'*' * 12}{KEY[-4:]}"
# A part of a secret that is longer than chance would have it.
TELLING: Final = 6

NESTED: Final = json.dumps({"headers": {"authorization": f"Bearer {KEY}"}}).replace("/", "\\/")
PAGE: Final = f"<h1>Oops</h1><pre>{html.escape(BEARER)}\n{b64encode(BEARER.encode()).decode()}</pre>".encode()
LOCATION: Final = f"https://elsewhere.example/v1?api_key={quote(KEY, safe='')}"

# What the upstream says to whom, request by request: an agent's model is who asks.
REFUSED: Final[dict[str, list[Script]]] = {
    "whole": [[refuse(401, f"Incorrect API key provided: {KEY}. See https://x.example/keys?used={quote(KEY)}")]],
    "masked": [[refuse(401, f"Incorrect API key provided: {MASKED}.")]],
    "quoted": [[refuse(404, f"The model does not exist; your headers were {{{BEARER!r}}}")]],
    "nested": [[refuse(400, f"The backend says: {NESTED}")]],
    "stubborn": [
        [Answer(307, b"", {"Location": LOCATION})],
        [Answer(500, PAGE, {"Content-Type": "text/html", "Retry-After": "0"})],
        [Event({"error": {"message": f"lost {KEY}", "detail": BEARER}})],
    ],
    "garbled": [
        [Answer(204, b"", {"Content-Type": f"text/{KEY}"})],
        [refuse(429, f"{KEY} has used up its quota", headers={"Retry-After": "0"})],
        [Raw(f"data: {BEARER}\n\n".encode())],
    ],
}
SPOKEN: Final[dict[str, list[Script]]] = {
    "teller": [[Think(KEY), Say(f"Incorrect API key provided: {KEY}. It is yours.", size=3)]],
    "breaker": [[Say("This is half of", finish=None), Event({"error": {"message": f"lost {KEY}, {NESTED}"}})]],
    "summer": [[Say(f"<think>{KEY}</think>So it is: {KEY[:-3]}", size=2, finish=None)]],
}
LISTING: Final = Answer(500, {"error": f"{BEARER} is not known"}, {"Retry-After": "0"})


def indiscreet(fake: FakeUpstream) -> None:
    """Let the fake tell the key to everybody, and to each debate anew; it speaks as ever to models it does not know."""
    said: dict[tuple[str, str], deque[Script]] = {}

    def script(body: dict[str, Any]) -> Script:
        name, asked = body["model"], json.dumps(body["messages"])
        scripts = said.setdefault((name, asked), deque((REFUSED | SPOKEN).get(name, [])))
        return scripts.popleft() if scripts else [Say("I have nothing to hide.")]

    fake.script = script
    fake.listing = [LISTING]


def traces(secret: str) -> list[bytes]:
    """All that must not be found: parts of the secret, and the secret as it would stand in an address, a page, JSON
    or something that is encoded as a whole."""
    parts = [secret[start : start + TELLING] for start in range(len(secret) - TELLING + 1)]
    whole = [quote(secret, safe=""), quote(secret, safe="").lower(), html.escape(secret), secret.replace("/", "\\/")]
    encoded = [b64encode(bytes(before) + secret.encode()).decode()[4:-4] for before in range(3)]
    return [text.encode() for text in parts + whole + encoded]


def told(evidence: Mapping[str, bytes], *secrets: str) -> dict[str, bytes]:
    """Where a secret is told, with what stands around it."""
    found = {}
    for where, text in evidence.items():
        for trace in [trace for secret in secrets for trace in traces(secret)]:
            if (at := text.find(trace)) >= 0:
                found[where] = text[max(0, at - 60) : at + 60]
    return found
