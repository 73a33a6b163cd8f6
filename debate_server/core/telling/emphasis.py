"""Which asterisks of a speech are emphasis: fewer than in CommonMark, where there is some in "2*3*4".

It does not begin right behind a letter, a digit or a closing bracket, nor end between two factors that are numbers or
stand in brackets. What is said of letters is so where there are spaces between words: other scripts have no other place
for it. The page has the same rule in ``static/markdown.js``.
"""

from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline.emphasis import tokenize
from markdown_it.rules_inline.state_inline import StateInline

# From here on (Thai, then those of East Asia) there are the scripts that set no spaces.
_UNSPACED: Final = "\u0e00"
_BRACKETS: Final = frozenset(")]")
_FACTOR_ENDS: Final = _BRACKETS | frozenset("0123456789")
_FACTOR_BEGINS: Final = frozenset("0123456789([")


def tell_products(markdown: MarkdownIt) -> None:
    """Have the signs of products stay the text that they are."""
    markdown.inline.ruler.at("emphasis", _asterisks)


def _asterisks(state: StateInline, silent: bool) -> bool:
    start, known = state.pos, len(state.delimiters)
    found = tokenize(state, silent)
    if state.src[start] == "*":
        before, after = state.src[start - 1 : start], state.src[state.pos : state.pos + 1]
        opens = before not in _BRACKETS and not (before.isalnum() and before < _UNSPACED)
        closes = before not in _FACTOR_ENDS or after not in _FACTOR_BEGINS
        for delimiter in state.delimiters[known:]:
            delimiter.open, delimiter.close = delimiter.open and opens, delimiter.close and closes
    return found
