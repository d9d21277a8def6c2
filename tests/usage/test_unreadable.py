"""Tables of usage of which something could not be read: sums of what is known, and what is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin, Unreadable
from openai_admin._transport.unread import unread_lines
from openai_admin.events import Event, ItemUnreadable
from openai_admin.usage.table import UsageTable
from tests.odd import KEY, OddServer, odd_server

START = datetime(2026, 9, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)  # 61 days, which take two pages of each endpoint


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OddServer]:
    """A server whose rows are odd on one day: the first of October."""
    odd_day = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())

    def rows(endpoint: str, start: int) -> list[Any]:
        if endpoint == "costs":
            odd: list[Any] = [
                {"amount": {"value": "dear", "currency": "usd"}, "project_id": "proj_1"}
            ]
            known: list[Any] = [
                {"amount": {"value": "0.1", "currency": "usd"}, "project_id": "proj_1"}
            ]
        else:
            odd = [{"input_tokens": [], "output_tokens": 5, "project_id": "proj_1"}, 7]
            known = [{"input_tokens": 2, "output_tokens": 3, "project_id": "proj_1"}]
        return known + odd if start == odd_day else known

    async with odd_server() as server:
        server.rows = rows
        server.listings["projects"] = [{"id": "proj_1", "name": "One"}]
        yield server


async def collected(server: OddServer) -> UsageTable:
    """Two endpoints' usage by project."""
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        return await client.usage.collect(
            ["completions", "costs"], start_time=START, end_time=END, group_by=["project_id"]
        )


def told(table: UsageTable) -> list[tuple[str, str | None, Any]]:
    """What a table says about what could not be read of it."""
    return [(each.endpoint, each.part.field, each.part.raw) for each in table.unreadable]


UNREADABLE = [
    (
        "completions",
        "input_tokens",
        {"input_tokens": [], "output_tokens": 5, "project_id": "proj_1"},
    ),
    ("completions", None, 7),
    (
        "costs",
        "amount",
        {"amount": {"value": "dear", "currency": "usd"}, "project_id": "proj_1"},
    ),
]


async def test_sums_are_of_what_is_known_and_name_what_is_not(server: OddServer) -> None:
    table = await collected(server)
    assert told(table) == UNREADABLE
    totals = table.totals(by="endpoint")
    rows = {row["endpoint"]: row for row in totals}
    assert (rows["completions"]["input_tokens"], rows["completions"]["output_tokens"]) == (122, 188)
    assert rows["costs"]["amount"] == Decimal("6.1")
    assert told(totals) == UNREADABLE
    assert str(totals.unreadable[1]).endswith("expected an object, not a number")


async def test_a_day_of_which_something_cannot_be_read_is_not_complete(server: OddServer) -> None:
    table = await collected(server)
    days = {(r["endpoint"], r["start_time"].date()) for r in table if not r["complete"]}
    odd = date(2026, 10, 1)
    assert days == {("completions", odd), ("costs", odd)}
    assert {(u.window.start, u.window.end) for u in table.unreadable} == {
        tuple(int(datetime(2026, 10, day, tzinfo=UTC).timestamp()) for day in (1, 2))
    }
    by_day = {row["date"]: row["complete"] for row in table.totals(by="date")}
    assert [day for day, complete in by_day.items() if not complete] == [odd]
    by_month = {row["month"]: row["complete"] for row in table.totals(by="month")}
    assert by_month == {"2026-09": True, "2026-10": False}


async def test_it_stays_with_the_table(server: OddServer) -> None:
    table = await collected(server)
    assert told(table.only([0])) == UNREADABLE
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        assert told(await table.with_names(client)) == UNREADABLE


async def test_a_row_with_an_odd_count_is_a_row(server: OddServer) -> None:
    table = await collected(server)
    odd = [row for row in table if row["endpoint"] == "completions" and row["input_tokens"] is None]
    assert [row["output_tokens"] for row in odd] == [5]


async def test_the_blocking_client_has_it_too(server: OddServer) -> None:
    def collect() -> UsageTable:
        with OpenAIAdmin(KEY, base_url=server.base_url) as client:
            return client.usage.collect(
                ["completions", "costs"], start_time=START, end_time=END, group_by=["project_id"]
            )

    assert told(await asyncio.to_thread(collect)) == UNREADABLE


async def test_a_stream_tells_by_events(server: OddServer) -> None:
    events: list[Event] = []
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url, on_event=events.append) as client:
        stream = client.usage.stream("completions", start_time=START, end_time=END)
        rows = [row async for bucket in stream for row in bucket.results]
    assert len(rows) == 62
    parts = [(e.operation, e.field) for e in events if isinstance(e, ItemUnreadable)]
    assert parts == [("usage.completions", "input_tokens"), ("usage.completions", None)]


async def test_very_many_are_all_named_and_logged_in_a_line_for_each_reason(
    server: OddServer, caplog: pytest.LogCaptureFixture
) -> None:
    many = 2000
    first = int(START.timestamp())

    def rows(_: str, start: int) -> list[Any]:
        odd = [
            {"input_tokens": n, "output_tokens": None, "model": {"id": n}, "user_id": "x" * 90}
            for n in range(many)
        ]
        return [*odd, 7] if start == first else [{"input_tokens": 1}]

    server.rows = rows
    events: list[Event] = []
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url, on_event=events.append) as client:
        with caplog.at_level(logging.WARNING, logger="openai_admin"):
            table = await client.usage.collect(
                "completions", start_time=START, end_time=START + timedelta(days=2)
            )
    assert [each.part.value for each in table.unreadable] == [*({"id": n} for n in range(many)), 7]
    assert {(u.window.start, u.window.end) for u in table.unreadable} == {(first, first + 86400)}
    assert table.totals()["input_tokens"] == [many * (many - 1) // 2 + 1]
    assert len(table.totals().unreadable) == many + 1
    assert sum(isinstance(event, ItemUnreadable) for event in events) == many + 1
    row = "$.data[0].results"
    named = f"{row}[0].model, {row}[1].model, {row}[2].model"
    assert [record.getMessage() for record in caplog.records] == [
        f"usage.completions: 2,000 parts could not be read: expected text: such as {named}.",
        f"usage.completions: {row}[2000] could not be read: expected an object, not a number.",
    ]


def test_a_log_has_a_line_for_ten_reasons_at_most() -> None:
    parts = [
        Unreadable(raw=n, reason=f"it is {n}", path=("data", n))
        for n in range(30)
        for _ in range(2)
    ]
    lines = unread_lines(parts)
    assert lines[0] == "2 parts could not be read: it is 0: $.data[0], $.data[0]."
    assert (len(lines), lines[10]) == (11, "40 more could not be read, for 20 other reasons.")
