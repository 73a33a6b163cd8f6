"""What is wrong with a value in a format's file, in words: what was expected of its key."""

from typing import Final

from pydantic_core import ErrorDetails

from debate_server.core.explain import key_of
from debate_server.core.format.shape import PATTERNS

# By the kind of the error; its context fills in the braces.
_WORDS: Final[dict[str, str]] = {
    "missing": "it is missing",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "too_short": "expected at least {min_length}, not {actual_length}",
    "too_long": "expected at most {max_length}, not {actual_length}",
    "string_too_short": "it is empty",
    "string_too_long": "expected at most {max_length} characters",
    "greater_than_equal": "expected {ge} or more",
    "less_than_equal": "expected {le} or less",
    "literal_error": "expected {expected}",
}


def sentence(found: ErrorDetails) -> str:
    """The key, and what was expected."""
    context = found.get("ctx", {})
    words = PATTERNS.get(context.get("pattern", "")) or _WORDS.get(found["type"], "").format_map(context)
    return f"{key_of(found['loc'])}: {words or found['msg']}"
