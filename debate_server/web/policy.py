"""What a browser may do with an answer, as headers.

Nothing from elsewhere, nothing inline, no strings made into markup, no frame around it. What is no page needs nothing
at all, so that it does no harm even where it is taken for one.
"""

from typing import Final

_ALWAYS: Final = "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

# For the page, for the page that asks for the token, whose form really goes somewhere, and for all that is no page.
PAGE: Final = (
    "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; form-action 'none'; "
    f"{_ALWAYS}"
)
ASKING: Final = f"default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; {_ALWAYS}"
_NOTHING: Final = f"default-src 'none'; form-action 'none'; {_ALWAYS}"

# What every answer carries; a page names its own policy. Some browsers look up the hosts of all links ahead: whoever a
# speech links to shall learn nothing of a reader who does not go there.
HEADERS: Final = {
    "Content-Security-Policy": _NOTHING,
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "no-referrer",
}
