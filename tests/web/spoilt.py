"""What spoils a request: strings, queries, header lines, bodies and ids that nobody means."""

import gzip
import random
from collections.abc import Callable, Sequence
from typing import Final

from debate_server.log.naming import ALPHABET, ID_LENGTH

BAD_STRINGS: Final = (
    b"", b" ", b"0", b"-1", b"1", b"99999999999999999999", b"9" * 5_000, b"NaN", b"1e309", b"true", b"null", b"[]",
    b"%", b"%zz", b"%00", b"%ff", b"%c3%28", b"%ed%a0%80", b"%e2%80%a8", b"%0d%0aX:%20y", b"\xff\xfe", "²".encode(),
    "😀".encode(), b"\x00", b"\x7f", b"\t", b"..", b"../../etc/passwd", b"..%2f..%2fsetup.cfg", b"%2e%2e/", b"a" * 300,
    b"a" * 9_000, b";", b"#", b"?", b"'; DROP TABLE debate; --", b"%27%20OR%201=1", b"{0.__class__}", b"%s%n",
    b"${jndi:x}", b"<script>", b'"', b"\\", b"`", b"localhost", b"localhost:0", b"a:b", b"[::1", b"127.1",
    b"localhost@evil.example", b"null", b"http://evil.example", b"http://[", b"2026-13-99T99:99:99Z",
    b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59", b"2026-01-01T00:00:00", b"T", b"-", b"0123456789bc.99",
    b"0123456789bc.0", b".5", b"5.", b"1.2.3", b"chunked", b"gzip", b"100-continue", b"200-maybe", b"close",
    b"websocket", b"keep-alive, Upgrade", b"text/html", b"text/plain", b"application/x-ndjson", b"*/*;q=x",
    b"text/event-stream;;;", b"application/json; charset=nonsense", b"application/json; charset=utf-16", b"navigate",
    b"cross-site", b"none", b"Bearer x", b"Basic \xff", b'W/"x"', b'"', b'W/"', b"bytes=0-1,5-2,-",
    b"a=b; a; =; \x01=c", b'a="\\',
)  # fmt: skip
BAD_QUERIES: Final = (
    b"topic=", b"rounds=", b"format=", b"agents=", b"agents=Skeptic=", b"detached=", b"run=", b"since=",
    b"last_event_id=", b"lastEventId=", b"after=", b"limit=", b"before=", b"find=", b"token=", b"colour=", b"", b"=",
    b"%ff=", b"topic%5b%5d=",
)  # fmt: skip
BAD_LINES: Final = (
    b"no colon", b": no name", b"X : space", b" folded: x", b"X: y\r\n z", b"X: a\nY: b", b"X: a\rb", b"X\x00: y",
    "É: y".encode(), b"X: \x00", b"\tX: y", b"X:", b"x" * 9_000 + b": y", b"X[]: y", b'"X": y',
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    b"Expect: 100-continue", b"Expect: \xff", b"Host: \xff", b"Origin: \xff", b"Origin: http://localhost:1",
    b"Access-Control-Request-Method: POST\r\nOrigin: http://localhost",
)  # fmt: skip
BAD_VALUES: Final = (
    b"null", b"true", b"0", b"-1", b"2.5", b"1e400", b"NaN", b"Infinity", b"9" * 5_000, b'""', b'" \\n"', b'"\\ud800"',
    b'"\\u0000"', b'"\\u2028"', b"[]", b"{}", b"[" * 5_000 + b"]" * 5_000, b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
    b'"' + b"x" * 70_000 + b'"', b'"' + b"x" * 5_000 + b'"', b'"\xff"', b'"\xed\xa0\x80"',
    b'[{"name":"Skeptic"},{"name":"Skeptic"}]', b'[{"name":"Skeptic","model":"\\u0000"}]',
    b'[{"name":"Skeptic","temperature":-0.1}]', b'[{"name":"Skeptic","max_tokens":1e9}]', b'[{"name":null}]',
    b'"classic"', b'"../classic"', b'[{"name":"Skeptic","persona":"{topic.__class__}"}]',
)  # fmt: skip
_NAMES: Final = (b"topic", b"format", b"rounds", b"agents", b"detached", b"content", b"to", b"colour", b"\xff", b"")
_ODD: Final = (
    b"../../setup.cfg", b"a/b", b"..", b".", b"./.", b"\x00", b"x\x00y", b"' OR 1=1 --", b'"; DROP TABLE debate; --',
    b" ", b"\t", b"\n", b"\r\n", "é".encode(), "²".encode(), "😀".encode(), "日本".encode(), "\u202e".encode(), b"\xff",
    b"\xc3", "\u2028".encode(), b"\xed\xa0\x80", b"%", b"%00", b"{debate}", b"null", b"undefined", b"-1", b"0", b"*",
    b"?", b"#", b"&", b";", b"+", b"~", b"\\", b"|", b"`id`", b"$(id)", b"<x>",
)  # fmt: skip


