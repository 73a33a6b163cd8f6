"""A format's file that is wrong in any way is told with file, line, key and what was expected."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from debate_server.core.errors import FormatError
from debate_server.core.format.file import MOST, check, keys, line_of, parse
from debate_server.core.format.shape import MOST_SEATS, Format

TEXT: Final = '''\
name = "full"
title = "Full"
about = """
[[rounds]] in a long string is no table, and
title = "neither a key"
"""
manners = "Speak."
default_rounds = 2

[[agents]]
name = "Ann"
side = "for"
persona = "You are Ann."

[[agents]]
name = "Bob"
side = "against"
persona = "You are Bob."

[[agents]]
name = "Judge"
side = "jury"
persona = "You judge."

[[rounds]]
name = "Before"
voters = ["Judge"]
candidates = ["Ann", "Bob"]
task = "Vote."

[[rounds]]
name = "Talk"
repeat = true
speakers = ["Ann", "Bob"]
together = true
task = "Talk on {topic}."

[[rounds]]
name = "Check"
repeat = true
voters = ["Judge"]
candidates = ["Ann", "Bob"]
task = "Vote."

[[rounds]]
name = "After"
voters = ["Judge"]
candidates = ["Ann", "Bob"]
task = "Vote."

[stop]
when = "decided"
round = "Check"

[decision]
by = "vote"
round = "After"
before = "Before"

[[examples]]
topic = "Tea?"
[examples.speeches."Talk"]
Ann = "Yes."
'''
BASES: Final = {"round": {"extends": "and-round"}, "and-round": {"extends": "round"}, "stray": {"extends": "nowhere"}}


def find(name: str) -> Mapping[str, Any]:
    if name not in BASES:
        raise FormatError(f"there is no format {name!r}; expected one of: round, stray.")
    return BASES[name]


def changed(old: str, new: str) -> Format:
    """The format above, with the first of these changed."""
    assert old in TEXT
    return parse(TEXT.replace(old, new, 1), "full.toml", find)


def error(old: str, new: str) -> str:
    with pytest.raises(FormatError) as caught:
        changed(old, new)
    return caught.value.message


def test_as_it_stands_it_holds_together() -> None:
    assert changed("", "").name == "full"


AGENT: Final = '[[agents]]\nname = "{}"\nside = "for"\npersona = "p"\n'
VOTE: Final = 'voters = ["Judge"]\ncandidates = ["Ann", "Bob"]\n'
# What is changed into what, and what is said of it after the file's name.
WRONG: Final = [
    # A word that is misspelt, in every table.
    ("[[agents]]", "[[agent]]",                 ", line 10: agent: there is no such key; did you mean agents? It ta"),
    ("side =", "sied =",                        ", line 12: agents[0].sied: there is no such key; did you mean side?"),
    ("together =", "togehter =",                ", line 35: rounds[1].togehter: there is no such key; did you mean"),
    ("when =", "wenn =",                        ", line 52: stop.wenn: there is no such key; did you mean when? It"),
    ("before =", "befor =",                     ", line 58: decision.befor: there is no such key; did you mean befo"),
    ("topic =", "topc =",                       ", line 61: examples[0].topc: there is no such key; did you mean to"),
    ("title =", "extend = 'x'\ntitle =",        ", line 2: extend: there is no such key; did you mean extends? It t"),
    # A value of another kind.
    ('"Full"', "7",                             ", line 2: title: expected text."),
    ('"Full"', "2026-11-20",                    ", line 2: title: expected text."),
    ('"Full"', '""',                            ", line 2: title: it is empty."),
    ('"Full"', f'"{"x" * 101}"',                ", line 2: title: expected at most 100 characters."),
    ("default_rounds = 2", "default_rounds = 2.0",   ", line 8: default_rounds: expected a whole number."),
    ("default_rounds = 2", "default_rounds = true",  ", line 8: default_rounds: expected a whole number."),
    ("default_rounds = 2", "default_rounds = 101",   ", line 8: default_rounds: expected 100 or less."),
    ("default_rounds = 2", "default_rounds = 0",     ", line 8: default_rounds: expected 1 or more."),
    ("repeat = true", 'repeat = "yes"',         ", line 33: rounds[1].repeat: expected true or false."),
    ("repeat = true", "repeat = 1",             ", line 33: rounds[1].repeat: expected true or false."),
    ("repeat = true", 'repeat = true\nsees = "some"', ", line 34: rounds[1].sees: expected 'everything', 'own side',"),
    ('side = "for"', 'side = "for"\ntemperature = nan', ", line 13: agents[0].temperature: expected 2.0 or less."),
    ('side = "for"', 'side = "for"\ntemperature = "0"', ", line 13: agents[0].temperature: expected a number."),
    ('side = "for"', 'side = "for"\nmax_tokens = "90"', ", line 13: agents[0].max_tokens: expected a whole number."),
    ('name = "Ann"', 'name = "Ann=x"',          ", line 11: agents[0].name: expected a name without =, @ and /, that"),
    ('["Ann", "Bob"]', '"Ann"',                 ", line 28: rounds[0].candidates: expected a list."),
    ('["Ann", "Bob"]', "[]",                    ", line 28: rounds[0].candidates: expected at least 1, not 0."),
    ('["Ann", "Bob"]', '["Ann", 7]',            ", line 28: rounds[0].candidates[1]: expected text."),
    ('[stop]\nwhen = "decided"\nround = "Check"', "[[stop]]", ", line 51: stop: expected a table."),
    ("[stop]\n", "[examples]\n[stop]\n",        " is not TOML: Cannot overwrite a value (at line 61,"),
    # A name that nobody has.
    ('speakers = ["Ann", "Bob"]', 'speakers = ["Ann", "Eve"]', ", line 34: rounds[1].speakers: 'Eve' is no agent; e"),
    ('voters = ["Judge"]', 'voters = ["Jury"]', ", line 27: rounds[0].voters: 'Jury' is no agent; expected one of:"),
    ('["Ann", "Bob"]', f'["{"x" * 500}"]',      f", line 28: rounds[0].candidates: '{'x' * 60}' is no agent; expected"),
    ('round = "Check"', 'round = "Czech"',      ", line 53: stop.round: 'Czech' is no round; expected one of: Before,"),
    ('before = "Before"', 'before = "Bevor"',   ", line 58: decision.before: 'Bevor' is no round; expected one of: Be"),
    ('."Talk"]', '."Walk"]',                    ", line 62: examples[0].speeches: 'Walk' is no round; expected one of"),
    ('Ann = "Yes."', 'Eve = "Yes."',            ", line 62: examples[0].speeches.Talk: 'Eve' is no agent; expected on"),
    # What goes round, or nowhere.
    ("title =", "extends = 'full'\ntitle =",    ", line 2: extends: it goes round in a circle; expected it to end wi"),
    ("title =", "extends = 'round'\ntitle =",   ", line 2: extends (full → round → and-round → round): it goes round"),
    ("title =", "extends = 'nope'\ntitle =",    ", line 2: extends: there is no format 'nope'; expected one of: roun"),
    ("title =", "extends = 'stray'\ntitle =",   ", line 2: extends (full → stray → nowhere): there is no format 'now"),
    ("title =", "extends = 7\ntitle =",         ", line 2: extends: expected the name of a format."),
    # Too few, too many, too often.
    ('speakers = ["Ann", "Bob"]', "speakers = []", ", line 34: rounds[1].speakers: expected at least 1, not 0."),
    ('speakers = ["Ann", "Bob"]\n', "",         ", line 31: rounds[1].speakers: expected either speakers or voters."),
    ('speakers = ["Ann", "Bob"]\ntogether = true\n', VOTE, ", line 25: rounds: nobody speaks in those that repeat; e"),
    ('side = "for"', 'side = "for"\ncount = 1000',   ", line 13: agents[0].count: expected 100 or less."),
    ('side = "for"', 'side = "for"\ncount = 99',     ", line 10: agents: they are 101 seats; expected at most 100."),
    ("[[agents]]", AGENT.format("A") * 1000 + "[[agents]]", ", line 10: agents: expected at most 100, not 1003."),
    ('["Judge"]', '["Judge", "Judge"]',         ", line 27: rounds[0].voters: somebody is in it twice; expected each"),
    ('["Ann", "Bob"]', '["Ann", "Ann"]',        ", line 28: rounds[0].candidates: somebody is in it twice; expected e"),
    ('"Bob"', '"tie"',                          ", line 10: agents: one is called 'tie', as a vote that nobody wins;"),
    # What does not fit together.
    ('before = "Before"', 'before = "After"',   ", line 58: decision.before: it is not before the decision's round; e"),
    ('by = "vote"', 'by = "ranking"',           ", line 57: decision.round: expected a round of voters with ranked ="),
    ('by = "vote"', 'by = "chair"',             ", line 55: decision.answer: expected the round in which the chair s"),
    ('round = "After"', 'round = "After"\nanswer = "Talk"', ", line 58: decision.answer: expected a round of one spea"),
    ("together = true", "together = true\nranked = true",   ", line 31: rounds[1].candidates: only a round of voters"),
    ('round = "Check"', 'round = "After"',      ", line 53: stop.round: expected a round of voters with repeat = tru"),
    ('when = "decided"', 'when = "agreement"',  ", line 53: stop.round: it is the last round that agrees; expected i"),
    ('by = "vote"', 'by = "panel"',             ", line 58: decision.before: only by = \"vote\" counts a vote before;"),
    ('round = "After"\nbefore = "Before"', 'round = "Talk"\nanswer = "Talk"', ", line 58: decision.answer: most of"),
    # Votes in which there is nothing to choose, and names that are words.
    ('["Ann", "Bob"]', '["Ann"]',               ", line 28: rounds[0].candidates: 'Judge' has 1 to choose from besi"),
    (VOTE, 'voters = ["Ann"]\ncandidates = ["Ann"]\nranked = true\n', ", line 28: rounds[0].candidates: 'Ann' has 0 "),
    (VOTE, VOTE.replace("Judge", "Ann") + "ranked = true\n", ", line 28: rounds[0].candidates: 'Ann' has 1 to choose "),
    # Braces.
    ("{topic}", "{topic:>999999999}",           ", line 36: rounds[1].task: unknown {topic:>999999999}; expected one"),
    ("{topic}", "{topic!r}",                    ", line 36: rounds[1].task: unknown {topic!r}; expected one of: {ot"),
    ("{topic}", "{topic.real}",                 ", line 36: rounds[1].task: unknown {topic.real}; expected one of:"),
    # What a terminal takes for commands.
    ('title = "Full"', '"ti\\u001btle" = "Full"', ": ti�tle: there is no such key; did you mean title? It takes"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, said: str) -> None:
    assert error(old, new).startswith(f"full.toml{said}")


def test_a_list_is_too_long_with_the_seats_that_it_stands_for() -> None:
    crowd = 'speakers = ["Ann", "Bob", "Ann"]\ntogether = false'
    wrong = TEXT.replace('speakers = ["Ann", "Bob"]\ntogether = true', crowd).replace(
        'side = "for"', f'side = "for"\ncount = {MOST_SEATS - 2}'
    )
    with pytest.raises(
        FormatError, match=r"line 35: rounds\[1\]\.speakers: they are 197 seats; expected at most 100\."
    ):
        parse(wrong, "full.toml")


def test_rounds_that_repeat_without_a_stop_are_well_and_a_stop_without_them_is_not() -> None:
    assert changed('[stop]\nwhen = "decided"\nround = "Check"', "").stop is None
    told = error("repeat = true\nspeakers", "speakers")
    assert "full.toml: default_rounds" not in told
    wrong = TEXT.replace("repeat = true\n", "").replace("default_rounds = 2", "default_rounds = 1")
    with pytest.raises(FormatError, match="line 49: stop: nothing repeats; expected a round with repeat = true"):
        parse(wrong, "full.toml")


def test_all_that_is_wrong_is_told_a_line_each_and_of_each_key_what_comes_first() -> None:
    wrong = TEXT.replace('"Judge"]', '"Jury"]').replace('before = "Before"', 'before = "Bevor"')
    with pytest.raises(FormatError) as caught:
        parse(wrong, "full.toml")
    places = [re.match(r"full\.toml, line (\d+): ([\w.\[\]]+): ", line) for line in caught.value.message.split("\n")]
    assert [place and place.groups() for place in places] == [
        ("27", "rounds[0].voters"), ("41", "rounds[2].voters"), ("47", "rounds[3].voters"), ("58", "decision.before"),
    ]  # fmt: skip


def test_of_very_much_that_is_wrong_some_is_told() -> None:
    told = error("title =", "".join(f"x{number} = 1\n" for number in range(100)) + "title =").split("\n")
    assert len(told) == MOST + 1
    assert told[-1] == f"full.toml: and {100 - MOST} more."


def test_a_key_of_the_top_is_not_looked_for_in_a_table() -> None:
    assert error('name = "full"\n', "").startswith("full.toml: name: it is missing.")


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        (("name",), 1),
        (("default_rounds",), 8),
        (("agents", 1), 15),
        (("agents", 1, "name"), 16),
        (("agents", 1, "model"), 15),
        (("rounds", 3, "task"), 49),
        (("stop", "round"), 53),
        (("examples", 0, "speeches", "Talk", "Ann"), 63),
        (("nowhere",), 0),
        ((), 0),
    ],
)
def test_a_key_is_found_in_its_line(loc: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, loc) == line


def test_keys_that_stand_in_no_file_are_told_without_a_line() -> None:
    with pytest.raises(FormatError, match=r"^format: title: expected text\.$"):
        check(keys(TEXT, "") | {"title": 7}, "format", find)


@pytest.mark.parametrize("name", ["yes", "No", "A", "я", "Tie"])
def test_a_candidate_is_not_called_by_a_word(name: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(TEXT.replace('"Bob"', f'"{name}"'), "full.toml")
    assert caught.value.message.split("\n")[0] == (
        f"full.toml, line 28: rounds[0].candidates: {name!r} is a word too, and judges read labels for names; "
        "expected a longer name."
    )
    one = TEXT.replace('"Bob"', '"A"').replace('side = "against"', 'side = "against"\ncount = 2')
    assert parse(one, "full.toml").rounds[0].candidates == ("Ann", "A 1", "A 2")


def test_where_the_agents_are_wrong_they_alone_are_told() -> None:
    crowd = "".join(AGENT.format(f"Agent {number}") + "count = 100\n" for number in range(90))
    told = error("[[agents]]", crowd + "[[agents]]")
    assert told == "full.toml, line 10: agents: they are 9003 seats; expected at most 100."


def test_of_many_names_that_there_are_some_are_told() -> None:
    crowd = "".join(AGENT.format(f"Agent {number}") for number in range(90))
    told = error("[[agents]]", crowd + '[[rounds]]\nname = "R"\ntask = "t"\nspeakers = ["Eve"]\n[[agents]]')
    assert told.endswith("Agent 18, Agent 19, ….")
