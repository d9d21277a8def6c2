"""The list envelopes: limits, orders, both cursors, filters, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator.listing import (
    Limit,
    after_item_id,
    after_last_id,
    after_next,
    one_page,
    page,
)
from openai_admin.emulator.query import Query
from openai_admin.emulator.replies import EmulatedError
from openai_admin.emulator.table import Record, Table


def table_of(count: int) -> Table:
    table = Table("thing")
    for number in range(count):
        table.add({"id": f"t{number}", "even": number % 2 == 0, "_private": number})
    return table


def shown(query: str, table: Table, **options: Any) -> list[str]:
    return [item["id"] for item in page(Query(query), table, **options).data]


def test_the_envelope_with_first_and_last_id() -> None:
    table = table_of(3)
    assert after_last_id(page(Query("limit=2"), table)) == {
        "object": "list",
        "data": [{"id": "t0", "even": True}, {"id": "t1", "even": False}],
        "first_id": "t0",
        "last_id": "t1",
        "has_more": True,
    }
    assert after_last_id(page(Query("after=t2"), table)) == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


def test_the_envelope_with_next() -> None:
    table = table_of(3)
    first = after_next(page(Query("limit=2"), table))
    assert (first["has_more"], first["next"]) == (True, "t1")
    rest = after_next(page(Query(f"limit=2&after={first['next']}"), table))
    assert rest == {
        "object": "list",
        "data": [{"id": "t2", "even": True}],
        "has_more": False,
        "next": None,
    }


def test_the_envelopes_without_a_cursor() -> None:
    table = table_of(2)
    assert after_item_id(page(Query("limit=1"), table)) == {
        "object": "list",
        "data": [{"id": "t0", "even": True}],
        "has_more": True,
    }
    assert one_page(table, object="activation") == {
        "object": "activation",
        "data": [{"id": "t0", "even": True}, {"id": "t1", "even": False}],
    }


def test_the_default_limit_and_an_exactly_full_page() -> None:
    assert len(shown("", table_of(30))) == 20
    assert len(shown("", table_of(30), limit=Limit(default=25))) == 25
    full = page(Query("limit=30"), table_of(30))
    assert (len(full.data), full.has_more) == (30, False)


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "limit=0",
            "integer_below_min_value",
            "Invalid 'limit': integer below minimum value. Expected >= 1, but got 0.",
        ),
        (
            "limit=101",
            "integer_above_max_value",
            "Invalid 'limit': integer above maximum value. Expected <= 100, but got 101.",
        ),
        (
            "limit=ten",
            "invalid_type",
            "Invalid type for 'limit': expected an integer, but got 'ten' instead.",
        ),
        (
            "after=gone",
            "invalid_cursor",
            "Invalid 'after': no thing with id 'gone' to continue from.",
        ),
        (
            "before=gone",
            "invalid_cursor",
            "Invalid 'before': no thing with id 'gone' to continue from.",
        ),
        (
            "order=up",
            "invalid_value",
            "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.",
        ),
    ],
)
def test_what_is_refused_names_its_parameter(query: str, code: str, message: str) -> None:
    with pytest.raises(EmulatedError) as caught:
        page(Query(query), table_of(3))
    assert caught.value.body == {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": query.partition("=")[0],
            "code": code,
        }
    }
    assert caught.value.status == 400


def test_the_order_is_the_querys_else_the_handlers_else_the_tables() -> None:
    table = table_of(3)
    assert shown("", table) == ["t0", "t1", "t2"]
    assert shown("", table, order="desc") == ["t2", "t1", "t0"]
    assert shown("order=asc", table, order="desc") == ["t0", "t1", "t2"]
    newest_first = Table("event", order="desc")
    for id in ("old", "new"):
        newest_first.add({"id": id})
    assert shown("", newest_first) == ["new", "old"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_paging_forwards_and_backwards_shows_each_item_once(order: str, size: int) -> None:
    table = table_of(20)
    expected = [f"t{number}" for number in range(20)][:: 1 if order == "asc" else -1]

    forth: list[str] = []
    query = f"order={order}&limit={size}"
    envelope = after_last_id(page(Query(query), table))
    while True:
        forth += [item["id"] for item in envelope["data"]]
        if not envelope["has_more"]:
            break
        envelope = after_last_id(page(Query(f"{query}&after={envelope['last_id']}"), table))
    assert forth == expected

    back: list[str] = []
    cursor = expected[-1]
    while True:
        envelope = after_last_id(page(Query(f"{query}&before={cursor}"), table))
        back = [item["id"] for item in envelope["data"]] + back
        if not envelope["has_more"]:
            break
        cursor = envelope["first_id"]
    assert back == expected[:-1]


def test_both_cursors_bound_the_page() -> None:
    between = page(Query("after=t2&before=t6&limit=2"), table_of(10))
    assert [item["id"] for item in between.data] == ["t3", "t4"]
    assert between.has_more
    assert shown("after=t4&before=t6", table_of(10)) == ["t5"]


def test_a_filter_counts_only_what_fits() -> None:
    def odd(record: Record) -> bool:
        return not record["even"]

    table = table_of(9)
    first = page(Query("limit=3"), table, where=odd)
    assert [item["id"] for item in first.data] == ["t1", "t3", "t5"]
    assert first.has_more
    rest = page(Query("limit=3&after=t5"), table, where=odd)
    assert [item["id"] for item in rest.data] == ["t7"]
    assert not rest.has_more


def test_render_sees_private_fields_and_only_shown_records() -> None:
    seen = []

    def render(record: Record) -> Record:
        seen.append(record["id"])
        return {"id": record["id"], "double": record["_private"] * 2}

    result = page(Query("limit=2"), table_of(5), render=render)
    assert result.data == [{"id": "t0", "double": 0}, {"id": "t1", "double": 2}]
    assert seen == ["t0", "t1"]


def test_an_empty_page_where_the_minimum_is_zero() -> None:
    empty = page(Query("limit=0"), table_of(2), limit=Limit(minimum=0))
    assert (empty.data, empty.has_more) == ([], True)
