"""The figures that a report adds up by itself are those of the server."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from openai_admin import AsyncOpenAIAdmin
from openai_admin.insights import Review, known
from openai_admin.insights.holders import KeyCost
from openai_admin.usage.line_items import LineItem


async def test_months_hours_cache_and_keys(found: Review, client: AsyncOpenAIAdmin) -> None:
    today = datetime.combine(found.now.date(), time(), UTC)
    months = known(found.months)
    table = await client.usage.collect("costs", start_time=months[-1].month.start, end_time=today)
    spent: dict[tuple[int, int], Decimal] = {}
    for start, amount in zip(table["start_time"], table["amount"], strict=True):
        month = start.year, start.month
        spent[month] = spent.get(month, Decimal(0)) + amount
    assert len(months) >= 5
    assert {(m.month.start.year, m.month.start.month): m.cost for m in months if m.is_over} == {
        month: cost for month, cost in spent.items() if month != (today.year, today.month)
    }

    hours = {hour.start: hour for hour in known(found.busy_hours)}
    first = found.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)
    usage = await client.usage.collect(
        ["completions", "decisions", "embeddings", "images"],
        start_time=first,
        end_time=first + timedelta(hours=24),
        bucket_width="1h",
    )
    requests: dict[datetime, int] = {}
    for start, number in zip(usage["start_time"], usage["num_model_requests"], strict=True):
        requests[start] = requests.get(start, 0) + (number or 0)
    assert len(requests) == 24
    assert {start: hours[start].requests for start in requests} == requests

    lines = await client.usage.collect(
        "costs",
        start_time=datetime.combine(found.period.start, time(), UTC),
        end_time=datetime.combine(found.period.end, time(), UTC),
        group_by=["line_item"],
    )
    bill: dict[LineItem, tuple[Decimal, Decimal]] = {}
    units = {"tokens": 1, "1000_tokens": 1000}
    for row in lines.rows():
        if (size := units.get(row["quantity_unit"])) and row["quantity"] is not None:
            item = LineItem.parse(row["line_item"])
            cost, many = bill.get(item, (Decimal(0), Decimal(0)))
            bill[item] = cost + row["amount"], many + row["quantity"] * size
    (gpt,) = [s for s in known(found.cache_savings) if s.what == "gpt-5"]
    cost, many = bill[LineItem.parse("gpt-5, input")]
    cached, tokens = bill[LineItem.parse("gpt-5, cached input")]
    assert gpt.saved is not None
    assert abs(gpt.saved - (tokens * cost / many - cached)) < Decimal("0.00001")

    held = {
        key.id: (project.id, key.owner.holder.id if key.owner and key.owner.holder else None)
        async for project in client.projects.list()
        async for key in client.projects.api_keys.list(project.id, owner_project_access="any")
    }
    keys = [key for key in known(found.by_key).groups if isinstance(key, KeyCost)]
    assert keys
    for key in keys:
        id = key.group[0]
        holder = None if key.owner is None else (key.project_id, key.owner.id)
        assert holder == held.get(id or "")
