"""Small tables made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openai_admin.usage.table import UsageTable


def moment(day: int, hour: int = 0) -> datetime:
    """A time of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def table(rows: list[dict[str, Any]], *, dimensions: list[str], metrics: list[str]) -> UsageTable:
    """A table of rows; what a row lacks is null."""
    names = [*dimensions, *metrics]
    columns = {name: [row.get(name) for row in rows] for name in names}
    return UsageTable(columns, dimensions=dimensions, metrics=metrics)


ROWS: list[dict[str, Any]] = [
    {
        "endpoint": "costs",
        "start_time": moment(1),
        "end_time": moment(2),
        "project_id": "proj_a",
        "amount": Decimal("0.10"),
        "currency": "usd",
        "quantity": Decimal(1500),
        "quantity_unit": "tokens",
    },
    {
        "endpoint": "costs",
        "start_time": moment(1),
        "end_time": moment(2),
        "project_id": 'proj_"ö", x',
        "amount": Decimal("0.20"),
        "currency": "usd",
        "quantity": Decimal("2.5"),
        "quantity_unit": "images",
    },
    {
        "endpoint": "costs",
        "start_time": moment(2),
        "end_time": moment(3),
        "project_id": "proj_a",
        "amount": Decimal("12345678901234567890.123456789012"),
        "currency": "usd",
    },
    {
        "endpoint": "completions",
        "start_time": moment(2, 5),
        "end_time": moment(2, 6),
        "project_id": None,
        "input_tokens": 2**62,
    },
    {
        "endpoint": "completions",
        "start_time": moment(2, 23),
        "end_time": moment(3),
        "project_id": "proj_a",
        "input_tokens": 7,
    },
]

DIMENSIONS = ["endpoint", "start_time", "end_time", "project_id", "batch"]
METRICS = [
    "input_tokens",
    "input_cached_tokens",
    "amount",
    "currency",
    "quantity",
    "quantity_unit",
]


def mixed() -> UsageTable:
    """Costs and tokens, with money down to 10⁻¹² and a metric that no row has."""
    return table(ROWS, dimensions=DIMENSIONS, metrics=METRICS)
