"""Files of items: what is read from them, what is refused and how it is named, and that none is loaded."""

import io
import os
import sys
import threading
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.core.errors import BadItems
from debate_server.core.plan import AgentChange
from debate_server.runs.items.lines import LONGEST
from debate_server.runs.items.seen import Seen
from debate_server.runs.items.shape import Item
from debate_server.runs.items.source import FURTHER, MOST_TOLD, Source, open_items

TOPIC = 100  # characters


def source(folder: Path, name: str, held: bytes, *, skip_bad: bool = False, limit: int | None = None) -> Source:
    path = folder / name
    path.write_bytes(held)
    return open_items(str(path), longest=TOPIC, skip_bad=skip_bad, limit=limit)


def read(folder: Path, name: str, held: bytes, *, skip_bad: bool = False, limit: int | None = None) -> list[Item]:
    return list(source(folder, name, held, skip_bad=skip_bad, limit=limit))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_a_topic_a_line(tmp_path: Path, begin: str, end: str) -> None:
    text = begin + end.join(["Should cities ban cars? ", "", "  # is a fine sign", "{a}, b", "Für wen?"])
    assert read(tmp_path, "a.txt", text.encode()) == [
        Item("1", 1, "Should cities ban cars?"),
        Item("3", 3, "# is a fine sign"),
        Item("4", 4, "{a}, b"),
        Item("5", 5, "Für wen?"),
    ]


WHOLE = Item(
    "q7", 1, "Which is older?", "society", 2, (AgentChange(name="Agent 1", model="a=b@http://x/v1"),), "Rome",
    ("Rome", "New York"), ("cities", "old"),
)  # fmt: skip


def test_all_that_an_item_may_say(tmp_path: Path) -> None:
    jsonl = (
        b'{"topic": "Which is older?", "id": "q7", "format": "society", "rounds": 2, "answer": "A", "tags": '
        b'["cities", "old"], "choices": ["Rome", "New York"], "agents": [{"name": "Agent 1", "model": "a=b@http://x/v1"}]}'
    )
    assert read(tmp_path, "a.jsonl", jsonl) == [WHOLE]
    csv = (
        b"ID,Topic,answer,choices,tags,rounds,format,agents\n"
        b"q7,Which is older?,rome.,Rome|New York,cities | old,2,society,Agent 1=a=b@http://x/v1\n"
    )
    [item] = read(tmp_path, "a.csv", csv)
    assert item == replace(WHOLE, line=2)


def test_a_seat_may_have_more_than_a_model(tmp_path: Path) -> None:
    seats = (
        AgentChange(name="A", model="m;n", temperature=0.7),
        AgentChange(name="B", persona="You, too.", max_tokens=99),
    )
    said = (
        b'[{"name": "A", "model": "m;n", "temperature": 0.7}, {"name": "B", "persona": "You, too.", "max_tokens": 99}]'
    )
    [of_jsonl] = read(tmp_path, "a.jsonl", b'{"topic": "x", "agents": ' + said + b"}")
    [of_csv] = read(tmp_path, "a.csv", b'topic,agents\nx,"' + said.replace(b'"', b'""') + b'"\n')
    [two] = read(tmp_path, "b.csv", b"topic,agents\nx, A=m; B=n;\n")
    assert of_jsonl.agents == of_csv.agents == seats
    assert two.agents == (AgentChange(name="A", model="m"), AgentChange(name="B", model="n"))


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("42", "42"),
        ("42.0", "42.0"),
        ("-0.10", "-0.10"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("3.14159265358979323846", "3.14159265358979323846"),
        ('"yes "', "yes"),
        ('""', None),
        ("null", None),
    ],
)
def test_an_answer_may_be_a_number_and_keeps_its_digits(tmp_path: Path, written: str, answer: str | None) -> None:
    [item] = read(tmp_path, "a.jsonl", f'{{"topic": "x", "answer": {written}}}'.encode())
    assert item.answer == answer


def test_a_table_as_spreadsheets_write_it(tmp_path: Path) -> None:
    held = b'\xef\xbb\xbf\r\nTopic;Answer\r\n"One; or\r\n""two""?";1,5\r\n\r\n;\r\n5" disks;\t\r\n'
    assert read(tmp_path, "a.csv", held) == [
        Item("3", 3, 'One; or\n"two"?', answer="1,5"),
        Item("7", 7, '5" disks'),
    ]
    assert read(tmp_path, "a.tsv", b"topic\tanswer\nOne, two\t3\n") == [Item("2", 2, "One, two", answer="3")]
    assert read(tmp_path, "b.csv", b'answer, topic\n1, "a, b"\n') == [Item("2", 2, "a, b", answer="1")]


