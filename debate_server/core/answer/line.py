"""The answer that a speech ends with, on a line of its own."""

import re
from typing import Final

# How a line begins that gives an answer which can be counted, and what Markdown puts around it.
_ANSWER: Final = re.compile(r"[\s*_`#>-]*answer[\s*_`]*:(.*)", re.IGNORECASE)
MARKS: Final = " \t\r*_`\"'“”"
# An answer is a word or two; what is longer is none that another could give too.
_LONGEST: Final = 200


def answer_of(speech: str) -> str | None:
    """The answer that a speech gives in its last line that begins with "Answer:"; None where there is none."""
    for line in reversed(speech.splitlines()):
        if (found := _ANSWER.match(line[:_LONGEST])) and (answer := found[1].strip(MARKS)):
            return answer
    return None
