"""Columns in few bytes: they have the values that came, with Arrow and without."""

from __future__ import annotations

import copy
import io
import pickle
import random
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from openai_admin._wire.scalars import INT64, normalized
from openai_admin.resources.usage.results import (
    CompletionsUsage,
    Cost,
    CostAmount,
    UsageBucket,
)
from openai_admin.usage.columns import MANY, Column, joined, same
from openai_admin.usage.endpoints import endpoints
from openai_admin.usage.export import to_arrow
from openai_admin.usage.fetched import FetchedTable
from openai_admin.usage.packing import Packer
from openai_admin.usage.table import UsageTable

START = datetime(2026, 11, 1, tzinfo=UTC)
ODD = ["0.000004500000000000000000000000000000001", "1E-199", "-0.1", "99999999999999999999.5", "0"]

wholes = st.integers(*INT64)
money = st.builds(
    lambda digits, places: normalized(Decimal(digits).scaleb(-places)),
    st.integers(-(10**19), 10**19),
    st.integers(0, 39),
)
values = st.one_of(
    *(st.lists(st.none() | kind, max_size=12) for kind in (wholes, money, st.text(), st.booleans()))
)


@settings(max_examples=40)
@given(values, st.data())
def test_a_packed_column_has_the_values_that_it_was_made_of(
    listed: list[Any], data: st.DataObject
) -> None:
    column = joined([Column.packed(listed), same("x", 2), listed])
    expected = [*listed, "x", "x", *listed]
    assert list(column) == expected
    assert column == expected
    assert expected == column
    assert [column[n] for n in range(-len(column), len(column))] == expected * 2
    assert [type(value) for value in column] == [type(value) for value in expected]
    start = data.draw(st.integers(0, len(column)))
    stop = data.draw(st.integers(start, len(column)))
    assert [v for segment in column.cut(start, stop) for v in segment] == expected[start:stop]
    assert column[start:stop] == expected[start:stop]
    assert list(column.mapped(str)) == list(map(str, expected))
    for back in (copy.deepcopy(column), *(pickle.loads(pickle.dumps(column, p)) for p in (0, 5))):
        assert back == column


@settings(max_examples=40)
@given(values)
def test_arrow_has_the_same_of_a_packed_column_as_of_a_list(listed: list[Any]) -> None:
    packed = to_arrow({"a": Column.packed(listed)}, metrics=["a"])
    assert packed.to_pydict() == to_arrow({"a": listed}, metrics=["a"]).to_pydict()


def _cost(amount: str | None, n: int = 0, **fields: Any) -> Cost:
    value = None if amount is None else Decimal(amount)
    return Cost(amount=CostAmount(value=value, currency="USD"), project_id=f"p{n % 7}", **fields)


def test_rows_are_made_again_as_they_came() -> None:
    rows: list[Any] = [_cost(a, line_item="a, input", quantity=Decimal(5)) for a in ODD]
    rows += [_cost(None), Cost(), Cost(project_name="gone", api_key_id="k")]
    counts: list[Any] = [
        CompletionsUsage(input_tokens=INT64[1], output_tokens=0, batch=True, model="m"),
        CompletionsUsage(input_tokens=None, input_audio_tokens=3, batch=False),
    ]
    for name, listed in (("costs", rows), ("completions", counts)):
        buckets = [
            UsageBucket(start_time=START, end_time=START, results=part)
            for part in (listed[:1], [], listed[1:])
        ]
        (*packed,) = Packer()._packed(endpoints()[name], list(buckets))
        assert packed == buckets
        assert [[*bucket.results] for bucket in packed] == [b.results for b in buckets]


def _large(rows: int = MANY) -> FetchedTable:
    """Days of costs and usage, so many rows that Arrow is worth its import."""
    chance = random.Random(1)
    parts: list[Any] = []
    for name, made in (
        ("costs", lambda n: _cost(f"{chance.randrange(10**9)}E-9", n, quantity=Decimal(n))),
        (
            "completions",
            lambda n: CompletionsUsage(
                project_id=f"p{n % 7}",
                model=f"gpt-{n % 30}",
                api_key_id=f"key_{n % 500}",
                input_tokens=chance.randrange(10**6) if n % 9 else None,
                output_tokens=chance.randrange(10**6),
                num_model_requests=n,
            ),
        ),
    ):
        endpoint = endpoints()[name]
        buckets = [
            UsageBucket(
                start_time=START + timedelta(days=day),
                end_time=START + timedelta(days=day + 1),
                results=[made(n) for n in range(rows // 8)],
            )
            for day in range(4)
        ]
        parts.append((endpoint, Packer()._packed(endpoint, buckets)))
    return FetchedTable(parts, group_by=["project_id", "model", "api_key_id"], settled_until=START)


def _listed(table: UsageTable) -> UsageTable:
    """The same with its columns as lists."""
    columns = {name: list(values) for name, values in table.columns.items()}
    return table._with(columns, dimensions=table.dimensions)


@pytest.mark.parametrize("by", [(), "project_id", ("endpoint", "date"), ("model", "currency")])
def test_totals_by_arrow_are_those_by_hand(by: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = _large()
    by_arrow = table.totals(by)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for other in (table.totals(by), _listed(table).totals(by)):
        assert other.columns == by_arrow.columns
        assert repr(list(other.rows())) == repr(list(by_arrow.rows()))


def test_sums_that_arrow_cannot_hold_are_exact() -> None:
    rows = [_cost(ODD[n % len(ODD)], n) for n in range(MANY)]
    usage = [CompletionsUsage(input_tokens=INT64[1] - n % 2) for n in range(MANY)]
    table = FetchedTable(
        [
            (endpoints()[name], [UsageBucket(start_time=START, end_time=START, results=list(part))])
            for name, part in (("costs", rows), ("completions", usage))
        ],
        group_by=[],
    )
    (total,) = table.totals().rows()
    assert total["input_tokens"] == MANY * INT64[1] - MANY // 2
    assert Fraction(total["amount"]) == sum(map(Fraction, ODD)) * MANY / len(ODD)


def test_other_forms_of_a_packed_table_are_those_of_lists() -> None:
    table = _large()
    listed = _listed(table)
    assert table.to_arrow().equals(listed.to_arrow())
    assert_frame_equal(table.to_polars(), listed.to_polars())
    texts = []
    for one in (table, listed):
        file = io.StringIO()
        one.write_csv(file)
        one.write_json(file)
        texts.append(file.getvalue())
    assert texts[0] == texts[1]
    assert table.only([5, 3, 19_000]).columns == listed.only([5, 3, 19_000]).columns
    assert pickle.loads(pickle.dumps(table)) == table


def test_a_row_takes_few_bytes() -> None:
    _large(80)  # what is made once
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        table = _large()
        rows = len(table)
        taken = tracemalloc.get_traced_memory()[0] - before
        assert len(table.columns) > 20
        assert rows == MANY
    finally:
        tracemalloc.stop()
    assert taken / rows < 100