@pytest.mark.parametrize(
    ("held", "topics"),
    [
        (b'\xef\xbb\xbf \n{"topic": "a"}\n', ["a"]),
        (b"answer,topic\n1,a\n", ["a"]),
        (b"topic\na\n", ["a"]),
        (b"a\nb, c\n", ["a", "b, c"]),
        (b"[UK] a\n", ["[UK] a"]),
        (b"The topic, of course\n", ["The topic, of course"]),
    ],
)
def test_what_has_no_telling_name_is_known_by_its_beginning(tmp_path: Path, held: bytes, topics: list[str]) -> None:
    assert [item.topic for item in read(tmp_path, "items", held)] == topics


def test_a_telling_name_says_what_a_file_is(tmp_path: Path) -> None:
    assert [item.topic for item in read(tmp_path, "A.TXT", b"topic\na\n")] == ["topic", "a"]


HEADER = b"topic,answer\n"


@pytest.mark.parametrize(
    ("name", "held", "line", "said"),
    [
        ("a.txt",   b"", None, "there is no topic in it; write one a line."),
        ("a.txt",   b"\xef\xbb\xbf\n \r\n", None, "there is no topic in it"),
        ("a.jsonl", b"\n", None, "there is no topic in it"),
        ("a.csv",   b"", None, "there is no topic in it"),
        ("a.csv",   HEADER + b",\n", None, "there is no topic in it"),
        ("a.txt",   b"\xff\xfea\x00", None, "it is UTF-16; save it as UTF-8."),
        ("a.txt",   b"a\nb\nFr\xfcher", 3, "byte 0xfc at character 3 is no UTF-8"),
        ("a.txt",   b"a\nb\x00", 2, "the control character U+0000 is in it"),
        ("a.txt",   b"a\n\x1b[31mb", 2, "the control character U+001B is in it"),
        ("a.txt",   "a\n\u200b\n".encode(), 2, "The topic is empty: say what is to be debated."),
        ("a.txt",   b"a\n" + b"b" * 101, 2, "The topic has 101 characters. The limit is 100;"),
        ("a.txt",   b"a\n" + b"b" * LONGEST + b"b\nc", 2, "it has more than 1000000 characters."),
        ("a.csv", b"question,answer\na,1\n", 1,
         "there is no topic, only 'question', 'answer'. It takes: topic, id, format, rounds,"),
        ("a.csv",   b"\n\ntopic,colour,\na,1,\n", 3, "'colour', '' is not known. It takes: topic,"),
        ("a.csv",   b"topic,Topic\na,b\n", 1, "'topic' is there twice."),
        ("a.csv",   b"t\xf6pic\na\n", 1, "byte 0xf6 at character 2 is no UTF-8"),
        ("a.csv", HEADER + b"a,1\nb, or c?,2\n", 3,
         "it has 3 fields where the header has 2; put a field with ',' in it in quotes."),
        ("a.csv",   HEADER + b"a\n", 2, "it has 1 field where the header has 2"),
        ("a.csv",   HEADER + b"a,1\n\"b,2\nc,3\n", 3, "its quotes do not match"),
        ("a.csv",   HEADER + b'"a"b,1\n', 2, "its quotes do not match"),
        ("a.csv",   HEADER + b'"' + b"a\n" * 99_999, 2, "its quotes do not match"),
        ("a.csv",   HEADER + b',1\n', 2, "The topic is empty"),
        ("a.csv",   HEADER + b'"a\nb\xff",1\n', 2, "it goes on in line 3: byte 0xff at character 2"),
        ("a.csv",   HEADER + b'a,"\x07"\n', 2, "the control character U+0007 is in it"),
        ("a.csv",   b"topic,rounds\na,two\n", 2, "rounds: input should be a valid integer"),
        ("a.csv",   b"topic,rounds\na,0\n", 2, "rounds: input should be greater than or equal to 1"),
        ("a.csv",   b"topic,agents\na,Ann\n", 2, "agents: takes Name=model;Name=model, or a list in"),
        ("a.csv",   b'topic,choices\na,"[b"\n', 2, "choices:"),
        ("a.jsonl", b'{"topic": "a"}\n{"topic": "b"', 2, "it is no JSON:"),
        ("a.jsonl", b'{\n "topic": "a"\n}', 1, "it is no JSON:"),
        ("a.jsonl", b'"a"', 1, "it is no JSON object."),
        ("a.jsonl", b'["a"]', 1, "it is no JSON object."),
        ("a.jsonl", b"[" * 100_000, 1, "it is no JSON: it is nested too deeply."),
        ("a.jsonl", b'{"topic": "a", "rounds": NaN}', 1, "it is no JSON: NaN is no JSON."),
        ("a.jsonl", b'[{"topic": "a"}]', None, "it is one JSON list; put each object of it on a line"),
        ("a.json",  b'[\n {"topic": "a"}\n]', None, "it is one JSON list"),
        ("a.jsonl", b'{"question": "a"}', 1, "there is no topic, only 'question'. It takes:"),
        ("a.jsonl", b'{}', 1, "there is no topic, only nothing."),
        ("a.jsonl", b'{"topic": "a", "b\\u0000": 1}', 1, "'b\\x00' is not known. It takes:"),
        ("a.jsonl", b'{"topic": ""}', 1, "The topic is empty"),
        ("a.jsonl", b'{"topic": null}', 1, "The topic is empty"),
        ("a.jsonl", b'{"topic": 42}', 1, "topic: input should be a valid string."),
        ("a.jsonl", b'{"topic": ["a"]}', 1, "topic: input should be a valid string."),
        ("a.jsonl", b'{"topic": "a\\u0000"}', 1, "topic: the control character U+0000 is in it"),
        ("a.jsonl", b'{"topic": "a\\udc00"}', 1, "topic: input should be a valid string, unable to parse"),
        ("a.jsonl", b'{"topic": "a", "answer": true}', 1, "answer: input should be a valid string."),
        ("a.jsonl", b'{"topic": "a", "answer": "\\ud800"}', 1, "answer: input should be a valid string, unable"),
        ("a.jsonl", b'{"topic": "a", "rounds": 1.5}', 1, "rounds: input should be a valid integer"),
        ("a.jsonl", b'{"topic": "a", "id": "b\\nc"}', 1, "id: takes one line of text"),
        ("a.jsonl", b'{"topic": "a", "id": "' + b"b" * 250 + b'"}', 1, "id: expected at most 100 characters, not 250."),
        ("a.jsonl", b'{"topic": "a", "answer": "' + b"b" * 1001 + b'"}', 1,
         "answer: expected at most 1000 characters, not 1001."),
        ("a.jsonl", b'{"topic": "a", "id": " "}', 1, "id: it is empty."),
        ("a.jsonl", b'{"topic": "a", "tags": ["b", ""]}', 1, "tags[1]: it is empty."),
        ("a.jsonl", b'{"topic": "a", "tags": 1}', 1, "tags: input should be a valid tuple."),
        ("a.jsonl", b'{"topic": "a", "choices": ["b"]}', 1, "choices: expected 2 to 26 of them, not 1."),
        ("a.jsonl", b'{"topic": "a", "choices": "b|B."}', 1, "choices: two of them are the same."),
        ("a.jsonl", b'{"topic": "a", "choices": ["b", "c"], "answer": "d"}', 1,
         "answer: 'd' is none of its choices: 'b', 'c'."),
        ("a.jsonl", b'{"topic": "' + b"a" * 90 + b'", "choices": ["b", "c"]}', 1,
         "The topic has 122 characters. The limit is 100;"),
        ("a.jsonl", b'{"topic": "a", "agents": [{"name": "A", "colour": 1}]}', 1,
         "agents[0].colour: extra inputs are not permitted."),
        ("a.jsonl", b'{"topic": "a", "agents": [{"name": "A", "persona": "\\u0000"}]}', 1,
         "agents[0]: the control character U+0000 is in it"),
        ("a.jsonl", b'{"topic": "a", "id": 7}\n\n{"topic": "b", "id": "7"}', 3,
         "the id '7' is that of line 1 too; give each line"),
        ("a.jsonl", b'{"topic": "a", "id": 2}\n{"topic": "b"}', 2, "the id '2' is that of line 1 too"),
        ("a.csv",   b"id,topic\nx,a\nx,b\n", 3, "the id 'x' is that of line 2 too; give each line"),
    ],
)  # fmt: skip
def test_what_is_no_item_is_named(tmp_path: Path, name: str, held: bytes, line: int | None, said: str) -> None:
    with pytest.raises(BadItems) as caught:
        read(tmp_path, name, held)
    assert caught.value.line == line
    where = f"{tmp_path / name}, line {line}" if line else f"{tmp_path / name}"
    assert caught.value.message.startswith(f"{where}: {said}")


