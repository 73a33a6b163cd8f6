"""What is written reads back the same."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.core.answer.same import same
from debate_server.core.plan import AgentChange
from debate_server.runs.items.shape import Item
from debate_server.runs.items.source import open_items
from debate_server.runs.items.write import written

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"])
SPECIAL = st.sampled_from(list(" ,;|=[]{}\"'\\:#-?."))
WORDS = st.text(LETTERS | SPECIAL, min_size=1, max_size=12).map(str.strip).filter(bool)
TEXTS = st.text(LETTERS | SPECIAL | st.sampled_from("\n\t"), min_size=1, max_size=40).map(str.strip).filter(bool)
SEATS = st.builds(
    AgentChange,
    name=WORDS,
    model=st.none() | WORDS,
    persona=st.none() | TEXTS,
    temperature=st.none() | st.floats(0, 2),
    max_tokens=st.none() | st.integers(16, 32_768),
)


@st.composite
def items(draw: st.DrawFn) -> Item:
    choices = draw(st.just([]) | st.lists(TEXTS, min_size=2, max_size=5, unique_by=same))
    return Item(
        id=draw(WORDS),
        line=0,
        topic=draw(TEXTS),
        format=draw(st.none() | WORDS),
        rounds=draw(st.none() | st.integers(1, 99)),
        agents=tuple(draw(st.lists(SEATS, max_size=3))),
        answer=draw(st.none() | (st.sampled_from(choices) if choices else TEXTS)),
        choices=tuple(choices),
        tags=tuple(draw(st.lists(WORDS, max_size=3))),
    )


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@settings(deadline=None, max_examples=30)
@given(some=st.lists(items(), min_size=1, max_size=5, unique_by=lambda item: item.id))
def test_what_is_written_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, kind: Literal["jsonl", "csv"], some: list[Item]
) -> None:
    text = "".join(written(some, kind))
    for name in (f"written.{kind}", "written"):
        path: Path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(text.encode())
        assert [replace(item, line=0) for item in open_items(str(path), longest=1000)] == some


def test_what_looks_like_a_list_in_json_is_none(tmp_path: Path) -> None:
    item = Item("1", 2, "Which?", answer="[b]", choices=("[b]", "c"))
    path = tmp_path / "a.csv"
    path.write_text("".join(written([item], "csv")))
    assert list(open_items(str(path), longest=100)) == [item]


def test_only_what_is_said_is_written() -> None:
    two = [Item("1", 1, "One?"), Item("2", 2, "Two, or three?", answer="2", tags=("a", "b|c"))]
    assert list(written(two, "jsonl")) == [
        '{"topic":"One?","id":"1"}\n',
        '{"topic":"Two, or three?","id":"2","answer":"2","tags":["a","b|c"]}\n',
    ]
    assert list(written(two, "csv")) == [
        "topic,id,answer,tags\n",
        "One?,1,,\n",
        '"Two, or three?",2,2,"[""a"",""b|c""]"\n',
    ]
