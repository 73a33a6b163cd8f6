"""The bytes of a stream say the same, however they are cut."""

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_server.upstream.decode import MAX_EVENT, Decoder, Malformed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=3)
# Lines that may stand around an event and say nothing.
NOISE = st.sampled_from(
    [b": keepalive", b":", b"event: message", b"id: 7", b"retry: 1000", b"data:", b"data: ", b"nonsense"]
)
NEWLINES = st.sampled_from([b"\n", b"\r\n", b"\r"])


def decode(chunks: list[bytes]) -> tuple[list[dict[str, Any]], bool, bool]:
    """``(objects, whether the end mark came, whether it broke)``."""
    found: list[dict[str, Any]] = []
    decoder = Decoder(found.append)
    try:
        for chunk in chunks:
            decoder.feed(chunk)
        decoder.end()
    except Malformed:
        return found, decoder.done, True
    return found, decoder.done, False


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[dict[str, Any]]]:
    """A well-formed stream, and the objects in it."""
    objects = draw(st.lists(OBJECTS, max_size=4))
    newline = draw(NEWLINES)
    stream = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    for event in objects:
        for line in draw(st.lists(NOISE, max_size=2)):
            stream += line + newline
        for line in orjson.dumps(event, option=draw(st.sampled_from([0, orjson.OPT_INDENT_2]))).splitlines():
            stream += draw(st.sampled_from([b"data: ", b"data:"])) + line + newline
        stream += newline
    return stream + b"data: [DONE]" + newline * 2, objects


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(ends)]


@given(streams(), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_chunking_of_a_stream_decodes_the_same(
    stream: tuple[bytes, list[dict[str, Any]]], places: list[int]
) -> None:
    data, objects = stream
    assert decode(cut(data, places)) == (objects, True, False)


@given(
    st.lists(
        st.sampled_from(
            [
                b"data: {}",
                b"data: {",
                b"data: [DONE]",
                b"data: [DONE] \n\n",
                b"data: \n\n",
                b"data: {}\n\n",
                b"\r",
                b"\n",
                b"\xff",
                b":",
                b"x",
            ]
        )
    ),
    st.data(),
)
def test_any_chunking_of_garbage_breaks_at_the_same_place(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    places = data.draw(st.lists(st.integers(0, 1000), max_size=12))
    assert decode(cut(whole, places)) == decode([whole])


def test_data_lines_of_one_event_are_joined() -> None:
    assert decode([b'data: {"a":\ndata: 1}\n\n']) == ([{"a": 1}], False, False)


def test_the_last_event_without_its_blank_line_counts_only_when_it_is_complete() -> None:
    assert decode([b'data: {"a": 1}'])[0] == [{"a": 1}]
    assert decode([b'data: {"a": 1}\n'])[0] == [{"a": 1}]
    assert decode([b'data: {"a": 1'])[0] == []


def test_what_follows_the_end_mark_is_ignored() -> None:
    assert decode([b'data: [DONE]\n\ndata: {"a": 1}\n\ndata: {broken\n\n']) == ([], True, False)


def test_what_stands_before_a_fault_comes_out_before_it() -> None:
    assert decode([b'data: {"a": 1}\n\ndata: {broken\n\n']) == ([{"a": 1}], False, True)


@pytest.mark.parametrize("size", [1000, 10 * MAX_EVENT])
def test_an_event_without_an_end_is_refused_before_it_fills_the_memory(size: int) -> None:
    chunk = b"data: " + b"x" * size
    assert decode([chunk] * (3 * MAX_EVENT // size + 1)) == ([], False, True)


def test_an_event_of_many_lines_is_refused_too() -> None:
    assert decode([b"data: xxxxxxxx\n"] * (MAX_EVENT // 8)) == ([], False, True)


def test_comments_without_end_are_not_kept() -> None:
    comment = b": " + b"x" * 65_536 + b"\n"
    assert decode([comment] * (3 * MAX_EVENT // 65_536) + [b'data: {"a": 1}\n\n']) == ([{"a": 1}], False, False)