def test_what_can_be_left_out_says_so(tmp_path: Path) -> None:
    for held, can in ((b"topic\n\xff\n", True), (b"title\n\xff\n", False), (b"\xff\xfe", False)):
        with pytest.raises(BadItems) as caught:
            read(tmp_path, "a.csv", held)
        assert caught.value.message.endswith("or leave such lines out with --skip-bad.") is can


def test_bad_lines_are_left_out_and_told(tmp_path: Path) -> None:
    held = b'topic,rounds\n"a,1\nb,2\n\xff,3\nd,four\n"e\n\xff",5\nf,6,7\ng,7\n'
    found = source(tmp_path, "a.csv", held, skip_bad=True)
    for _ in range(2):
        assert [(item.id, item.topic, item.rounds) for item in found] == [("3", "b", 2), ("9", "g", 7)]
        assert found.skipped == 6
        assert [error.line for error in found.bad] == [2, 4, 5, 6, 7, 8]
    assert found.bad[1].message.endswith("a.csv, line 4: byte 0xff at character 1 is no UTF-8; save it as UTF-8.")


def test_of_many_bad_lines_the_first_are_told(tmp_path: Path) -> None:
    found = source(tmp_path, "a.jsonl", b"x\n" * 1000 + b'{"topic": "a"}', skip_bad=True)
    assert [item.line for item in found] == [1001]
    assert (found.skipped, len(found.bad)) == (1000, MOST_TOLD)


