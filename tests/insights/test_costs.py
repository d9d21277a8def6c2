"""Costs by group, changes and movers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.errors import APIConnectionError, InvalidInputError
from openai_admin.insights import (
    CostBreakdown,
    Period,
    cost_by,
    daily_costs,
    month_of,
    movers,
    whole_days,
)
from openai_admin.usage.plan import Window
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import MissingWindow
from tests.insights.made import costs

# Two days, compared with the two before.
PERIOD = Period(date(2026, 11, 3), date(2026, 11, 5))
LONG_AGO = date(2026, 1, 1)

ROWS: list[dict[str, Any]] = [
    # the period before: a 10 + 2, b 5, c 1, all 18
    {"day": date(2026, 11, 1), "project_id": "a", "line_item": "gpt-5, input", "amount": "10"},
    {"day": date(2026, 11, 2), "project_id": "a", "line_item": "gpt-5, output", "amount": "2"},
    {"day": date(2026, 11, 2), "project_id": "b", "line_item": "gpt-4.1, input", "amount": "5"},
    {"day": date(2026, 11, 1), "project_id": "c", "line_item": "vector storage", "amount": "1"},
    # the period: a 6, b 9.50, d 4.50, all 20
    {"day": date(2026, 11, 3), "project_id": "a", "line_item": "gpt-5, input", "amount": "4"},
    {"day": date(2026, 11, 4), "project_id": "a", "line_item": "gpt-5, output", "amount": "2"},
    {"day": date(2026, 11, 4), "project_id": "b", "line_item": "gpt-4.1, input", "amount": "9.50"},
    {"day": date(2026, 11, 3), "project_id": "d", "line_item": "gpt-5, input", "amount": "4.50"},
    # neither
    {"day": date(2026, 11, 5), "project_id": "a", "line_item": "gpt-5, input", "amount": "100"},
    {"day": date(2026, 10, 31), "project_id": "a", "line_item": "gpt-5, input", "amount": "100"},
]


def _facts(breakdown: CostBreakdown) -> list[tuple[Any, ...]]:
    return [
        (g.group, g.cost, g.previous, g.change, g.relative, g.share, g.status)
        for g in breakdown.groups
    ]


@pytest.mark.parametrize("first", [date(2026, 11, 2), date(2026, 11, 4)])
def test_no_change_is_stated_where_spending_began_after_the_period_before_did(first: date) -> None:
    younger = [row for row in ROWS if row["day"] >= first]
    nothing = {"day": date(2026, 10, 1), "project_id": "a", "line_item": "x", "amount": "0"}
    found = cost_by(costs([nothing, *younger]), "project", period=PERIOD)
    for change in (found.total, *found.groups):
        assert (change.nothing_before, change.change, change.relative) == (first, None, None)
    assert movers(found) == ()
    known = cost_by(costs(younger), "project", period=PERIOD, began=LONG_AGO)
    assert known.total.nothing_before is None
    assert known.total.change == found.total.cost - (found.total.previous or 0)


def test_costs_by_project_with_the_change_to_the_period_before() -> None:
    found = cost_by(costs(ROWS), "project", period=PERIOD)
    assert _facts(found) == [
        (("b",), Decimal("9.50"), Decimal(5), Decimal("4.50"), 0.9, 0.475, "kept"),
        (("a",), Decimal(6), Decimal(12), Decimal(-6), -0.5, 0.3, "kept"),
        (("d",), Decimal("4.50"), Decimal(0), Decimal("4.50"), None, 0.225, "new"),
        (("c",), Decimal(0), Decimal(1), Decimal(-1), -1.0, 0.0, "gone"),
    ]
    assert (found.total.cost, found.total.previous) == (Decimal(20), Decimal(18))
    assert found.total.relative == pytest.approx(2 / 18)
    assert found.previous == Period(date(2026, 11, 1), date(2026, 11, 3))
    assert (found.currency, found.gaps) == ("usd", 0)


def test_a_model_is_that_of_a_line_item_or_the_name_of_what_has_none() -> None:
    found = cost_by(costs(ROWS), "model", period=PERIOD)
    assert [(g.group, g.cost) for g in found.groups] == [
        (("gpt-5",), Decimal("10.50")),
        (("gpt-4.1",), Decimal("9.50")),
        (("vector storage",), Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("model", {"gpt-5": 7}),
        ("kind", {"output": 5, "input": 2}),
        ("tier", {"priority": 6, "standard": 1}),
        ("context", {"long context": 4, "standard": 3}),
    ],
)
def test_parts_of_line_items_are_groupings(by: Any, groups: dict[str | None, int]) -> None:
    day = PERIOD.start
    lines = {
        "priority | gpt-5, output, long context": "4",
        "priority | gpt-5, Input": "2",
        "gpt-5, output": "1",
    }
    rows = [{"day": day, "line_item": item, "amount": cost} for item, cost in lines.items()]
    found = cost_by(costs(rows), by, period=PERIOD)
    assert {g.group[0]: g.cost for g in found.groups} == groups


def test_several_groupings_make_one_key() -> None:
    found = cost_by(costs(ROWS), ["project", "line_item"], period=PERIOD)
    assert found.groups[0].group == ("b", "gpt-4.1, input")
    assert ("a", "gpt-5, output") in [g.group for g in found.groups]


def test_movers_are_ranked_by_money_and_share_the_movement() -> None:
    # Changes: a -6, b +4.50, d +4.50, c -1; movement 16, net +2.
    found = movers(cost_by(costs(ROWS), "project", period=PERIOD))
    assert [(m.cost.group[0], m.share, m.share_of_net) for m in found] == [
        ("a", 0.375, -3.0),
        ("b", 0.28125, 2.25),
        ("d", 0.28125, 2.25),
        ("c", 0.0625, -0.5),
    ]
    assert movers(cost_by(costs(ROWS), "project", period=PERIOD), limit=1) == found[:1]
    few = movers(cost_by(costs(ROWS), "project", period=PERIOD), least=Decimal(2))
    assert few == found[:3]  # and shares stay those of all movement


def test_where_nothing_moves_there_are_no_movers() -> None:
    rows = [{"day": date(2026, 11, day), "project_id": "a", "amount": "3"} for day in (1, 2, 3, 4)]
    assert movers(cost_by(costs(rows), "project", period=PERIOD)) == ()


def test_a_total_that_does_not_change_has_no_net_shares() -> None:
    rows = [
        {"day": date(2026, 11, 1), "project_id": "a", "amount": "3"},
        {"day": date(2026, 11, 3), "project_id": "b", "amount": "3"},
    ]
    found = movers(cost_by(costs(rows), "project", period=PERIOD))
    assert [(m.share, m.share_of_net) for m in found] == [(0.5, None), (0.5, None)]


def test_no_costs_at_all() -> None:
    found = cost_by(costs([]), "project", period=PERIOD)
    assert (found.groups, found.total.cost, found.total.share) == ((), Decimal(0), None)
    assert found.currency == "usd"
    assert movers(found) == ()


def test_a_credit_is_a_cost_below_zero_without_a_percentage() -> None:
    rows = [
        {"day": date(2026, 11, 1), "project_id": "a", "amount": "-4"},
        {"day": date(2026, 11, 3), "project_id": "a", "amount": "4"},
    ]
    (group,) = cost_by(costs(rows), "project", period=PERIOD).groups
    assert (group.change, group.relative, group.status) == (Decimal(8), None, "kept")


def test_rows_of_usage_and_rows_without_an_amount_cost_nothing() -> None:
    table = costs(ROWS)
    amounts = table["amount"]
    columns = {**table.columns, "amount": [*amounts[:4], None, *amounts[5:]]}  # a's 4 dollars
    table = UsageTable(columns, dimensions=table.dimensions, metrics=table.metrics)
    found = cost_by(table, "project", period=PERIOD)
    assert {g.group: g.cost for g in found.groups}[("a",)] == Decimal(2)


def test_what_could_not_be_fetched_is_counted() -> None:
    seconds = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp())
    window = Window(seconds, seconds + 2 * 86_400, 2)
    whole = costs(ROWS)
    table = UsageTable(
        whole.columns,
        dimensions=whole.dimensions,
        metrics=whole.metrics,
        missing=[
            MissingWindow("costs", window, APIConnectionError("gone")),
            MissingWindow("completions", window, APIConnectionError("gone")),
        ],
    )
    assert daily_costs(table).gaps == {date(2026, 11, 2), date(2026, 11, 3)}
    found = cost_by(table, "project", period=PERIOD)
    assert found.gaps == 1
    # A day of the period before is one of them: no change is right without it.
    assert {(g.previous, g.change, g.relative) for g in (found.total, *found.groups)} == {
        (None, None, None)
    }
    assert movers(found) == ()


def test_the_periods_must_be_equally_long_and_apart() -> None:
    week = Period(date(2026, 10, 1), date(2026, 10, 8))
    with pytest.raises(InvalidInputError, match="equally long"):
        cost_by(costs(ROWS), period=PERIOD, previous=week)
    shifted = Period(date(2026, 11, 2), date(2026, 11, 4))
    with pytest.raises(InvalidInputError, match="overlap"):
        cost_by(costs(ROWS), period=PERIOD, previous=shifted)
    same_days_a_month_ago = Period(date(2026, 10, 31), date(2026, 11, 2))
    found = cost_by(costs(ROWS), period=PERIOD, previous=same_days_a_month_ago)
    assert found.total.previous == Decimal(111)


def test_what_a_table_was_not_grouped_by_is_refused_with_the_remedy() -> None:
    with pytest.raises(InvalidInputError, match="group_by 'user_id'"):
        cost_by(costs(ROWS, without=["user_id"]), "user", period=PERIOD)
    with pytest.raises(InvalidInputError, match=r"cannot be grouped by 'modle'.*model"):
        cost_by(costs(ROWS), "modle", period=PERIOD)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="no costs"):
        daily_costs(UsageTable({"model": []}, dimensions=["model"], metrics=[]))
    with pytest.raises(InvalidInputError, match="limit"):
        movers(cost_by(costs(ROWS), period=PERIOD), limit=0)


def test_currencies_are_never_added_up() -> None:
    euros = {"day": date(2026, 11, 3), "project_id": "a", "amount": "7", "currency": "eur"}
    table = costs([*ROWS, euros])
    with pytest.raises(InvalidInputError, match="choose a currency"):
        cost_by(table, "project", period=PERIOD)
    assert cost_by(table, period=PERIOD, currency="usd").total.cost == Decimal(20)
    assert cost_by(table, period=PERIOD, currency="eur").total.cost == Decimal(7)


def test_periods() -> None:
    now = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert whole_days(7, now=now) == Period(date(2026, 2, 22), date(2026, 3, 1))
    assert month_of(now) == Period(date(2026, 3, 1), date(2026, 4, 1))
    assert month_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)).end == date(2027, 1, 1)
    assert str(whole_days(7, now=now)) == "2026-02-22 to 2026-02-28"
    with pytest.raises(InvalidInputError, match="time zone"):
        whole_days(7, now=datetime(2026, 3, 1))  # noqa: DTZ001 - what is refused
    with pytest.raises(InvalidInputError, match="at least 1"):
        whole_days(0, now=now)
    with pytest.raises(InvalidInputError, match="before it starts"):
        Period(date(2026, 3, 2), date(2026, 3, 1))


def _rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    days = st.integers(0, 9).map(lambda i: date(2026, 10, 28) + timedelta(days=i))
    row = st.fixed_dictionaries(
        {
            "day": days,
            "amount": st.decimals(-50, 10_000, places=6).map(str),
            "project_id": st.sampled_from(["a", "b", "c", None]),
            "line_item": st.sampled_from(["gpt-5, input", "gpt-5, output", "storage", None]),
        }
    )
    return st.lists(row, max_size=40)


GROUPINGS = [(), ("project",), ("model",), ("project", "line_item")]


@given(_rows(), st.sampled_from(GROUPINGS))
def test_groups_add_up_exactly_to_the_total(rows: list[dict[str, Any]], by: Any) -> None:
    found = cost_by(costs(rows), by, period=PERIOD, began=LONG_AGO)
    assert sum(g.cost for g in found.groups) == found.total.cost
    assert sum(g.change or 0 for g in found.groups) == found.total.change
    expected = sum(Decimal(r["amount"]) for r in rows if r["day"] in PERIOD)
    assert found.total.cost == expected
    if found.total.cost:
        assert sum(g.share or 0 for g in found.groups) == pytest.approx(1)


@given(_rows(), st.sampled_from(GROUPINGS))
def test_movers_shares_add_up_to_one(rows: list[dict[str, Any]], by: Any) -> None:
    breakdown = cost_by(costs(rows), by, period=PERIOD, began=LONG_AGO)
    found = movers(breakdown, limit=1000, least=Decimal(0))
    assert len(found) == sum(g.change != 0 for g in breakdown.groups)
    if found:
        assert sum(m.share for m in found) == pytest.approx(1)
        sizes = [abs(m.cost.change or Decimal(0)) for m in found]
        assert sizes == sorted(sizes, reverse=True)


@given(_rows(), st.sampled_from(GROUPINGS), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    rows: list[dict[str, Any]], by: Any, random: Random
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (cost_by(costs(r), by, period=PERIOD) for r in (rows, shuffled))
    assert one == other
    assert movers(one) == movers(other)


@given(_rows())
def test_results_are_frozen(rows: list[dict[str, Any]]) -> None:
    found = cost_by(costs(rows), "project", period=PERIOD)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.currency = "eur"  # type: ignore[misc]


def test_currencies_are_one_in_any_case() -> None:
    rows = [
        {"day": date(2026, 11, 3), "project_id": "a", "amount": "3", "currency": "USD"},
        {"day": date(2026, 11, 3), "project_id": "a", "amount": "4"},
    ]
    found = cost_by(costs(rows), "project", period=PERIOD)
    assert (found.total.cost, found.currency) == (Decimal(7), "usd")


def test_amounts_without_a_currency_are_told_apart() -> None:
    rows = [
        {"day": date(2026, 11, 3), "project_id": "a", "amount": "3", "currency": None},
        {"day": date(2026, 11, 3), "project_id": "a", "amount": "4"},
    ]
    found = cost_by(costs(rows), "project", period=PERIOD)
    assert (found.total.cost, found.without_currency) == (Decimal(4), Decimal(3))
    alone = cost_by(costs(rows[:1]), "project", period=PERIOD)
    assert (alone.total.cost, alone.currency) == (Decimal(3), None)
    assert alone.without_currency == 0


def test_costs_add_up_exactly() -> None:
    tiny = "0." + "0" * 38 + "1"
    rows = [
        {"day": date(2026, 11, 3), "project_id": "a", "amount": "12345678901234567890"},
        {"day": date(2026, 11, 4), "project_id": "b", "amount": tiny},
    ]
    found = cost_by(costs(rows), "project", period=PERIOD)
    assert found.total.cost == Decimal("12345678901234567890" + tiny[1:])
