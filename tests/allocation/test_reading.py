"""The file of an allocation: what it may say, and every mistake with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from openai_admin.allocation import Allocation
from openai_admin.allocation.patterns import Pattern
from openai_admin.errors import InvalidInputError

GOOD = """\
# Whose costs are whose.
[teams.Web]
cost_center = "4100"
[teams.Data]
tags = { unit = "b2b" }

[[rule]]
project = ["web-*", "proj_1"]
model = "gpt-5*"
team = "Web"
from = 2026-01-01
to = 2026-06-30

[[rule]]
key = "ci"
shares = [
  { team = "Web", weight = 0.6 },
  { team = "Data", weight = 0.2 },
]
"""


def test_what_a_file_says() -> None:
    allocation = Allocation.from_text(GOOD)
    first, second = allocation.rules
    assert (first.line, second.line) == (7, 14)
    assert (first.first, first.last) == (date(2026, 1, 1), date(2026, 6, 30))
    assert first.values == {"team": "Web", "cost_center": "4100", "unit": None}
    assert [part.weight for part in second.parts] == [3, 1]
    assert allocation.dimensions == ("team", "cost_center", "unit")
    assert allocation.needs == {"project_id", "api_key_id", "line_item"}
    assert allocation.needs_names == {"project", "key"}
    assert repr(allocation) == "<Allocation 2 rules from allocation.toml: team, cost_center, unit>"


RULE = '[[rule]]\nproject = "a"\n'
MISTAKES = {
    "[[rule]\n": "is not valid TOML: Expected ']]' at the end of an array declaration (at line 1",
    "": "there is no rule in it; each begins with [[rule]]",
    "[rule]\nteam = 'a'\n": "line 1: rules are tables of their own, each headed [[rule]]",
    "\n[[rules]]\n": "line 2: there is no 'rules' here; what can be is 'rule' or 'teams'; did you",
    RULE + "taem = 'A'\n": "line 3: there is no 'taem' here",
    "[[rule]]\nteam = 'A'\n": "line 1: the rule does not say what it matches, by 'key', 'user'",
    RULE: "line 1: the rule does not say whose it is, by 'team', 'cost_center' or 'tags'",
    RULE + "team = 4\n": 'line 3: team must be text in quotes, as "4"',
    RULE + "team = '(not allocated)'\n": "line 3: team must not be '(not allocated)'",
    RULE + "team = ' '\n": "line 3: team must not be empty",
    "[[rule]]\nproject = []\nteam = 'A'\n": "line 2: project is an empty list, which matches",
    "[[rule]]\nuser = 'a'\nservice_account = 'b'\nteam = 'A'\n": "line 3: a rule matches people or",
    RULE
    + "team = 'A'\nfrom = '2026-01-01'\n": "line 4: from must be a date, as 2026-10-01 without",
    RULE + "team = 'A'\nfrom = 2026-01-01T00:00:00Z\n": "line 4: from must be a date",
    RULE + "team = 'A'\nfrom = 2026-02-01\nto = 2026-01-31\n": "line 5: to, 2026-01-31, is before",
    RULE + "tags = { project_id = 'A' }\n": "line 3: no tag can be called 'project_id'",
    RULE + "tags = { Unit = 'A' }\n": "line 3: the name of a tag is lower-case letters",
    RULE + "shares = 'even'\n": 'line 3: shares must be "usage" or a list as [{ team = "Web"',
    RULE + "shares = []\n": "line 3: shares has no share in it",
    RULE + "shares = [{ team = 'A' }]\n": "line 3: each share needs a weight, a number above",
    RULE + "shares = [{ team = 'A', weight = 0 }]\n": "a number above 0, not 0",
    RULE + "shares = [{ team = 'A', weight = -1 }]\n": "a number above 0, not -1",
    RULE + "shares = [{ team = 'A', weight = nan }]\n": "a number above 0, not NaN",
    RULE + "shares = [{ team = 'A', weight = true }]\n": "a number above 0, not True",
    RULE + "shares = [{ team = 'A', weight = 1 }, { team = 'A', weight = 2 }]\n": "for the same",
    RULE + "team = 'A'\nshares = [{ team = 'B', weight = 1 }]\n": "each share has a team, and so",
    RULE + "team = 'A'\nmeasured = 'project'\n": 'line 4: measured goes with shares = "usage" only',
    RULE + "shares = 'usage'\nmeasured = 'all'\n": "measured must be 'project' or 'organization'",
    "[teams.A]\n" + RULE + "team = 'B'\n": "line 4: there is no team 'B'; [teams] has 'A'.",
    "[teams.A]\ncolour = 'x'\n" + RULE: "line 2: there is no 'colour' here",
    'x = """\n[[rule]]\n"""\n' + RULE: "line 1: there is no 'x' here",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Allocation.from_text(text, source="a.toml")
    assert str(caught.value).startswith("a.toml")
    assert MISTAKES[text] in str(caught.value)


CONTRADICTIONS = {
    "the same project": (
        "[[rule]]\nproject = ['a', 'b']\nteam = 'A'\n\n[[rule]]\nproject = 'b'\nteam = 'B'\n",
        "lines 1 and 5: both rules decide the team of project 'b'",
    ),
    "names that differ in their case alone": (
        "[[rule]]\nproject = 'Data'\nteam = 'A'\n[[rule]]\nproject = 'DATA'\nteam = 'B'\n",
        "lines 1 and 4: both rules decide the team of project 'Data'",
    ),
    "rules in one line": (
        "rule = [{project = 'a', team = 'A'}, {project = 'a', team = 'B'}]",
        "line 1: both rules",
    ),
    "the same wildcards": (
        "[[rule]]\nkey = 'ci-*'\nteam = 'A'\n[[rule]]\nkey = 'CI-*'\nteam = 'B'\n",
        "lines 1 and 4: both rules decide the team of key 'ci-*'",
    ),
    "validity that overlaps by a day": (
        RULE + "team = 'A'\nto = 2026-03-31\n" + RULE + "team = 'B'\nfrom = 2026-03-31\n",
        "lines 1 and 5",
    ),
}


@pytest.mark.parametrize("text", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_rules_that_contradict_each_other_are_told_with_both_lines(text: tuple[str, str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Allocation.from_text(text[0])
    assert text[1] in str(caught.value)


def test_what_is_no_contradiction() -> None:
    """One after another, to the same team, by other selectors, or of other dimensions."""
    Allocation.from_text(
        "[[rule]]\nproject = 'a'\nteam = 'A'\nto = 2026-03-30\n"
        "[[rule]]\nproject = 'a'\nteam = 'B'\nfrom = 2026-03-31\n"
        "[[rule]]\nproject = 'a'\nteam = 'B'\nfrom = 2026-05-31\n"
        "[[rule]]\nproject = 'a'\nmodel = 'm'\nteam = 'C'\n"
        "[[rule]]\nproject = 'a'\ncost_center = '1'\n"
    )


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        ("web-*", "*-prod", True),
        ("web-*", "*-PROD-?", True),
        ("a*b", "b*a", False),
        ("a?c*", "*ab?", True),
        ("web-*", "app-*", False),
        ("?", "??", False),
        ("a*", "a", True),
    ],
)
def test_wildcards_that_can_match_the_same_may_contradict(
    one: str, other: str, meets: bool
) -> None:
    assert Pattern(one).meets(Pattern(other)) is Pattern(other).meets(Pattern(one)) is meets
    rules = f"[[rule]]\nproject = '{one}'\nteam = 'A'\n[[rule]]\nproject = '{other}'\nteam = "
    told = Allocation.from_text(f"{rules}'B'").possible_contradictions()
    assert len(told) == (meets and other != "a")
    assert all("lines 1 and 4" in each and repr(one) in each for each in told)
    assert not Allocation.from_text(f"{rules}'A'").possible_contradictions()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.toml cannot be read: No such file"):
        Allocation.from_file(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes(b"team = '\xe4'")
    with pytest.raises(InvalidInputError, match="is not valid TOML: 'utf-8' codec"):
        Allocation.from_file(path)
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert Allocation.from_file(path).source == str(path)