def test_bad_lines_are_told_together_and_where_there_is_one_it_is_told_alone(tmp_path: Path) -> None:
    with pytest.raises(BadItems) as caught:
        read(tmp_path, "a.jsonl", b'x\n{"topic": "a"}\ny\n{"topic": "a", "answer": []}\n')
    told = caught.value.message.splitlines()
    assert [line.partition("a.jsonl, line ")[2][0] for line in told[:-1]] == ["1", "3", "4"]
    assert told[-1] == "Mend these, or leave such lines out with --skip-bad."
    with pytest.raises(BadItems, match=r"line 1: it is no JSON.*\. Mend it, or leave such lines out with --skip-bad\."):
        read(tmp_path, "a.jsonl", b'x\n{"topic": "a"}\n')


def test_of_more_bad_lines_than_anybody_reads_the_first_are_told_and_a_large_file_is_not_read_on_for_them(
    tmp_path: Path,
) -> None:
    found = source(tmp_path, "a.jsonl", b"x\n" * 1000 + b'{"topic": "a"}')
    with pytest.raises(BadItems) as caught:
        list(found)
    assert len(caught.value.message.splitlines()) == MOST_TOLD + 1
    assert found.skipped == MOST_TOLD
    good = b'{"topic": "a"}\n'
    for further, told in ((FURTHER - 1, 2), (FURTHER, 1)):
        found = source(tmp_path, "b.jsonl", b"x\n" + good * further + b"y\n" + good)
        with pytest.raises(BadItems):
            list(found)
        assert found.skipped == told


def test_where_all_lines_are_bad_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(BadItems, match=r"there is no topic in it that can be read\. .*a\.jsonl, line 1: it is no JSON"):
        read(tmp_path, "a.jsonl", b"x\ny\n", skip_bad=True)


def test_no_more_is_read_than_is_asked_for(tmp_path: Path) -> None:
    assert [item.id for item in read(tmp_path, "a.txt", b"a\n\nb\n\xff\n", limit=2)] == ["1", "3"]
    assert [item.id for item in read(tmp_path, "a.txt", b"a\n\xff\nb\nc\n", limit=2, skip_bad=True)] == ["1", "3"]


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    found = source(tmp_path, "a.txt", b"a\nb\n")
    assert found.fingerprint == sha256(b"a\nb\n").hexdigest()
    assert found.name == str(tmp_path / "a.txt")