def junk(rng: random.Random, most: int) -> bytes:
    """Bytes by chance, at least one."""
    return rng.randbytes(rng.randint(1, most))


def spoilt_json(rng: random.Random, body: bytes) -> bytes:
    """A body that was JSON, or still is."""
    at = rng.randrange(len(body))
    whole = (
        body[:at],
        body[:at] + junk(rng, 4) + body[at + 1 :],
        b"\xef\xbb\xbf" + body,
        body.decode("latin-1").encode("utf-16"),
        body * 2,
        body + b"\x00",
        gzip.compress(body),
        junk(rng, 400),
        b"topic=x",
        b" " * 66_000,
        rng.choice(BAD_VALUES),
    )
    pairs = [b'"%b":%b' % (rng.choice(_NAMES), rng.choice(BAD_VALUES)) for _ in range(rng.choice((1, 1, 2, 5)))]
    return rng.choice(whole) if rng.random() < 0.5 else b",".join([body[:-1], *pairs]) + b"}"


def _letters(rng: random.Random, letters: str, length: int) -> bytes:
    return "".join(rng.choices(letters, k=length)).encode()


def encoded(text: bytes) -> bytes:
    """Percent-encoded, every byte of it."""
    return b"".join(b"%%%02x" % byte for byte in text)


# Each gives the bytes of an id as they stand in an address.
BAD_IDS: Final[Sequence[Callable[[random.Random], bytes]]] = (
    lambda rng: _letters(rng, ALPHABET, ID_LENGTH),  # of the right form
    lambda rng: _letters(rng, ALPHABET, rng.choice((1, 5, ID_LENGTH - 1, ID_LENGTH + 1, 40, 41, 200))),
    lambda rng: _letters(rng, ALPHABET, rng.choice((5_000, 20_000, 60_000))),
    lambda rng: _letters(rng, "aeiouyzl", ID_LENGTH),
    lambda rng: _letters(rng, ALPHABET.upper(), ID_LENGTH),
    lambda rng: _letters(rng, "0123456789-_~:@!$'()*,;=", rng.randint(3, 20)),
    lambda rng: _letters(rng, ALPHABET, 6) + encoded(rng.choice(_ODD)) + _letters(rng, ALPHABET, 6),
    lambda rng: encoded(rng.choice(_ODD)),
    lambda rng: encoded(rng.choice(_ODD)).upper().replace(b"%2E", b"."),
    lambda rng: encoded(encoded(rng.choice(_ODD))),
    lambda rng: encoded(junk(rng, 30)),
    lambda rng: encoded(junk(rng, 12) + b"\xff"),
    lambda rng: _letters(rng, ALPHABET, 8) + rng.choice((b"%", b"%z", b"%0", b"%u0041")),
    lambda rng: rng.choice(("é", "日本", "😀", "²")).encode(),  # not percent-encoded
)
