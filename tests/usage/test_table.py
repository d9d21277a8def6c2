"""What a table refuses, its slices, and when two are equal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from openai_admin.errors import InternalServerError, InvalidInputError
from openai_admin.usage.plan import Window
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import MissingWindow
from tests.usage.tables import mixed


def test_what_a_table_does_not_have_is_refused_in_a_sentence() -> None:
    table: Any = mixed()
    refused: list[tuple[Callable[[], Any], str]] = [
        (lambda: table[17], "indexed by the name of a column or a slice of rows"),
        (lambda: table.only([5]), "no row 5; the rows' numbers are from 0 to 4"),
        (lambda: table.only([-1]), "no row -1"),
        (lambda: table.only("a"), "no row 'a'"),
        (lambda: table[:0].only([0]), "none, as the table is empty"),
        (lambda: table.with_columns({"a": ("model", [1] * 5)}), "no column 'model'"),
        (lambda: table.with_columns({"a": ("batch", [1])}), "'endpoint' has 5 values, and 'a' has"),
        (lambda: UsageTable({"a": [1], "b": []}, dimensions=[], metrics=[]), "equally long"),
        (lambda: table.totals([["date"]]), "by must be a column or a list of columns"),
    ]
    for wrong, message in refused:
        with pytest.raises(InvalidInputError, match=message):
            wrong()
    with pytest.raises(TypeError, match="not reversible"):
        reversed(table)
    with pytest.raises(TypeError, match="item assignment"):
        table.columns["a"] = []
    assert table == mixed()


def test_a_slice_of_a_table_is_a_table() -> None:
    for table in (mixed(), mixed().only([0, 1, 2])):
        rows = list(table)
        for part in (slice(2), slice(-3, None), slice(None, None, -1), slice(50, 60)):
            assert list(table[part]) == rows[part]
        assert table[1:].dimensions == table.dimensions


def test_a_column_named_twice_is_kept_apart_once() -> None:
    assert mixed().totals(["date", "date"]) == mixed().totals("date")


def test_tables_that_say_the_same_are_equal_whenever_they_were_fetched() -> None:
    def fetched(second: int, code: str = "x", end: int = 2) -> UsageTable:
        error = InternalServerError(code, status=500)
        error.request_id = f"req_{second}"
        return UsageTable(
            {"endpoint": ["costs"]},
            dimensions=["endpoint"],
            metrics=[],
            missing=[MissingWindow("costs", Window(0, end, 1), error)],
            settled_until=datetime(2026, 11, 20, second=second, tzinfo=UTC),
        )

    assert fetched(1) == fetched(2)
    assert fetched(1) != fetched(1, "y")
    assert fetched(1) != fetched(1, end=3)
