"""What is restated replaces what the warehouse has, to the last row and the last decimal."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openai_admin import OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.usage.endpoints import endpoints
from tests.integrations.dlt.warehouses import Row, Warehouse
from tests.odd import KEY, OddServer

DAY = timedelta(days=1)
TODAY = datetime.now(UTC).date()
SINCE = TODAY - 4 * DAY
RANGE: dict[str, Any] = {"since": SINCE, "until": TODAY}

AMOUNTS = [
    "0.000004500000000000000000000000000000001",  # more decimals than a column holds
    "0E-6176",
    "-12.5",
    "1E+3",
    "many",
    None,
]


def _day(start: int) -> date:
    return datetime.fromtimestamp(start, UTC).date()


def _bill(day: date) -> list[Row]:
    """The costs of a day."""
    return [
        {
            "amount": {"value": amount, "currency": "usd"},
            "line_item": f"gpt-4o, item {number}",
            "project_id": f"proj_{number % 2}",
            "project_name": "Über-Projekt 研究",
            "quantity": 30.0 if number % 2 else None,
        }
        for number, amount in enumerate([*AMOUNTS, f"{day.day}.000000000000000001"])
    ]


def _exact(row: Row) -> Decimal | None:
    exact, amount = row["amount_exact"], row["amount"]
    return Decimal(exact) if exact is not None else amount


def _equals_collect(warehouse: Warehouse, base_url: str, endpoint: str) -> int:
    """Hold a table against what `collect` gives; how many rows both have."""
    groups, metrics = endpoints()[endpoint].groups, endpoints()[endpoint].metrics
    with OpenAIAdmin(KEY, base_url=base_url) as client:
        start = datetime.combine(SINCE, datetime.min.time(), UTC)
        collect: Any = client.usage.collect
        table = collect(
            endpoint, start_time=start, end_time=start + (TODAY - SINCE), group_by=groups
        )
    names = ["start_time", *groups, *metrics]
    columns = [table[name] if name in table.columns else [None] * len(table) for name in names]
    expected = Counter(zip(*columns, strict=True))
    rows = warehouse.rows(endpoint)
    found = Counter(
        tuple(_exact(row) if name == "amount" else row[name] for name in names) for row in rows
    )
    assert found == expected
    assert all(row["date"] == row["start_time"].date() and not row["removed"] for row in rows)
    return len(rows)


def test_run_twice_with_a_restated_day_between(server: OddServer, warehouse: Warehouse) -> None:
    yesterday, before = TODAY - DAY, TODAY - 2 * DAY
    bills = {SINCE + i * DAY: _bill(SINCE + i * DAY) for i in range(4)}
    tokens = {day: [{"input_tokens": 5, "model": "gpt-4o"}] * 3 for day in bills}
    server.rows = lambda endpoint, start: (bills if endpoint == "costs" else tokens)[_day(start)]
    server.listings["users"] = [{"id": f"user-{n}", "name": "Ångström"} for n in range(3)]
    server.listings["projects"] = [{"id": "proj_1"}, {"id": "proj_2"}]
    for project in ("proj_1", "proj_2"):
        server.listings[f"projects/{project}/api_keys"] = [{"id": "key_1"}, {"id": "key_2"}]
    loaded = ("costs", "completions", "users", "project_api_keys", "invites")

    def load() -> None:
        info = warehouse.load(*loaded, admin_key=KEY, base_url=server.base_url, **RANGE)
        info.raise_on_failed_jobs()

    load()
    assert warehouse.tables == {*loaded, "not_known"}
    assert warehouse.rows("invites") == warehouse.rows("not_known") == []
    assert _equals_collect(warehouse, server.base_url, "costs") == 4 * 7
    assert _equals_collect(warehouse, server.base_url, "completions") == 4 * 3

    # A group is gone, an amount is another one; and of another day nothing is left.
    bills[yesterday] = [*_bill(yesterday)[:2], _bill(before)[6]]
    bills[before] = []
    tokens[yesterday] = [{"input_tokens": 6, "model": "gpt-4o"}] * 5
    server.listings["users"] = [{"id": "user-1", "name": "Ångström"}]
    server.listings["projects/proj_1/api_keys"] = []
    load()
    assert _equals_collect(warehouse, server.base_url, "costs") == 2 * 7 + 3
    assert _equals_collect(warehouse, server.base_url, "completions") == 3 * 3 + 5
    assert [row["id"] for row in warehouse.rows("users")] == ["user-1"]
    keys = {(row["project_id"], row["id"]) for row in warehouse.rows("project_api_keys")}
    assert keys == {("proj_2", "key_1"), ("proj_2", "key_2")}


def test_each_event_of_the_audit_log_is_there_once(
    organization: Emulator, database: Warehouse
) -> None:
    arguments: dict[str, Any] = {
        "admin_key": organization.admin_key,
        "base_url": organization.base_url,
    }
    ids: list[Counter[str]] = []
    asked: list[str] = []
    for days in (20, 20, 30):
        database.load("audit_logs", since=TODAY - days * DAY, **arguments)
        ids.append(Counter(row["id"] for row in database.rows("audit_logs")))
        asked.append(organization.requests[-1].query_string)
        with OpenAIAdmin(**arguments) as client:
            client.projects.create(name="One more")
    database.load("audit_logs", since=TODAY - 30 * DAY, until=str(TODAY - 9 * DAY), **arguments)
    first, second, whole = ids
    assert Counter(row["id"] for row in database.rows("audit_logs")) == whole
    assert all(set(found.values()) == {1} for found in ids)
    assert len(second - first) == 1
    assert asked[0] != asked[1]  # the second run did not list all of it again
    assert len(whole - second) > 1  # and the third one begins earlier
    with OpenAIAdmin(**arguments) as client:
        start = datetime.combine(TODAY - 30 * DAY, datetime.min.time(), UTC)
        listed = {event.id for event in client.audit_logs.list(effective_at=(start, None))}
    assert len(listed - set(whole)) == 1
    assert set(whole) <= listed


def test_a_run_that_dlt_ends_early_leaves_open_days_open(
    server: OddServer, database: Warehouse
) -> None:
    source: dict[str, Any] = {"admin_key": KEY, "base_url": server.base_url, **RANGE}
    server.rows = lambda endpoint, start: _bill(TODAY)[-1:]
    database.load("costs", limit=1, **source)
    assert {row["date"] for row in database.rows("costs")} == {SINCE + i * DAY for i in range(4)}
    server.rows = lambda endpoint, start: []
    database.load("costs", **source)
    assert {row["date"] for row in database.rows("costs")} == {SINCE}
