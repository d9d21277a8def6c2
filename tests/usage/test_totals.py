"""Totals, against sums by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin import AsyncOpenAIAdmin
from openai_admin._wire.scalars import INT64, normalized
from openai_admin.errors import InvalidInputError
from openai_admin.usage.arrow_kernels import ByArrow
from openai_admin.usage.asked import Asked
from openai_admin.usage.columns import Column
from openai_admin.usage.kernels import ByHand
from openai_admin.usage.table import UsageTable
from openai_admin.usage.totals import Coverage, total
from tests.usage.tables import METRICS, mixed, moment, table
from tests.usage.times import DAY, TODAY


def test_totals_by_columns() -> None:
    by_project = mixed().totals(by=["endpoint", "project_id"])
    assert list(by_project.columns) == ["endpoint", "project_id", *METRICS]
    rows = {(r["endpoint"], r["project_id"]): r for r in by_project.rows()}
    assert len(by_project) == len(rows) == 4
    assert rows["costs", "proj_a"]["amount"] == Decimal("12345678901234567890.223456789012")
    assert rows["costs", "proj_a"]["input_tokens"] is None
    assert rows["completions", None]["input_tokens"] == 2**62
    assert rows["completions", "proj_a"]["amount"] is None


def test_totals_by_date() -> None:
    by_date = mixed().totals(by="date")
    assert by_date["date"] == [date(2026, 11, 1), date(2026, 11, 2)]
    assert by_date["input_tokens"] == [None, 2**62 + 7]
    assert by_date["amount"] == [Decimal("0.30"), Decimal("12345678901234567890.123456789012")]
    assert by_date.totals()["input_tokens"] == [2**62 + 7]
    assert by_date.totals(by="date").columns == by_date.columns
    assert by_date.dimensions == ("date",)


def test_grand_totals_are_one_row() -> None:
    (row,) = mixed().totals().rows()
    assert row["input_tokens"] == 2**62 + 7
    assert row["input_cached_tokens"] is None
    assert (row["amount"], row["currency"]) == (
        Decimal("12345678901234567890.423456789012"),
        "usd",
    )


def test_unlike_quantities_have_no_sum() -> None:
    rows: list[dict[str, Any]] = [
        {"day": 1, "amount": Decimal(1), "currency": "usd", "quantity": Decimal(3)},
        {"day": 1, "amount": Decimal(2), "currency": "eur", "quantity": Decimal(4)},
        {"day": 2, "amount": Decimal(5), "currency": "eur", "quantity": Decimal(6)},
    ]
    for row, unit in zip(rows, ["tokens", "tokens", "images"], strict=True):
        row["quantity_unit"] = unit
    names = ["amount", "currency", "quantity", "quantity_unit"]
    all_rows = table(rows, dimensions=["day"], metrics=names)
    assert list(all_rows.totals(by="day").rows()) == [
        {
            "day": 1,
            "amount": None,
            "currency": None,
            "quantity": Decimal(7),
            "quantity_unit": "tokens",
        },
        rows[2],
    ]
    assert list(all_rows.totals().rows()) == [dict.fromkeys(names)]


def test_a_quantity_without_a_unit_is_not_added_to_one_that_has_it() -> None:
    rows = [
        {"line_item": "web search tool calls", "quantity": Decimal(3), "quantity_unit": None},
        {"line_item": "web search tool calls", "quantity": Decimal(4), "quantity_unit": None},
        {"line_item": "vector storage", "quantity": Decimal(5), "quantity_unit": "gibibyte_hours"},
    ]
    all_rows = table(rows, dimensions=["line_item"], metrics=["quantity", "quantity_unit"])
    assert list(all_rows.totals(by="line_item").rows()) == [
        {**rows[0], "quantity": Decimal(7)},
        rows[2],
    ]
    assert list(all_rows.totals().rows()) == [{"quantity": None, "quantity_unit": None}]


def test_totals_of_nothing() -> None:
    empty = table([], dimensions=["endpoint"], metrics=["amount"])
    assert list(empty.totals().rows()) == [{"amount": None}]
    assert len(empty.totals(by="endpoint")) == 0


@pytest.mark.parametrize("by", ["projectid", ["endpoint", "projectid"]])
def test_an_unknown_column_is_refused_with_the_nearest(by: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"no column 'projectid'.*'project_id'"):
        mixed().totals(by=by)
    with pytest.raises(InvalidInputError, match="no column"):
        mixed()["projectid"]


def test_there_is_no_date_without_a_time() -> None:
    with pytest.raises(InvalidInputError, match="no column 'start_time'"):
        mixed().totals(by="endpoint").totals(by="date")


keys = st.sampled_from(["a", "b", None])
counts = st.one_of(st.none(), st.integers(0, 2**62))
money = st.one_of(st.none(), st.decimals(-(10**6), 10**6, places=9))


@given(st.lists(st.tuples(keys, st.integers(1, 3), st.integers(0, 23), counts, money)))
def test_any_totals_equal_sums_by_hand(rows: list[tuple[Any, ...]]) -> None:
    whole = table(
        [
            {"key": k, "start_time": moment(d, h), "tokens": n, "amount": a}
            for k, d, h, n, a in rows
        ],
        dimensions=["key", "start_time"],
        metrics=["tokens", "amount"],
    )
    tokens: dict[Any, Any] = {}
    amounts: dict[Any, Any] = {}
    for k, d, _, n, a in rows:
        place = (k, date(2026, 11, d))
        tokens[place] = n if tokens.get(place) is None else (tokens[place] or 0) + (n or 0)
        amounts[place] = a if amounts.get(place) is None else (amounts[place] or 0) + (a or 0)
    totals = whole.totals(by=["key", "date"])
    found = list(zip(totals["key"], totals["date"], strict=True))
    assert dict(zip(found, totals["tokens"], strict=True)) == tokens
    assert dict(zip(found, totals["amount"], strict=True)) == amounts
    assert totals.totals().columns == whole.totals().columns


async def test_totals_of_an_organization_equal_its_endpoints(client: AsyncOpenAIAdmin) -> None:
    query: dict[str, Any] = {"start_time": TODAY - 40 * DAY, "end_time": TODAY}
    fine: UsageTable = await client.usage.collect(
        ["costs", "completions", "embeddings"], group_by=["project_id", "model"], **query
    )
    tokens: dict[Any, int] = defaultdict(int)
    dollars: dict[Any, Decimal] = defaultdict(Decimal)
    for name in ("completions", "embeddings"):
        async for bucket in getattr(client.usage, name)(group_by=["project_id"], **query):
            for row in bucket.results:
                tokens[row.project_id, bucket.start_time.date()] += row.input_tokens
    async for day in client.usage.costs(group_by=["project_id"], **query):
        for cost in day.results:
            assert cost.amount is not None
            assert cost.amount.value is not None
            dollars[cost.project_id, day.start_time.date()] += cost.amount.value
    totals = fine.totals(by=["project_id", "date"])
    for row in totals.rows():
        place = (row["project_id"], row["date"])
        assert (row["input_tokens"] or 0) == tokens[place]
        assert (row["amount"] or 0) == dollars[place]
    assert len(totals) == len(tokens.keys() | dollars.keys()) > 100


def spent(*amounts: tuple[str, str | None]) -> UsageTable:
    """A table of amounts with their currencies."""
    rows = [{"day": 1, "amount": Decimal(a), "currency": c} for a, c in amounts]
    return table(rows, dimensions=["day"], metrics=["amount", "currency"])


def test_currencies_are_compared_without_case() -> None:
    totals = spent(("1.5", "USD"), ("2", "usd")).totals()
    assert list(totals.rows()) == [{"amount": Decimal("3.5"), "currency": "usd"}]
    assert totals.notes == []


@pytest.mark.parametrize("other", [None, "eur"])
def test_an_amount_of_another_or_of_no_currency_is_never_added_silently(other: str | None) -> None:
    totals = spent(("1.5", "usd"), ("2", other)).totals("day")
    assert list(totals.rows()) == [{"day": 1, "amount": None, "currency": None}]
    (note,) = totals.notes
    assert note.startswith("Amounts in ")
    assert "'usd'" in note
    apart = spent(("1.5", "usd"), ("2", other)).totals("currency")
    assert apart["amount"] == [Decimal("1.5"), Decimal(2)]


def test_amounts_that_all_lack_a_currency_add_up() -> None:
    totals = spent(("1.5", None), ("2", None)).totals()
    assert list(totals.rows()) == [{"amount": Decimal("3.5"), "currency": None}]


def test_sums_are_exact_to_the_last_digit() -> None:
    small = "0." + "0" * 38 + "1"
    (total,) = spent(("12345678901234567890", "usd"), (small, "usd"), ("-0", "usd")).totals().rows()
    assert total["amount"] == Decimal("12345678901234567890" + small[1:])


_ODD = st.sampled_from(["0", "-0.1", "4.5E-39", "12345678901234567890", "-7", "1E-199", "99.5"])
_AMOUNTS = st.none() | (
    st.integers(-(10**12), 10**12).map(str) | _ODD | st.decimals(-9, 9, places=39).map(str)
).map(lambda text: normalized(Decimal(text)))
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "endpoint": st.sampled_from(["costs", "completions"]),
            "start_time": st.builds(moment, st.integers(1, 3), st.integers(0, 23)),
            "key": st.sampled_from(["a", "b", None]),
            "number": st.integers(1, 3),
            "tokens": st.none() | st.sampled_from([-5, 0, 1, *INT64]),
            "cached": st.none() | st.integers(0, 9),
            "amount": _AMOUNTS,
            "currency": st.sampled_from(["usd", "USD", "eur", None]),
            "quantity": _AMOUNTS,
            "quantity_unit": st.sampled_from(["tokens", "images", None]),
        }
    ),
    max_size=12,
)
_KEYS = ["endpoint", "key", "number", "date", "month", "start_time", "currency", "amount"]


@settings(max_examples=60)
@given(_ROWS, st.lists(st.sampled_from(_KEYS), max_size=3), st.booleans())
def test_totals_by_arrow_and_by_hand_are_the_same(
    rows: list[dict[str, Any]], by: list[str], is_covered: bool
) -> None:
    dimensions = ["endpoint", "start_time", "key", "number"]
    metrics = ["tokens", "cached", "amount", "currency", "quantity", "quantity_unit"]
    made = table(rows, dimensions=dimensions, metrics=metrics)
    days = [(moment(day), moment(day + 1)) for day in (1, 2, 4)]
    whole = UsageTable(
        {name: Column.packed(list(values)) for name, values in made.columns.items()},
        dimensions=dimensions,
        metrics=metrics,
        group_by=["key", "number"],
        settled_until=moment(3) if is_covered else None,
        asked=Asked(moment(1), moment(5), False),
        coverage=[
            Coverage("costs", metrics[2:], ["key", "number"], days),
            Coverage("completions", metrics[:2], ["key", "number"], days[:2]),
        ]
        if is_covered
        else (),
    )
    by_hand, by_arrow = (total(whole, by, kernels) for kernels in (ByHand(), ByArrow()))
    assert by_hand.columns == by_arrow.columns
    assert repr({n: list(v) for n, v in by_hand.columns.items()}) == repr(
        {n: list(v) for n, v in by_arrow.columns.items()}
    )
    assert (by_hand.mixed, by_hand.parts) == (by_arrow.mixed, by_arrow.parts)
