"""Formats: what ships parses, what does not hold together says where, and a schedule gives everybody their turns."""

from typing import Final

import pytest

from debate_server.core.agenda import Turn, agenda
from debate_server.core.errors import FormatError
from debate_server.core.format.file import parse
from debate_server.core.format.shape import Format
from debate_server.formats import Formats

SHIPPED: Final = Formats()
TEXT: Final = """
name = "small"
title = "Small"
about = "Two agents."
default_rounds = 2
manners = "Speak."

[[agents]]
name = "Ann"
side = "for"
persona = "You are Ann."
max_tokens = 300

[[agents]]
name = "Bob"
side = "against"
persona = "You are Bob."
brief = "You say no."

[[rounds]]
name = "Opening"
speakers = ["Ann", "Bob"]
task = "Open on {topic}."
brief = { Bob = "{topic} Why not?" }

[[rounds]]
name = "Answers"
repeat = true
speakers = ["Bob", "Ann"]
task = "Answer."

[[examples]]
topic = "Is tea good?"
speeches = { Opening = { Ann = "Yes.", Bob = "No." }, Answers = { Bob = "Still no.", Ann = "Yes!" } }
"""


def small(old: str = "", new: str = "") -> Format:
    """The format above, with one thing changed."""
    assert old in TEXT
    return parse(TEXT.replace(old, new, 1) if old else TEXT, "small.toml")


def schedule(format_: Format, rounds: int) -> list[Turn]:
    return [turn for item in agenda(format_, rounds) for turn in item.turns]


@pytest.mark.parametrize("name", SHIPPED.all())
def test_a_shipped_format_parses_and_goes_by_its_name(name: str) -> None:
    assert SHIPPED.get(name).name == name
    assert SHIPPED.get(name).least_rounds <= SHIPPED.get(name).default_rounds


@pytest.mark.parametrize("name", SHIPPED.all())
def test_every_brief_task_of_a_shipped_format_has_an_answer_in_every_example(name: str) -> None:
    format_ = SHIPPED.get(name)
    for round_ in format_.rounds:
        for speaker in round_.brief:
            assert format_.agent(speaker).brief
            for example in format_.examples if round_.speakers else ():
                assert example.speeches[round_.name][speaker]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title =", "titel =", "small.toml, line 3: titel: there is no such key; did you mean title? It takes: name,"),
        ('side = "for"', 'side = "for"\nmood = "sour"', "line 11: agents[0].mood: there is no such key; did you mean"),
        ('title = "Small"\n', "", "title: it is missing"),
        ("default_rounds = 2", 'default_rounds = "two"', "default_rounds: expected a whole number"),
        ("max_tokens = 300", "max_tokens = 3", "agents[0].max_tokens: expected 16 or more"),
        ('speakers = ["Ann", "Bob"]', 'speakers = "Ann"', "rounds[0].speakers: expected a list"),
        ('speakers = ["Ann", "Bob"]', "speakers = []", "rounds[0].speakers: expected at least 1, not 0"),
        (
            'speakers = ["Ann", "Bob"]', 'speakers = ["Ann", "Eve"]',
            "rounds[0].speakers: 'Eve' is no agent; expected one of: Ann, Bob",
        ),
        ("brief = { Bob", "brief = { Eve", "rounds[0].brief: 'Eve' is no speaker; expected one of: Ann, Bob"),
        ("{ Opening =", "{ Overture =", "examples[0].speeches: 'Overture' is no round; expected one of: Opening"),
        ('{ Ann = "Yes."', '{ Eve = "Yes."', "speeches.Opening: 'Eve' is no agent; expected one of: Ann, Bob"),
        ("on {topic}", "on {subject}", "line 23: rounds[0].task: unknown {subject}; expected one of: {others},"),
        ("on {topic}", "on {heard}", "rounds[0].task: unknown {heard}; expected one of: {others}, {topic}, {words}"),
        ('"Speak."', '"Speak, {who}."', "manners: unknown {who}; expected one of: {others}, {topic}, {words}"),
        ("You are Bob.", "You are {me}.", "agents[1].persona: unknown {me}; expected one of: {others},"),
        ("You say no.", "You say {me}.", "agents[1].brief: unknown {me}; expected one of: {others}, {topic}, {words}"),
        ("Why not?", "Why not {me}?", "rounds[0].brief.Bob: unknown {me}; expected one of: {heard}, {topic}"),
        ("on {topic}", "on {topic", "task: expected '}' before end of string; expected {{ and }} for plain braces"),
        ('name = "Bob"', 'name = "Ann"', "agents: two of them have the same name"),
        ("repeat = true", "repeat = true\ncounts = false", "counts: a round that repeats counts; expected true"),
        ('name = "small"', 'name = "Small one"', "name: expected at most 40 lower-case letters"),
    ],
)  # fmt: skip
def test_an_error_names_the_file_the_key_and_what_was_expected(old: str, new: str, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        small(old, new)
    assert caught.value.message.startswith("small.toml")
    assert said in caught.value.message


def test_a_file_that_is_not_toml_is_said_to_be_none_with_the_place() -> None:
    with pytest.raises(FormatError, match=r"^small\.toml is not TOML: .*line 2"):
        small('name = "small"', "name = ")


def test_braces_written_twice_are_plain() -> None:
    assert small("on {topic}", "on {{this}}").rounds[0].task == "Open on {{this}}."


def test_an_agent_is_found_by_its_name_only() -> None:
    assert small().agent("Bob").side == "against"
    with pytest.raises(KeyError):
        small().agent("bob")


def test_an_example_tells_what_others_said_first_before_a_speaker_s_turn() -> None:
    (example,) = small().examples
    assert example.before("Opening", "Ann") == {}
    assert example.before("Opening", "Bob") == {"Ann": "Yes."}
    assert example.before("Answers", "Ann") == {"Bob": "No."}


@pytest.mark.parametrize("rounds", range(1, 11))
def test_a_debate_has_as_many_counted_rounds_as_asked_and_the_rest_around_them(rounds: int) -> None:
    turns = schedule(SHIPPED.get("classic"), rounds)
    titles = list(dict.fromkeys((turn.round, turn.title) for turn in turns))
    assert [title for _, title in titles] == ["Opening statements", *["Rebuttals"] * (rounds - 1), "Synthesis"]
    assert [number for number, _ in titles] == list(range(1, rounds + 2))
    assert [turn.number for turn in turns] == list(range(1, 2 * rounds + 2))
    assert [turn.agent for turn in turns] == ["Optimist", "Skeptic"] * rounds + ["Moderator"]


def test_speakers_of_a_round_speak_in_its_order_with_its_task() -> None:
    turns = schedule(small(), 2)
    assert [(turn.agent, turn.task) for turn in turns] == [
        ("Ann", "Open on {topic}."), ("Bob", "Open on {topic}."), ("Bob", "Answer."), ("Ann", "Answer."),
    ]  # fmt: skip


def test_a_brief_task_is_that_of_its_speaker_alone() -> None:
    assert [turn.brief for turn in schedule(small(), 1)] == [None, "{topic} Why not?"]


def test_the_least_rounds_are_those_that_are_held_in_any_case() -> None:
    assert small().least_rounds == 1
    assert small("repeat = true", "repeat = false").least_rounds == 2
    assert len(schedule(small(), small().least_rounds)) == 2
