"""Files of budgets: what they may have, and the line of each mistake."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from openai_admin.allocation import Allocation
from openai_admin.errors import InvalidInputError
from openai_admin.insights.budgets import Budget, BudgetScope, budgets_of, read_budgets

WHOLE = """\
# What we may spend.
[[budget]]
name = "everything"
limit = 20_000.10
on = "forecast"
probability = 0.8
warn_at = [0.5, 0.8]

[[budget]]
name = "search"
limit = 0.1
period = "week"
projects = ["Search", "Ads *"]
models = "gpt-5*"
team = "web"
"""
RULES = Allocation.from_text('[[rule]]\nproject = "Search"\nteam = "web"\n')


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "budgets.toml"
    path.write_text(WHOLE)
    everything, search = read_budgets(path, allocation=RULES)
    assert everything == Budget(
        name="everything",
        limit=Decimal("20000.10"),
        on="forecast",
        at=Decimal("0.8"),
        warn_at=(Decimal("0.5"), Decimal("0.8")),
    )
    assert everything.source == f"{path}, line 2"
    assert search.limit == Decimal("0.1")  # to the last digit, as no float is
    assert search.period == "week"
    assert search.scope == BudgetScope(
        projects=("Search", "Ads *"), models=("gpt-5*",), allocated={"team": ("web",)}
    )
    assert str(search.scope) == "projects Search, Ads *; models gpt-5*; team web"


GOOD = '[[budget]]\nname = "a"\nlimit = 5\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "budgets.toml: there is no budget in it; each begins with [[budget]]."),
        ("limit", "budgets.toml is not valid TOML: "),
        ("[budget]\nlimit = 1", "line 1: budgets are tables of their own, each headed [[budget]]."),
        (GOOD + GOOD, "line 5: there is a budget 'a' in line 2 already; call each differently."),
        ('budget = [{name="a", limit=1}, {name="a", limit=2}]', "there is a budget 'a' in line 1"),
        ('[[budget]]\nname = "a"', "line 1: the budget has no limit; it must have a name and a"),
        (GOOD + 'project = "x"', "line 4: there is no 'project' here; what can be is 'name', "),
        (GOOD + 'project = "x"', "did you mean 'projects'?"),
        (GOOD + "projects = []", "line 4: projects is an empty list, which matches nothing;"),
        (GOOD + "projects = [1]", "line 4: projects must be text in quotes, not 1."),
        (GOOD + 'team = "x"', "line 4: a budget of a team needs an allocation, which says whose"),
        (GOOD + 'period = "monthly"', "line 4: period must be 'day', 'week', 'month', 'quarter'"),
        (GOOD + "warn_at = [\n 0.5,\n 50]", "line 4: warn_at must have fractions of the limit"),
        (GOOD + "probability = 0", "line 4: probability must be above 0 and at most 1, not 0."),
        (GOOD + "probability = 0.9", 'line 4: probability is for on = "forecast".'),
        (GOOD.replace("5", "-5"), "line 3: limit must be an amount of 0 or more, not -5."),
        (GOOD.replace("5", "nan"), "line 3: limit must be an amount of 0 or more, not NaN."),
        (GOOD.replace("5", "1e99"), "line 3: limit must have at most 26 digits before its point."),
        (GOOD.replace("5", '"5k"'), "line 3: limit must be a number without quotes, as 20000 or"),
        (GOOD.replace("5", "true"), "line 3: limit must be a number without quotes, as 20000 or"),
    ],
)
def test_mistakes(text: str, says: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        budgets_of(text)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.toml cannot be read: No such file"):
        read_budgets(tmp_path / "none.toml")
    with pytest.raises(InvalidInputError, match="cannot be read: Is a directory"):
        read_budgets(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[[budget]]\nname = "caf\xe9"\n')
    with pytest.raises(InvalidInputError, match=r"not valid TOML: it must be UTF-8 text\."):
        read_budgets(tmp_path / "latin.toml")


def test_what_budgets_are_passed_by_that_do_not_say_so() -> None:
    text = GOOD + GOOD.replace('"a"', '"b"') + 'on = "actual"\n'
    assert [each.on for each in budgets_of(text, on="forecast")] == [
        "forecast",
        "actual",
    ]
