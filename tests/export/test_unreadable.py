"""What cannot be read of an answer is kept in the dataset as it came."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin
from openai_admin.export import Summary, export
from tests.cli.conftest import invoke
from tests.export.datasets import query, source
from tests.odd import KEY, OddServer, odd_server

FIRST = date(2026, 11, 1)
START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = 86400


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OddServer]:
    """A server without anything but what a test gives it."""
    async with odd_server() as server:
        yield server


async def exported(server: OddServer, out: Path, *endpoints: str, days: int = 3) -> Summary:
    """Export the first days of the month."""
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        return await export(
            client,
            out,
            since=FIRST,
            until=date(2026, 11, 1 + days),
            endpoints=endpoints,
            now=NOW,
        )


async def test_items_of_listings(server: OddServer, tmp_path: Path) -> None:
    odd: list[Any] = [{"name": "odd"}, "odd", {"id": ["user-4"]}]
    server.listings["users"] = [{"id": "user-1"}, *odd, {"id": "user-2"}]
    done = await exported(server, tmp_path, "users")
    found = query(f"SELECT id, unreadable FROM {source(tmp_path, 'users')}")
    assert [id for id, raw in found if raw is None] == ["user-1", "user-2"]
    assert [json.loads(raw) for _, raw in found if raw is not None] == odd
    assert (done.rows, done.unreadable) == (5, 3)


async def test_items_of_projects_and_projects_themselves(server: OddServer, tmp_path: Path) -> None:
    server.listings["projects"] = [{"id": "proj_1"}, {"name": "without an id"}]
    server.listings["projects/proj_1/api_keys"] = [{"id": "key_1"}, 5]
    done = await exported(server, tmp_path, "project_api_keys")
    rows = source(tmp_path, "project_api_keys")
    assert sorted(query(f"SELECT project_id, id, unreadable FROM {rows}"), key=str) == [
        ("proj_1", "key_1", None),
        ("proj_1", None, "5"),
        (None, None, '{"name": "without an id"}'),
    ]
    assert done.unreadable == 2


async def test_a_field_of_another_type_ends_no_run(server: OddServer, tmp_path: Path) -> None:
    server.listings["users"] = [{"id": "user-1", "added_at": "soon", "name": {"first": "A"}}]
    done = await exported(server, tmp_path, "users")
    assert (done.rows, done.unreadable) == (1, 0)
    ((row,),) = query(f"SELECT to_json(u)::VARCHAR FROM {source(tmp_path, 'users')} u")
    assert "soon" in row


async def test_rows_and_counts_of_usage(server: OddServer, tmp_path: Path) -> None:
    odd = {"input_tokens": "many", "output_tokens": 3, "color": "red"}
    server.rows = lambda endpoint, start: [{"input_tokens": 2}, "odd", odd]
    done = await exported(server, tmp_path, "completions", days=2)
    assert (done.rows, done.unreadable) == (6, 4)
    found = query(
        "SELECT day(start_time), input_tokens, output_tokens, color, unreadable"
        f" FROM {source(tmp_path, 'completions')}"
    )
    assert sorted(found, key=str) == sorted(
        (
            row
            for day in (1, 2)
            for row in (
                (day, 2, 0, None, None),
                (day, None, 3, "red", json.dumps(odd, sort_keys=True)),
                (day, None, None, None, '"odd"'),
            )
        ),
        key=str,
    )


async def test_buckets_of_usage(server: OddServer, tmp_path: Path) -> None:
    """One without a time is on the day of the one before; one with a time on its own."""

    def made(endpoint: str, buckets: list[Any]) -> list[Any]:
        late = [{**b, "end_time": "late"} if b["start_time"] != START else b for b in buckets[:2]]
        return [*late[:1], "odd", *late[1:], *buckets[2:]]

    server.rows = lambda endpoint, start: [{"input_tokens": (start - START) // DAY + 1}]
    server.buckets = made
    done = await exported(server, tmp_path, "completions")
    found = query(
        "SELECT date::VARCHAR, input_tokens, unreadable"
        f" FROM {source(tmp_path, 'completions')} ORDER BY ALL"
    )
    late = {
        "start_time": START + DAY,
        "end_time": "late",
        "results": [{"input_tokens": 2}],
    }
    assert found == [
        ("2026-11-01", 1, None),
        ("2026-11-01", None, '"odd"'),
        ("2026-11-02", None, json.dumps(late, sort_keys=True)),
        ("2026-11-03", 3, None),
    ]
    assert (done.rows, done.unreadable) == (4, 2)


async def test_rows_under_another_name(server: OddServer, tmp_path: Path) -> None:
    def made(endpoint: str, buckets: list[Any]) -> list[Any]:
        for bucket in buckets:
            bucket["result"] = bucket.pop("results")
        return buckets

    server.rows = lambda endpoint, start: [{"input_tokens": 2, "color": "red"}]
    server.buckets = made
    done = await exported(server, tmp_path, "completions", days=1)
    rows = source(tmp_path, "completions")
    assert query(f"SELECT input_tokens, color, unreadable FROM {rows}") == [(2, "red", None)]
    assert done.unreadable == 0


async def test_an_amount_of_costs(server: OddServer, tmp_path: Path) -> None:
    server.rows = lambda endpoint, start: [
        {"amount": {"value": "1.5", "currency": "usd"}},
        {"amount": {"value": "dear", "currency": "usd"}},
    ]
    await exported(server, tmp_path, "costs", days=1)
    rows = source(tmp_path, "costs")
    found = query(f"SELECT amount::VARCHAR, unreadable IS NULL FROM {rows} ORDER BY ALL")
    assert found == [("1.500000000000000000", True), (None, False)]


async def test_a_day_is_fetched_until_all_of_it_can_be_read(
    server: OddServer, tmp_path: Path
) -> None:
    def with_results(results: Any) -> None:
        server.buckets = lambda endpoint, buckets: [
            {**b, "results": results} if b["start_time"] == START + DAY else b for b in buckets
        ]

    def row(amount: Any) -> dict[str, Any]:
        return {"amount": {"value": amount, "currency": "usd"}}

    total = f"SELECT sum(amount)::INT FROM {source(tmp_path, 'costs')}"
    server.rows = lambda endpoint, start: [row(5)]
    for run, results in enumerate((None, [row("oops"), row(2)], [row("oops"), row(2)])):
        with_results(results)
        done = await exported(server, tmp_path, "costs")
        assert (done.written, done.kept, done.unreadable) == (1 if run else 3, 2 if run else 0, 1)
    assert query(total) == [(12,)]
    with_results([row(46), row(2)])
    mended = await exported(server, tmp_path, "costs")
    assert (mended.written, mended.kept, mended.unreadable) == (1, 2, 0)
    assert query(total) == [(58,)]
    asked = len(server.asked)
    assert (await exported(server, tmp_path, "costs")).kept == 3
    assert len(server.asked) == asked


async def test_an_event_that_cannot_be_read_is_kept(server: OddServer, tmp_path: Path) -> None:
    """It is in the dataset as it came, and stays as it is."""
    server.listings["audit_logs"] = ["odd"]
    done = await exported(server, tmp_path, "audit_logs", days=1)
    assert done.unreadable == 1
    again = await exported(server, tmp_path, "audit_logs", days=1)
    assert (again.written, again.kept, again.unreadable) == (0, 1, 0)


async def test_the_command_says_how_many(
    server: OddServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    server.listings["users"] = [{"id": "user-1"}, {"name": "odd"}, {"name": "odder"}]
    outcome = await invoke("export", str(tmp_path / "dataset"), "--endpoints", "users")
    assert outcome.code == 1
    told, *lines = outcome.err.splitlines()
    assert told.endswith(" What of 2 rows could not be read is in the column unreadable.")
    assert lines == [
        "2 items could not be read:",
        "  users.list: $.data[1]: required field missing at id",
        "  users.list: $.data[2]: required field missing at id",
    ]
