"""Tables with the columns of an allocation: which rule wins, what is shared, what stays open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from openai_admin.allocation import Allocation
from openai_admin.errors import InvalidInputError
from openai_admin.usage.asked import Asked
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import Adaptation
from tests.insights.made import costs

DAY = date(2026, 3, 1)
NAMES = {
    "project_id": {"proj_1": "Web Shop", "proj_2": "web-prod"},
    "api_key_id": {"key_1": "CI"},
    "user_id": {"user-1": "Ada Lovelace"},
    "user_email": {"user-1": "ada@example.com"},
    "owner": {"key_2": "user-1", "key_3": "svc_acct_1"},
}
ROW = {"day": DAY, "amount": "1", "project_id": "proj_1"}


def rules(*texts: str) -> Allocation:
    return Allocation.from_text("".join(f"[[rule]]\n{text}\n" for text in texts))


def teams(allocation: Allocation, *rows: dict[str, Any]) -> list[str | None]:
    table = allocation.apply(costs([{**ROW, **row} for row in rows]), NAMES)
    return list(table["team"])


WINS = {
    "a key's rule over a person's and a project's": (
        ["project='Web Shop'\nteam='P'", "user='user-1'\nteam='U'", "key='*'\nmodel='m'\nteam='M'",
         "key='ci'\nteam='K'"],
        {"api_key_id": "key_1", "user_id": "user-1"}, "K",
    ),
    "a person's over a project's, found by the owner of the key": (
        ["project='proj_1'\nteam='P'", "user='ADA@example.com'\nteam='U'"],
        {"api_key_id": "key_2"}, "U",
    ),
    "a person's by the name": (
        ["project='*'\nteam='P'", "user='ada *'\nteam='U'"], {"user_id": "user-1"}, "U",
    ),
    "a service account's": (
        ["user='*'\nteam='U'", "service_account='svc_acct_1'\nteam='S'", "project='*'\nteam='P'"],
        {"api_key_id": "key_3"}, "S",
    ),
    "a wildcard for keys over an exact project": (
        ["project='proj_1'\nteam='P'", "key='c?'\nteam='K'"], {"api_key_id": "key_1"}, "K",
    ),
    "an exact text over a wildcard": (
        ["project='web*'\nteam='W'", "project='WEB SHOP'\nteam='P'"], {}, "P",
    ),
    "a narrower wildcard over one that includes it": (
        ["project='web*'\nteam='W'", "project='web *'\nteam='N'"], {}, "N",
    ),
    "two selectors over one": (
        ["project='proj_1'\nteam='P'", "project='proj_1'\nmodel='gpt-5'\nteam='M'"],
        {"line_item": "priority | GPT-5, input"}, "M",
    ),
    "a project's over a model's": (
        ["project='proj_1'\nteam='P'", "model='gpt-5'\nteam='M'"],
        {"line_item": "gpt-5, input"}, "P",
    ),
    "a model's over what is a mere asterisk": (
        ["project='*'\nteam='P'", "model='gpt-*'\nteam='M'"], {"line_item": "gpt-5, input"}, "M",
    ),
    "a tool is a model, and a line item": (
        ["line_item='Web search*'\nteam='L'", "model='gpt-*'\nteam='M'"],
        {"line_item": "web search tool calls"}, "L",
    ),
    "no rule for an id in other letters": (["project='PROJ_1'\nteam='P'"], {}, None),
    "no rule for what has no key": (["key='*'\nteam='K'"], {}, None),
    "none where one of two selectors does not match": (
        ["project='proj_1'\nkey='x'\nteam='K'"], {"api_key_id": "key_1"}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WINS.values(), ids=WINS)
def test_which_rule_wins(case: tuple[list[str], dict[str, Any], str | None]) -> None:
    texts, row, expected = case
    assert teams(rules(*texts), row) == [expected]
    assert teams(rules(*reversed(texts)), row) == [expected]


def test_an_ambiguous_row_is_an_error_with_both_lines_and_what_it_is() -> None:
    allocation = rules("project='web-*'\nteam='A'", "project='*-prod'\nteam='B'")
    assert teams(allocation, {"project_id": "web-dev"}) == ["A"]
    with pytest.raises(InvalidInputError) as caught:
        teams(allocation, {"project_id": "proj_2"})
    assert "lines 1 and 4: both rules decide the team of project 'web-prod' (proj_2)" in str(
        caught.value
    )


def test_an_ambiguity_that_a_more_specific_rule_settles_is_none() -> None:
    allocation = rules(
        "project='web-*'\nteam='A'", "project='*-prod'\nteam='B'", "project='proj_2'\nteam='C'"
    )
    assert teams(allocation, {"project_id": "proj_2"}) == ["C"]


def test_each_dimension_is_decided_by_itself_but_a_team_brings_its_own() -> None:
    allocation = Allocation.from_text(
        "[teams.Web]\ncost_center='4100'\n[teams.Lab]\n"
        "[[rule]]\nproject='proj_1'\nteam='Web'\ntags={env='prod'}\n"
        "[[rule]]\nkey='key_1'\nteam='Lab'\n"
    )
    table = allocation.apply(costs([ROW, {**ROW, "api_key_id": "key_1"}]))
    found = [table[name] for name in ("team", "cost_center", "env")]
    assert list(zip(*found, strict=True)) == [("Web", "4100", "prod"), ("Lab", None, "prod")]


def test_validity_is_by_whole_days_the_last_included() -> None:
    allocation = rules(
        "project='proj_1'\nteam='A'\nto=2026-03-01", "project='proj_1'\nteam='B'\nfrom=2026-03-03"
    )
    days = [{"day": DAY + timedelta(days=n)} for n in range(3)]
    assert teams(allocation, *days) == ["A", None, "B"]
    totals = costs([ROW]).totals("project_id")
    with pytest.raises(InvalidInputError, match="a table with the column 'start_time'"):
        allocation.apply(totals)


# --- shares ---------------------------------------------------------------------------------------


def shares(table: UsageTable, *, team: str = "team") -> list[tuple[str | None, str]]:
    return [(a, f"{b:f}") for a, b in zip(table[team], table["amount"], strict=True)]


def test_fixed_weights_divide_exactly() -> None:
    allocation = rules(
        "project='proj_1'\nshares=[{team='A',weight=0.5},{team='B',weight=1}]",
    )
    odd = "0.000004500000000000000000000000000000001"
    rows = [{**ROW, "amount": a, "quantity": Decimal(3)} for a in ("1", "-1", odd, "0")]
    table = allocation.apply(costs(rows))
    assert shares(table) == [
        ("A", "0.333333333333333333"),
        ("B", "0.666666666666666667"),
        ("A", "-0.333333333333333333"),
        ("B", "-0.666666666666666667"),
        ("A", "0.0000015"),
        ("B", "0.000003000000000000000000000000000000001"),
        ("A", "0"),
        ("B", "0"),
    ]
    assert list(table["quantity"]) == [1, 2] * 4
    assert list(table["currency"]) == ["usd"] * 8


def test_shares_of_two_dimensions_are_independent_of_each_other() -> None:
    allocation = rules(
        "project='proj_1'\nshares=[{team='A',weight=1},{team='B',weight=1}]",
        "project='*'\nshares=[{cost_center='1',weight=1},{cost_center='2',weight=3}]",
    )
    table = allocation.apply(costs([{**ROW, "amount": "8"}]))
    assert list(zip(table["team"], table["cost_center"], table["amount"], strict=True)) == [
        ("A", "1", 1), ("A", "2", 3), ("B", "1", 1), ("B", "2", 3)
    ]  # fmt: skip


def test_whole_numbers_are_divided_into_whole_numbers() -> None:
    allocation = rules("project='p'\nshares=[{team='A',weight=1},{team='B',weight=2}]")
    start = datetime(2026, 3, 1, tzinfo=UTC)
    columns: dict[str, list[Any]] = {
        "start_time": [start] * 2,
        "project_id": ["p", "q"],
        "input_tokens": [100, 7],
    }
    usage = UsageTable(columns, dimensions=["start_time", "project_id"], metrics=["input_tokens"])
    table = allocation.apply(usage)
    assert list(zip(table["team"], table["input_tokens"], strict=True)) == [
        ("A", 33), ("B", 67), (None, 7)
    ]  # fmt: skip


USED = [
    {**ROW, "project_id": "gw", "api_key_id": "key_1", "amount": "3"},
    {**ROW, "project_id": "gw", "api_key_id": "key_2", "amount": "1"},
    {**ROW, "project_id": "gw", "api_key_id": "key_1", "amount": "-2"},  # a credit
    {**ROW, "project_id": "gw", "amount": "10"},
    {**ROW, "project_id": "gw", "amount": "8", "currency": "EUR"},
    {**ROW, "project_id": "gw", "api_key_id": "key_1", "amount": "1", "currency": "eur"},
    {**ROW, "project_id": "other", "api_key_id": "key_2", "amount": "4"},
    {**ROW, "project_id": "gw", "amount": "6", "day": DAY + timedelta(days=1)},
]
BY_KEY = ["key='key_1'\nteam='A'", "key='key_2'\nteam='B'"]


@pytest.mark.parametrize(
    ("measured", "parts"),
    [("project", ["5", "5"]), ("organization", ["1.666666666666666666", "8.333333333333333334"])],
)
def test_by_usage_divides_as_the_day_was_used_by_currency(measured: str, parts: list[str]) -> None:
    allocation = rules(*BY_KEY, f"project='gw'\nshares='usage'\nmeasured='{measured}'")
    found = allocation.allocate(costs(USED))
    assert shares(found.table) == [
        ("A", "3"), ("B", "1"), ("A", "-2"), ("A", parts[0]), ("B", parts[1]), ("A", "8"),
        ("A", "1"), ("B", "4"), (None, "6"),
    ]  # fmt: skip
    (note,) = found.notes
    assert note == (
        "Not allocated is what allocation.toml, line 7, divides on 1 day, from 2026-03-02 on:"
        " nothing was used then that is allocated otherwise."
    )


def test_where_nothing_was_used_there_are_other_shares() -> None:
    allocation = rules(
        *BY_KEY,
        "project='gw'\nshares='usage'\notherwise=[{team='A',weight=1},{team='C',weight=1}]",
    )
    found = allocation.allocate(costs(USED))
    assert shares(found.table)[-2:] == [("A", "3"), ("C", "3")]
    assert not found.notes


@pytest.mark.parametrize("measured", ["project", "organization"])
@pytest.mark.parametrize("filter", ["project_ids", "line_items"])
def test_what_filters_hide_the_measure_of_is_not_allocated(filter: str, measured: str) -> None:
    whole, narrowed = costs(USED[:4]), costs(USED[:4])
    narrowed.asked = Asked(whole["start_time"][0], whole["end_time"][0], False, "1d", {filter: "x"})
    allocation = rules(*BY_KEY, f"project='gw'\nshares='usage'\nmeasured='{measured}'")
    found = allocation.allocate(narrowed)
    divided = [("A", "5"), ("B", "5")]
    if (filter, measured) == ("project_ids", "project"):
        assert (shares(found.table)[3:], found.doubts) == (divided, [])
    else:
        assert shares(found.table)[3:] == [(None, "10")]
        (doubt,) = found.doubts
        assert doubt == (
            "Not allocated is what allocation.toml, line 7, divides on 1 day, from 2026-03-01 on:"
            " what was used then beside what was asked for is not known."
        )
    again = allocation.allocate(narrowed, measured=whole)
    assert (shares(again.table)[3:], again.doubts) == (divided, [])


# --- what is not known ----------------------------------------------------------------------------


def without(table: UsageTable, field: str) -> UsageTable:
    table.adapted.append(
        Adaptation(
            "costs", "grouping", "are not grouped by", ": the API refuses that.", field=field
        )
    )
    return table


def test_what_a_refused_field_may_decide_is_not_allocated() -> None:
    """On the first day the API did not group by key: only there, and only in that project."""
    allocation = rules("project='*'\nteam='P'", "project='proj_1'\nkey='key_1'\nteam='K'")
    later = DAY + timedelta(days=1)
    rows = [
        ROW,
        {**ROW, "project_id": "proj_2"},
        {**ROW, "day": later},
        {**ROW, "day": later, "api_key_id": "key_1"},
    ]
    found = allocation.allocate(without(costs(rows), "api_key_id"))
    assert list(found.table["team"]) == [None, "P", "P", "K"]
    (doubt,) = found.doubts
    assert doubt == (
        "Costs of 2026-03-01 are not allocated where the rule of allocation.toml, line 4, may"
        " apply: they are not known by api_key_id."
    )
    assert not found.unmatched


def test_a_day_that_was_grouped_by_key_is_known_though_no_key_was_used() -> None:
    allocation = rules("key='key_1'\nteam='K'", "project='*'\nteam='P'")
    table = without(costs([ROW, {**ROW, "day": DAY + timedelta(days=1)}]), "api_key_id")
    table.adapted[0] = attrs.evolve(table.adapted[0], until=table["start_time"][1])
    found = allocation.allocate(table)
    assert list(found.table["team"]) == [None, "P"]
    assert "of 2026-03-01 " in found.doubts[0]


def test_a_doubt_about_nothing_is_not_told() -> None:
    allocation = rules("key='key_1'\nteam='K'")
    found = allocation.allocate(costs([{**ROW, "amount": "0"}], without=["api_key_id"]))
    assert list(found.table["team"]) == [None]
    assert not found.doubts


def test_what_would_be_the_same_in_any_case_is_allocated() -> None:
    allocation = rules("project='*'\nteam='A'", "user='user-1'\nteam='A'", "key='key_1'\nteam='K'")
    found = allocation.allocate(costs([{**ROW, "api_key_id": "key_1"}, ROW], without=["user_id"]))
    assert list(found.table["team"]) == ["K", "A"]
    assert not found.doubts


def test_a_person_whose_key_has_no_known_owner_is_not_known() -> None:
    allocation = rules("project='*'\nteam='P'", "user='ada@example.com'\nteam='U'")
    rows = [{**ROW, "api_key_id": key} for key in ("key_2", "key_9")]
    found = allocation.allocate(costs(rows, without=["user_id"]), NAMES)
    assert list(found.table["team"]) == ["U", None]
    assert found.doubts[0].endswith("they are not known by user_id.")


def test_what_was_used_without_a_key_is_nothing_of_a_service_account() -> None:
    allocation = rules("project='*'\nteam='P'", "service_account='bot'\nteam='S'")
    rows = [ROW, {**ROW, "api_key_id": "key_9"}, {**ROW, "api_key_id": "key_2"}]
    assert list(allocation.apply(costs(rows, without=["user_id"]), NAMES)["team"]) == [
        "P",
        None,
        "P",
    ]


def test_names_that_could_not_be_read_may_be_any() -> None:
    allocation = rules(
        "project='Web*'\nteam='W'", "project='*'\nteam='P'", "project='proj_8'\nteam='E'"
    )
    rows = [{**ROW, "project_id": id} for id in ("proj_1", "proj_8", "proj_9")]
    found = allocation.allocate(costs(rows), NAMES, unnamed=["proj_8", "proj_9"])
    assert list(found.table["team"]) == ["W", "E", None]
    assert found.doubts[0].endswith("not all names are known.")


def test_rules_that_match_nothing_are_known_unless_they_are_not_valid_then() -> None:
    allocation = rules(
        "project='Wbe'\nteam='A'", "project='old'\nteam='B'\nto=2025-12-31", "project='*'\nteam='P'"
    )
    found = allocation.allocate(costs([ROW]))
    assert [rule.line for rule in found.unmatched] == [1]
    assert allocation.where(found.unmatched[0]) == "allocation.toml, line 1"
    assert not allocation.allocate(costs([])).unmatched


def test_names_in_rows_and_columns_serve() -> None:
    """A deleted project is named in its rows alone."""
    allocation = rules("project='Gone'\nteam='G'", "key='ci'\nteam='K'")
    table = costs([{**ROW, "project_id": "proj_x"}, {**ROW, "api_key_id": "key_7"}])
    named = UsageTable(
        {**table.columns, "api_key_name": [None, "CI"]},
        dimensions=[*table.dimensions, "api_key_name"],
        metrics=table.metrics,
        names={"project_id": {"proj_x": "Gone"}},
    )
    assert list(allocation.apply(named)["team"]) == ["G", "K"]


def test_a_table_is_allocated_once_and_keeps_what_it_says_beside() -> None:
    allocation = rules("project='proj_1'\nteam='A'")
    before = costs([ROW])
    table = allocation.apply(before)
    assert list(table.columns) == [*before.dimensions, "team", *before.metrics]
    assert table.dimensions == (*before.dimensions, "team")
    with pytest.raises(InvalidInputError, match="has a column 'team' already"):
        allocation.apply(table)
    assert list(rules("project='x'\nteam='A'").apply(costs([]))["team"]) == []


def test_totals_of_a_day_whose_teams_are_not_known_are_not_0() -> None:
    """A quiet day counts as 0 only where teams are known."""
    allocation = rules("key='key_1'\nteam='K'", "project='proj_2'\nteam='P'")
    table = costs([ROW, {**ROW, "day": DAY + timedelta(days=1), "api_key_id": "key_1"}])
    made = allocation.apply(without(table, "api_key_id")).totals(["team", "date"])
    assert [(r["team"], r["date"].day, r["amount"]) for r in made] == [(None, 1, 1), ("K", 2, 1)]


def test_a_check_says_what_each_rule_decides_and_what_is_left() -> None:
    allocation = rules(
        "project='proj_1'\nteam='A'",
        "project='proj_1'\ntags={env='prod'}",
        "project='proj_2'\nshares='usage'",
        "key='none'\nteam='K'",
    )
    rows = [ROW, {**ROW, "project_id": "proj_2", "amount": "5"}, {**ROW, "project_id": None}]
    check = allocation.check(costs(rows))
    assert [use.amounts.get("usd") for use in check.uses] == [1, 1, 5, None]
    assert [attrs.astuple(each) for each in check.not_allocated] == [
        ("proj_2", "nothing used", {"usd": 5}), (None, "no rule", {"usd": 1})
    ]  # fmt: skip
    assert check.totals == {"usd": 7}
    with pytest.raises(InvalidInputError, match="checked with costs"):
        allocation.check(costs([ROW])._with({"project_id": ["proj_1"]}, dimensions=["project_id"]))
