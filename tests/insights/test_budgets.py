"""Where budgets stand: by hand, from tables made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from openai_admin.cli.budget_rows import apart
from openai_admin.errors import APIError, InvalidInputError
from openai_admin.insights import Period
from openai_admin.insights.budgets import (
    Budget,
    BudgetScope,
    BudgetStatus,
    budget_statuses,
    budgets_of_thresholds,
)
from openai_admin.insights.budgets.model import calendar_period
from openai_admin.insights.budgets.scoped import Lines
from openai_admin.resources.spend import SpendAlert, SpendLimit
from openai_admin.usage.asked import Asked
from openai_admin.usage.plan import Window
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import Adaptation, MissingWindow
from openai_admin.usage.totalled import Coverage
from tests.insights.made import costs, midnight

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=i) for i in range((last - first).days + 1))


def _rows(amount: str, **of: Any) -> list[dict[str, Any]]:
    """So much on each of the 80 days up to yesterday, and nothing today."""
    return [{"day": d, "amount": amount, **of} for d in _days(date(2026, 9, 1), date(2026, 11, 19))]


def _status(table: UsageTable, limit: str = "200", **of: Any) -> BudgetStatus:
    names = of.pop("names", None)
    more = {name: of.pop(name) for name in ("period", "unnamed", "doubts") if name in of}
    budget = Budget(name="a", limit=Decimal(limit), **of)
    (found,) = budget_statuses(table, [budget], now=NOW, names=names, **more)
    return found


def _lacking(table: UsageTable, *days: date) -> UsageTable:
    """A table without the costs of some days, which could not be fetched."""
    starts = [int(midnight(day).timestamp()) for day in days]
    table.missing += [
        MissingWindow("costs", Window(start, start + 86_400, 1), APIError("no")) for start in starts
    ]
    return table


def test_a_limit_that_is_spent_to_the_cent_is_not_passed() -> None:
    spent = costs([{"day": date(2026, 11, 2), "amount": "200.000000000000000000000000000000000"}])
    at = _status(spent)
    assert (at.spent, at.is_passed, at.share) == (Decimal(200), False, 1.0)
    above = costs([{"day": date(2026, 11, 2), "amount": "200.000000000000000000000000000000001"}])
    assert _status(above).is_passed is True
    assert _status(above).probability == 1.0


def test_only_the_days_of_the_period_count() -> None:
    table = costs(
        [
            {"day": date(2026, 10, 31), "amount": "1"},
            {"day": date(2026, 11, 1), "amount": "2"},
            {"day": date(2026, 11, 16), "amount": "4"},  # a Monday
            {"day": date(2026, 11, 20), "amount": "8"},
        ]
    )
    found = {
        kind: budget_statuses(table, [Budget(name="a", limit=Decimal(9), period=kind)], now=NOW)[0]
        for kind in ("day", "week", "month", "quarter", "year")
    }
    assert {kind: each.spent for kind, each in found.items()} == {
        "day": 8,
        "week": 12,
        "month": 14,
        "quarter": 15,
        "year": 15,
    }


@pytest.mark.parametrize(
    ("kind", "first", "end"),
    [
        ("day", date(2026, 11, 20), date(2026, 11, 21)),
        ("week", date(2026, 11, 16), date(2026, 11, 23)),
        ("month", date(2026, 11, 1), date(2026, 12, 1)),
        ("quarter", date(2026, 10, 1), date(2027, 1, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_periods_are_those_of_the_calendar(kind: Any, first: date, end: date) -> None:
    assert calendar_period(kind, NOW.date()) == Period(first, end)


def test_a_forecast_above_the_limit_passes_a_budget_on_the_forecast_alone() -> None:
    # 19 days at 10; eleven more make 300.
    table = costs(_rows("10"))
    actual, forecast = _status(table, "299"), _status(table, "299", on="forecast")
    assert (actual.spent, actual.expected, actual.probability) == (
        Decimal(190),
        Decimal("300.00"),
        0.9999,
    )
    assert (actual.standing, actual.is_passed) == ("expected", False)
    assert (forecast.standing, forecast.is_passed) == ("expected", True)
    assert _status(table, "300", on="forecast").is_passed is False  # nothing ever varied


def test_how_probable_it_must_be_is_the_budgets() -> None:
    table = costs([row | {"amount": str(9 + row["day"].day % 3)} for row in _rows("0")])
    expected = _status(table).expected
    assert expected is not None
    even = _status(table, str(expected), on="forecast")
    assert even.probability == pytest.approx(0.5, abs=0.01)
    assert even.high is not None
    at_end = _status(table, str(even.high), on="forecast", at=Decimal("0.2"))
    assert at_end.probability == pytest.approx(0.1, abs=0.005)  # beyond a range of 80 % lie 10 %
    assert at_end.is_passed is False
    assert _status(table, str(even.high), on="forecast", at=Decimal("0.05")).is_passed is True


def test_with_too_little_history_a_forecast_is_not_known() -> None:
    table = costs([row for row in _rows("10") if row["day"] >= date(2026, 11, 14)])
    found = _status(table, "200", on="forecast")
    assert (found.spent, found.probability, found.is_passed) == (Decimal(60), None, None)
    assert found.standing == "not known"
    assert _status(table, "200").is_passed is False
    assert _status(table, "50", on="forecast").is_passed is True  # passed already


def test_a_period_that_is_over_has_what_it_cost() -> None:
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    found = _status(costs(_rows("10")), "309", on="forecast", period=october)
    assert (found.spent, found.expected, found.probability) == (Decimal(310), Decimal(310), 1.0)
    assert found.is_passed is True
    within = _status(costs(_rows("10")), "310", on="forecast", period=october)
    assert (within.is_over, within.probability, within.is_passed) == (True, 0.0, False)


def test_a_missing_day_is_not_nothing() -> None:
    whole = costs([row for row in _rows("10") if row["day"] != date(2026, 11, 3)])
    table = _lacking(whole, date(2026, 11, 3), date(2026, 11, 4), date(2026, 10, 3))
    found = _status(table, "185")
    assert (found.spent, found.is_passed, found.standing) == (Decimal(180), None, "not known")
    assert (found.expected, found.low, found.probability) == (None, None, None)
    assert found.lacks == (
        "the costs of 2026-11-03 to 2026-11-04 are not known, or not all of them",
    )
    assert _status(table, "179").is_passed is True  # whatever the day has cost


@pytest.mark.parametrize("currency", ["eur", None, "EUR"])
def test_amounts_in_another_currency_do_not_count_and_are_said(currency: str | None) -> None:
    rows = [*_rows("10"), {"day": date(2026, 11, 3), "amount": "5", "currency": currency}]
    found = _status(costs(rows), "195")
    assert (found.spent, found.is_passed) == (Decimal(190), None)
    unit = "without a currency" if currency is None else "eur"
    assert found.lacks == (f"costs of 5 {unit} do not count",)
    assert _status(costs(rows), "189").is_passed is True
    before = [{**rows[-1], "day": date(2026, 10, 3)}, *_rows("10")]
    assert _status(costs(before), "195").is_passed is False


def test_the_currency_may_be_in_capitals() -> None:
    assert _status(costs(_rows("10", currency="USD")), "189").is_passed is True


def _of_everything() -> UsageTable:
    day = date(2026, 11, 3)
    return costs(
        [
            {"day": day, "amount": "1", "project_id": "proj_a", "line_item": "gpt-5, input"},
            {"day": day, "amount": "2", "project_id": "proj_b", "line_item": "gpt-5-mini, output"},
            {"day": day, "amount": "4", "project_id": None, "line_item": "web search tool calls"},
            {"day": day, "amount": "8", "project_id": "proj_a", "api_key_id": "key_1"},
            {"day": day, "amount": "16", "project_id": "proj_b", "user_id": "user-1"},
        ]
    )


NAMES = {
    "project_id": {"proj_a": "Search", "proj_b": "Voice Notes"},
    "api_key_id": {"key_1": "search-prod"},
    "user_id": {"user-1": "Ada"},
    "user_email": {"user-1": "ada@example.com"},
}


@pytest.mark.parametrize(
    ("scope", "spent"),
    [
        (BudgetScope(), 31),
        (BudgetScope(projects=("Search",)), 9),
        (BudgetScope(projects=("search",)), 9),
        (BudgetScope(projects=("proj_b",)), 18),
        (BudgetScope(projects=("PROJ_B",)), 18),
        (BudgetScope(projects=("Sea*", "voice n?tes")), 27),
        (BudgetScope(models=("gpt-5",)), 1),
        (BudgetScope(models=("gpt-5*",)), 3),
        (BudgetScope(models=("gpt-5*",), projects=("Search",)), 1),
        (BudgetScope(line_items=("web search*",)), 4),
        (BudgetScope(keys=("search-prod",)), 8),
        (BudgetScope(users=("*@example.com",)), 16),
        (BudgetScope(users=("ada",)), 16),
        (BudgetScope(users=("grace",)), 0),
    ],
)
def test_scopes(scope: BudgetScope, spent: int) -> None:
    found = _status(_of_everything(), scope=scope, names=NAMES)
    assert (found.spent, found.lacks) == (Decimal(spent), ())


def test_what_may_belong_to_a_scope_by_a_name_that_is_not_known_is_not_left_out() -> None:
    scope = BudgetScope(projects=("Search",))
    found = _status(_of_everything(), scope=scope, unnamed=["proj_a", "proj_b"])
    assert (found.spent, found.is_passed) == (Decimal(0), None)
    (why,) = found.lacks
    assert (
        why == "it is not known where some of the costs belong: not all names of projects are known"
    )
    by_id = BudgetScope(projects=("proj_a",))
    assert _status(_of_everything(), scope=by_id, unnamed=["proj_b"]).is_passed is False


def test_a_field_that_the_api_does_not_group_by_is_not_known() -> None:
    table = _of_everything()
    table.adapted.append(
        Adaptation("costs", "grouping", "is not grouped by", ".", field="project_id")
    )
    found = _status(table, scope=BudgetScope(projects=("Search",)), names=NAMES)
    assert (found.spent, found.is_passed) == (Decimal(0), None)
    assert "did not group costs by project_id" in found.lacks[0]
    assert _status(table).is_passed is False  # the organization's needs no group


def test_a_table_without_what_a_budget_is_about() -> None:
    table = costs(_rows("10"), without=["project_id"])
    with pytest.raises(InvalidInputError, match="group_by 'project_id'"):
        _status(table, scope=BudgetScope(projects=("a",)))


def test_credits_are_taken_off() -> None:
    rows = [*_rows("10"), {"day": date(2026, 11, 3), "amount": "-15"}]
    assert _status(costs(rows), "180").spent == 175


@pytest.mark.parametrize(
    ("spent", "standing", "at"),
    [
        ("49.99", "within", None),
        ("50", "warned", "0.5"),
        ("80", "warned", "0.8"),
        ("101", "passed", "0.8"),
    ],
)
def test_warnings(spent: str, standing: str, at: str | None) -> None:
    table = costs([{"day": date(2026, 11, 18), "amount": spent}])
    found = _status(table, "100", warn_at=(Decimal("0.5"), Decimal("0.8")))
    assert found.standing == standing
    assert found.warned_at == (None if at is None else Decimal(at))
    assert found.is_passed is (standing == "passed")


def test_nothing_may_be_spent() -> None:
    assert _status(costs([]), "0").is_passed is False
    assert _status(costs([]), "0").share is None
    assert _status(costs(_rows("0.000001")), "0").is_passed is True


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"limit": Decimal(-1)}, "limit must be an amount of 0 or more"),
        ({"limit": Decimal("NaN")}, "limit must be an amount"),
        ({"period": "fortnight"}, "period must be 'day', 'week'"),
        ({"on": "forecasts"}, "did you mean 'forecast'"),
        ({"at": Decimal(0)}, "probability must be above 0"),
        ({"warn_at": (Decimal(50),)}, "at most 1"),
        ({"name": " "}, "name must not be empty"),
    ],
)
def test_budgets_that_make_no_sense(wrong: Mapping[str, Any], says: str) -> None:
    good = Budget(name="a", limit=Decimal(1))
    with pytest.raises(InvalidInputError, match=says):
        attrs.evolve(good, **wrong)


def test_numbers_and_names_may_be_given_as_they_are_written() -> None:
    budget = Budget(name="a", limit=5, at=0.8, warn_at=[0.5, "0.9"])
    assert (budget.limit, budget.at) == (Decimal(5), Decimal("0.8"))
    assert budget.warn_at == (Decimal("0.5"), Decimal("0.9"))
    assert Budget(name="a", limit="19999.50").limit == Decimal("19999.50")
    scope = BudgetScope(projects="Data", allocated={"team": "web"})
    assert (scope.projects, scope.allocated) == (("Data",), {"team": ("web",)})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"limit": "20,000"}, "limit must be a number, as 20000 or 0.8, not '20,000'"),
        ({"limit": True}, "limit must be a number"),
        ({"at": None}, "probability must be a number"),
        ({"warn_at": "0.5"}, "warn_at must be a list"),
        ({"warn_at": 0.5}, "warn_at must be a list"),
        ({"currency": "dollars"}, "a code of three letters"),
    ],
)
def test_what_is_not_a_number(wrong: Mapping[str, Any], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        Budget(**{"name": "a", "limit": 1, **wrong})


@pytest.mark.parametrize("wrong", [["  "], [3], ""])
def test_a_scope_has_names(wrong: Any) -> None:
    with pytest.raises(InvalidInputError, match="must have names and ids"):
        BudgetScope(projects=wrong)


def _answered_until(last: date, *, end: datetime = NOW) -> UsageTable:
    """Costs of every day up to 10 November, with buckets up to another."""
    table = costs([row for row in _rows("10") if row["day"] <= date(2026, 11, 10)])
    table.asked = Asked(midnight(date(2026, 9, 1)), end, is_open=end == NOW)
    buckets = [(midnight(d), midnight(d + timedelta(1))) for d in _days(date(2026, 9, 1), last)]
    table._coverage = [Coverage("costs", ["amount"], [], buckets)]
    return table


def test_an_answer_that_ends_early_is_not_without_costs() -> None:
    found = _status(_answered_until(date(2026, 11, 10)))
    assert (found.spent, found.is_passed, found.expected) == (Decimal(100), None, None)
    assert found.lacks == ("the API has answered nothing for the days from 2026-11-11 on",)
    # Neither is one of a range that is over, or one without any day.
    of_past = _answered_until(date(2026, 10, 25), end=midnight(date(2026, 11, 1)))
    found = _status(of_past, "2000", period=Period(date(2026, 10, 1), date(2026, 11, 1)))
    assert found.is_passed is None
    assert found.lacks == ("the API has answered nothing for the days from 2026-10-26 on",)
    silent = costs([])
    silent.asked = Asked(midnight(date(2026, 9, 1)), NOW, is_open=True)
    found = _status(silent)
    assert found.is_passed is None
    assert found.lacks == ("the API has answered nothing for the days from 2026-09-01 on",)
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    assert _status(_answered_until(date(2026, 11, 10)), "311", period=october).lacks == ()
    for last in (date(2026, 11, 16), date(2026, 11, 20)):  # what may be late, and nothing billed
        assert _status(_answered_until(last)).is_passed is False


def test_limits_and_alerts_that_cannot_be_judged_are_named() -> None:
    listed: list[SpendLimit | SpendAlert] = [
        SpendLimit(threshold_amount=90_000, interval="week"),
        SpendLimit(threshold_amount=None),
        SpendLimit(threshold_amount=1, interval="fortnight"),
        SpendAlert(id="al_1", threshold_amount=None),
    ]
    (weekly,), lacks = budgets_of_thresholds({None: listed[:2], "proj_a": listed[2:]}, {})
    assert (weekly.limit, weekly.period) == (Decimal(900), "week")
    assert lacks == (
        "organization: the amount of the limit is not known",
        "proj_a: limit: its interval, 'fortnight', is not known here",
        "proj_a: the amount of the alert al_1 is not known",
    )


def test_as_many_digits_as_tell_two_amounts_apart() -> None:
    assert apart(Decimal("2214.694"), Decimal("2214.69")) == ("2,214.694", "2,214.690")
    assert apart(Decimal("5.004"), Decimal("5.004")) == ("5.00", "5.00")
    assert apart(Decimal(5), Decimal(7)) == ("5.00", "7.00")


def test_a_name_of_several_projects_is_told_with_their_ids() -> None:
    names = {"project_id": {"proj_a": "Data", "proj_b": "Data"}}
    lines = Lines(_of_everything(), names, ())
    shared = list(lines.shared(BudgetScope(projects=("data", "proj_a", "Dat*"))))
    assert shared == [("projects", "data", ["proj_a", "proj_b"])]
    assert not list(lines.shared(BudgetScope(projects=("data",), models=("gpt-5",))))