def test_a_file_that_is_not_there_or_none_or_cannot_be_read(tmp_path: Path) -> None:
    for named, said in (
        (tmp_path / "no.txt", "There is no file "),
        ("Is it so?", "There is no file Is it so?. For one debate on that: debate run 'Is it so?'"),
        (tmp_path, ": it is a folder; name a file in it."),
        (tmp_path / ("a" * 300), " cannot be read: File name too long."),
    ):
        with pytest.raises(BadItems) as caught:
            open_items(str(named), longest=TOPIC)
        assert said in caught.value.message
        assert str(named) in caught.value.message


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that opens and cannot be read")
def test_a_file_that_fails_while_it_is_read() -> None:
    with pytest.raises(BadItems, match="/proc/self/mem cannot be read: Input/output error"):
        open_items("/proc/self/mem", longest=TOPIC)


def test_a_file_that_goes_away_is_named(tmp_path: Path) -> None:
    found = source(tmp_path, "a.txt", b"a\n")
    (tmp_path / "a.txt").unlink()
    with pytest.raises(BadItems, match="There is no file"):
        list(found)
    with pytest.raises(BadItems, match="There is no file"):
        found.fingerprint  # noqa: B018


def test_what_is_piped_in_is_read_again_and_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"topic": "a"}\n')))
    with open_items("-", longest=TOPIC) as found:
        assert [item.topic for item in found] == [item.topic for item in found] == ["a"]
        assert (found.name, found.fingerprint) == ("stdin", sha256(b'{"topic": "a"}\n').hexdigest())
        assert list(tmp_path.iterdir()) != []
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfea\x00")))
    with pytest.raises(BadItems, match="stdin: it is UTF-16"):
        open_items("-", longest=TOPIC)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_named_pipe_is_read_as_stdin_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"a\nb\n",))
    writer.start()
    with open_items(str(tmp_path / "pipe"), longest=TOPIC) as found:
        assert [[item.topic for item in found] for _ in range(2)] == [["a", "b"], ["a", "b"]]
    writer.join()


def test_two_passes_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    found = source(tmp_path, "a.txt", b"a\nb\nc\n")
    assert [(one.topic, other.topic) for one, other in zip(found, found, strict=True)] == [(t, t) for t in "abc"]


@pytest.mark.parametrize(
    ("name", "begin", "piece", "end", "most"),
    [
        ("a.txt",      b"",              b"a" * 9_999 + b"\n",              b"",      1_000_000),
        ("a.jsonl",    b"",              b'{"topic":"%s"}\n' % (b"a" * 9_987), b"",   1_000_000),
        ("a.csv",      b"topic\n",       b'"' + b"a" * 4_998 + b"\n" + b"b" * 4_998 + b'"\n', b"",      1_000_000),
        ("long.txt",   b"a\n",           b"\0" * 10_000,                    b"\nb\n", 9 * LONGEST),
        ("long.csv",   b"topic\na\n",    b"x" * 10_000,                     b"\nb\n", 9 * LONGEST),
        ("quoted.csv", b'topic\na\n"',   b"x" * 9_999 + b"\n",              b"b\n",   1_000_000),
    ],
)  # fmt: skip
def test_a_big_file_is_not_loaded(tmp_path: Path, name: str, begin: bytes, piece: bytes, end: bytes, most: int) -> None:
    assert len(piece) == 10_000
    with (tmp_path / name).open("wb") as file:
        file.writelines([begin, *[piece] * 2_500, end])
    found = open_items(str(tmp_path / name), longest=10_000, skip_bad=True)
    tracemalloc.start()
    try:
        count = sum(1 for _ in found)
        _, held = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count >= 2
    assert held < most


def test_lines_without_ids_take_no_memory(tmp_path: Path) -> None:
    found = source(tmp_path, "a.txt", b"a\n" * 20_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in found) == 20_000
        _, held = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 200_000


def test_ids_are_told_apart_in_little_memory() -> None:
    seen = Seen()
    tracemalloc.start()
    try:
        assert [line for line in range(1, 20_001) if seen.first(f"item {line}", line) is not None] == []
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 20_000 < 40  # bytes an id
    assert [seen.first(f"item {line}", 0) for line in range(1, 20_001)] == list(range(1, 20_001))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8), st.sampled_from(["a.txt", "a.csv", "a.jsonl", "items"]))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], name: str
) -> None:
    for skip_bad in (False, True):
        with suppress(BadItems):
            assert read(tmp_path_factory.getbasetemp(), name, b"\n".join(pieces), skip_bad=skip_bad)
