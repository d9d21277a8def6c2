"""Answers that would be too long are returned in parts, and say so."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin._declare.pagination import Paging
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from openai_admin.mcp.bounding import CONCISE_BYTES, MOST_BYTES
from openai_admin.mcp.kept import KeptPages
from openai_admin.mcp.packed_rows import PackedRows
from openai_admin.mcp.pages import Place, fitting_list, fitting_usage
from openai_admin.mcp.values import iso
from tests.mcp.serving import call, connections_to, failed, http_client, listening, texts

DAY = 86_400


def page_of(rows: list[list[int]]) -> dict[str, Any]:
    """A page whose buckets have rows of these sizes."""
    data = [
        {
            "start_time": DAY * number,
            "end_time": DAY * (number + 1),
            "results": [{"n": f"{number}.{i}", "fill": "x" * size} for i, size in enumerate(sizes)],
        }
        for number, sizes in enumerate(rows)
    ]
    return {"object": "page", "data": data, "has_more": False}


def walked(page: dict[str, Any], api_page: str | None) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    place = Place(api_page)
    while True:
        part = fitting_usage(page, place)
        parts.append(part)
        if not part.get("next_page"):
            return parts
        place = Place.read(part["next_page"])
        assert place.page == api_page


sizes = st.lists(
    st.lists(st.integers(0, 30_000) | st.just(MOST_BYTES + 1), max_size=6), max_size=12
)


@given(sizes, st.none() | st.text())
def test_the_parts_of_a_page_are_the_page(rows: list[list[int]], api_page: str | None) -> None:
    page = page_of(rows)
    parts = walked(page, api_page)
    given_rows = [row["n"] for p in parts for b in p["data"] for row in b["results"]]
    assert given_rows == [row["n"] for b in page["data"] for row in b["results"]]
    starts = [b["start_time"] for p in parts for b in p["data"]]
    assert sorted(set(starts)) == [b["start_time"] for b in page["data"]]
    assert starts == sorted(starts)
    for part, later in itertools.pairwise(parts):
        rows_later = sum(len(b["results"]) for p in [later] for b in p["data"])
        left_later = later.get("left_out", {}).get("rows", 0)
        assert part["left_out"]["rows"] == rows_later + left_later
        assert part["has_more"]


@given(sizes)
def test_a_part_fits_or_has_one_row_too_large_for_any(rows: list[list[int]]) -> None:
    for part in walked(page_of(rows), None):
        count = sum(len(b["results"]) for b in part["data"])
        assert len(json.dumps(part["data"])) <= MOST_BYTES or count <= 1


def test_empty_buckets_take_no_room_for_no_answer_has_them() -> None:
    (part,) = walked(page_of([[]] * 1440), None)
    assert len(part["data"]) == 1440


def test_pages_are_kept_for_a_while_and_as_far_as_there_is_room() -> None:
    now = [0.0]
    pages: KeptPages[str] = KeptPages(50_000, lambda: now[0])
    pages.keep("a", "one", 20_000)
    now[0] = 400
    pages.keep("b", "two", 20_000)
    assert (pages.get("a"), pages.get("b")) == ("one", "two")
    pages.keep("c", "three", 20_000)
    assert (pages.get("a"), pages.get("b"), pages.get("c")) == (None, "two", "three")
    pages.keep("d", "too long", 60_000)
    assert (pages.get("c"), pages.get("d")) == (None, "too long")
    pages.keep("e", "five", 1)
    now[0] = 1001
    assert pages.get("e") is None


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_packed_rows_are_the_rows(count: int, start: int, stop: int) -> None:
    rows = [{"n": n, "amount": {"value": f"0.{n:030}"}} for n in range(count)]
    packed = PackedRows.of(rows)
    part = packed[start:]
    assert (list(packed), list(part)) == (rows, rows[start:])
    assert list(part[:stop]) == rows[start:][:stop]
    assert len(part[:stop]) == len(rows[start:][:stop])
    if start < count:
        assert packed[start] == part[0] == rows[start]


def test_packed_rows_take_few_bytes() -> None:
    rows = [
        {"project_id": f"proj_{n}", "line_item": "gpt-5, input", "amount": {"value": f"{n}.25"}}
        for n in range(10_000)
    ]
    assert PackedRows.of(rows).size < 20 * len(rows)


@pytest.mark.parametrize("cursor", ["part:", "part:!!", "part:W10=", "part:WzEsMiwzXQ==", "part:é"])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="next_page of an earlier answer"):
        Place.read(cursor)


def test_a_cursor_of_another_query_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="another query"):
        fitting_usage(page_of([[1]]), Place(None, 12_345, 0))


def test_a_list_is_cut_where_its_cursor_can_say_so() -> None:
    items = [{"id": f"id{i}", "fill": "x" * 8_500} for i in range(10)]
    page = {"data": items, "has_more": False, "last_id": "id9"}
    cut = fitting_list(page, Paging.LAST_ID, {})
    assert [i["id"] for i in cut["data"]] == ["id0", "id1", "id2", "id3"]
    assert (cut["last_id"], cut["has_more"], cut["left_out"]) == ("id3", True, {"items": 6})
    assert len(fitting_list(page, Paging.LAST_ID, {}, 10_000)["data"]) == 1
    for paging, asked in ((Paging.NEXT, {}), (Paging.LAST_ID, {"before": "id11"})):
        cut = fitting_list({**page, "next": "later"}, paging, asked)
        assert [i["id"] for i in cut["data"]] == ["id0", "id1", "id2", "id3"]
        assert cut["left_out"] == {"items": 6, "fits": 4}
        assert not {"last_id", "next"} & cut.keys()  # following them would skip the rest
    assert fitting_list({**page, "data": items[:2]}, Paging.LAST_ID, {})["data"] == items[:2]
    huge = {"data": [{"id": "a", "fill": "x" * 90_000}, items[0]], "has_more": False}
    assert fitting_list(huge, Paging.LAST_ID, {})["last_id"] == "a"


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections) as url,
    ):
        yield emulator, url


@pytest.mark.asyncio(loop_scope="module")
async def test_paging_through_the_tool_gives_what_the_api_has(shared: tuple[Emulator, str]) -> None:
    emulator, url = shared
    now = emulator.store.now() // DAY * DAY
    query: dict[str, Any] = {
        "start_time": now - 10 * DAY,
        "end_time": now,
        "limit": 4,
        "group_by": ["project_id", "line_item"],
    }
    rows: list[Any] = []
    answers = 0
    async with http_client(url) as client:
        page: dict[str, Any] = {}
        while page.get("has_more", True):
            more = {"page": page["next_page"]} if page else {}
            page = await call(client, "usage_costs", **query, **more)
            assert len(json.dumps(page)) < MOST_BYTES + 1_000
            answers += 1
            found = [
                (bucket["start_time"], row["project_id"], row["line_item"], row["amount"])
                for bucket in page["data"]
                for row in bucket["results"]
            ]
            total = sum(Decimal(row[-1]["amount"]) for row in found)
            ((sums,),) = page["totals"].values()
            assert (Decimal(sums["amount"]), sums["currency"]) == (total, "usd")
            rows += [(*row[:3], Decimal(row[3]["amount"])) for row in found]
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin:
        whole = [bucket async for bucket in admin.usage.costs(**query)]
    assert rows == [
        (iso(bucket.start_time), row.project_id, row.line_item, row.amount.value)
        for bucket in whole
        for row in bucket.results
        if row.amount and row.amount.value
    ]
    assert answers > 3


@pytest.mark.asyncio(loop_scope="module")
async def test_a_page_that_is_too_large_to_be_kept_is_fetched_by_fewer_buckets(
    shared: tuple[Emulator, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator, url = shared
    now = emulator.store.now() // DAY * DAY
    query: dict[str, Any] = {
        "start_time": now - 10 * DAY,
        "end_time": now,
        "limit": 10,
        "group_by": ["project_id", "line_item"],
    }
    monkeypatch.setattr("openai_admin.mcp.usage.ROOM", 12_000)  # a few of the buckets
    starts: list[str] = []
    rows, answers = 0, 0
    asked = len(emulator.requests)
    async with http_client(url) as client:
        page: dict[str, Any] = {}
        while page.get("has_more", True):
            more = {"page": page["next_page"]} if page else {}
            page = await call(client, "usage_costs", **query, **more)
            if not answers:
                assert "too large to be kept" in " ".join(page["notes"])
            answers += 1
            starts += [bucket["start_time"] for bucket in page["data"]]
            rows += sum(len(bucket["results"]) for bucket in page["data"])
    sent = len(emulator.requests) - asked
    days = [datetime.fromtimestamp(now - n * DAY, UTC) for n in range(10, 0, -1)]
    assert sorted(set(starts)) == [iso(day) for day in days]
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin:
        costs = [row async for bucket in admin.usage.costs(**query) for row in bucket.results]
    assert rows == sum(bool(row.amount and row.amount.value) for row in costs)
    assert 1 < sent < answers


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_left_out_is_said(shared: tuple[Emulator, str]) -> None:
    emulator, url = shared
    start = emulator.store.now() - 30 * DAY
    arguments = {"start_time": start, "limit": 31, "group_by": ["project_id", "line_item"]}
    async with http_client(url) as client:
        result = await client.call_tool("openai_admin_usage_costs", arguments)
        left = result.structured_content["left_out"]
        assert f"{left['rows']:,} rows" in texts(result)
        assert "page set to next_page" in texts(result)
        asked = len(emulator.requests)
        again = {**arguments, "page": result.structured_content["next_page"]}
        part = (await client.call_tool("openai_admin_usage_costs", again)).structured_content
        assert left["rows"] == sum(len(b["results"]) for b in part["data"]) + (
            part.get("left_out", {}).get("rows", 0)
        )
        assert len(emulator.requests) == asked  # it goes on in the page that there is
        other = {**again, "group_by": ["line_item", "project_id"]}
        await client.call_tool("openai_admin_usage_costs", other)
        assert len(emulator.requests) > asked
        small = await client.call_tool("openai_admin_usage_costs", {"start_time": start})
        assert "left_out" not in small.structured_content
        assert "7 buckets" in texts(small)
        assert re.search(r"^totals.amount: \[\d+\.\d+ usd\]$", texts(small), re.MULTILINE)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_list_goes_on_after_its_last_id(shared: tuple[Emulator, str]) -> None:
    emulator, url = shared
    seen: list[str] = []
    async with http_client(url) as client:
        page = await call(client, "list_audit_logs", limit=100)
        for _ in range(12):
            assert len(json.dumps(page["data"])) < CONCISE_BYTES
            seen += [event["id"] for event in page["data"]]
            page = await call(client, "list_audit_logs", limit=100, after=page["last_id"])
    listed: list[str] = []
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin:
        async for event in admin.audit_logs.list(limit=100):
            listed.append(event.id)
            if len(listed) == len(seen):
                break
    assert seen == listed


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("page", ["part:broken", "not-a-cursor", 7])
async def test_a_wrong_cursor_is_a_tool_error(page: Any, shared: tuple[Emulator, str]) -> None:
    _, url = shared
    async with http_client(url) as client:
        said = await failed(client, "usage_costs", start_time=1_790_000_000, page=page)
    assert "page" in said
