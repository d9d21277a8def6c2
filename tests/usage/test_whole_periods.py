"""A sum that is not of a whole period never looks as if it were."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from openai_admin._declare.resource import Async
from openai_admin.errors import InvalidInputError
from openai_admin.usage.queries import UsageQueries, stream_windows
from openai_admin.usage.table import UsageTable
from tests.usage.odd_pages import DAYS, START, OddPages, bucket, row
from tests.usage.tables import moment, table
from tests.usage.times import DAY, NOW

NINE = START + 9 * DAY  # whose end is settled
EACH = Decimal("1.00")


def days(*numbers: int) -> list[date]:
    """Days of the range, which begins on Thursday, 12 November 2026."""
    return [date(2026, 11, 12 + number) for number in numbers]


async def costs(
    *,
    without: Collection[int] = (),
    start: int = START,
    end: int = NINE,
    usage: Any = None,
    **options: Any,
) -> UsageTable:
    """Costs of an organization that spends a dollar a day, of which some days have no bucket."""
    known = [bucket(START + n * DAY, [row("a", 100)]) for n in range(DAYS) if n not in without]
    api = OddPages(known, size=50, random=Random(0))
    queries: Any = usage or UsageQueries[Async](api)
    found: UsageTable = await queries.collect("costs", start_time=start, end_time=end, **options)
    return found


async def test_days_after_the_last_bucket_count_as_nothing_and_are_not_complete() -> None:
    found = await costs(without=[7, 8, 9, 10, 11])
    by_date = found.totals("date")
    assert by_date["date"] == days(*range(9))
    assert by_date["amount"] == [EACH] * 7 + [0, 0]
    assert by_date["currency"] == ["usd"] * 9
    assert by_date["complete"] == [True] * 7 + [False] * 2
    said = [
        "No buckets of costs came for 2026-11-19 to 2026-11-20: that counts as time without any."
    ]
    assert found.notes == by_date.notes == said
    assert found.totals()["complete"] == [False]


async def test_a_range_without_a_bucket_is_nothing_and_not_complete() -> None:
    found = await costs(without=range(DAYS))
    (total,) = found.totals().rows()
    assert (total["amount"], total["currency"], total["complete"]) == (0, "usd", False)
    assert len(found.notes) == 1
    assert found.totals("date")["amount"] == [0] * 9


async def test_a_missing_day_has_a_row_without_numbers() -> None:
    by_date = (await costs(without=[4])).totals("date")
    assert by_date["date"] == days(*range(9))
    assert by_date["amount"] == [EACH] * 4 + [None] + [EACH] * 4
    assert by_date["complete"] == [True] * 4 + [False] + [True] * 4
    assert by_date.notes == []


async def test_a_period_that_the_range_cuts_is_not_complete() -> None:
    found = await costs()
    by_week = found.totals("week")
    assert by_week["week"] == ["2026-W46", "2026-W47"]
    assert by_week["amount"] == [4, 5]
    assert by_week["complete"] == [False, False]
    assert by_week.notes == [
        (
            "2026-W46 is of 2026-11-12 to 2026-11-15 alone,"
            " and 2026-W47 is of 2026-11-16 to 2026-11-20 alone."
        )
    ]
    assert found.totals()["complete"] == [True]
    monday = await costs(start=START + 4 * DAY, end=START + 11 * DAY)
    whole = monday.totals("week")
    assert whole.notes == []


async def test_a_period_that_is_not_over_is_not_cut() -> None:
    by_week = (await costs(start=START + 4 * DAY, end=NOW)).totals("week")
    assert by_week["week"] == ["2026-W47", "2026-W48"]
    assert not any("alone" in note for note in by_week.notes)


@pytest.mark.parametrize(("start", "end"), [(START, START), (NOW + DAY, NOW + 3 * DAY)])
async def test_an_empty_range_is_nothing_and_not_complete(start: int, end: int) -> None:
    (total,) = (await costs(start=start, end=end)).totals().rows()
    assert (total["amount"], total["currency"], total["complete"]) == (0, "usd", False)


async def test_a_key_is_never_written_over() -> None:
    known = [
        bucket(
            START, [row("a", 100), {**row("b", 200), "amount": {"value": "2", "currency": "eur"}}]
        ),
        bucket(START + DAY, []),
    ]
    usage = UsageQueries[Async](OddPages(known, size=50, random=Random(0)))
    found = await usage.collect(
        "costs", start_time=START, end_time=START + 2 * DAY, group_by=["project_id"]
    )
    by_currency = found.totals(["date", "currency"])
    keys = list(zip(by_currency["date"], by_currency["currency"], strict=True))
    first, second = days(0, 1)
    assert keys == [(first, "usd"), (first, "eur"), (second, "usd"), (second, "eur")]
    assert by_currency["amount"] == [1, 2, 0, 0]


def test_a_quantity_of_some_amounts_is_not_that_of_all() -> None:
    rows: list[dict[str, Any]] = [
        {"day": 1, "amount": Decimal(1), "currency": "usd"},
        {"day": 1, "amount": Decimal(2), "currency": "usd", "quantity": Decimal(60)},
        {"day": 2, "amount": None, "quantity": Decimal(5)},
    ]
    for each in rows[1:]:
        each["quantity_unit"] = "tokens"
    metrics = ["amount", "currency", "quantity", "quantity_unit"]
    totals = table(rows, dimensions=["day"], metrics=metrics).totals("day")
    assert totals["amount"] == [3, None]
    assert totals["quantity"] == [None, 5]
    assert totals["quantity_unit"] == [None, "tokens"]


@pytest.mark.parametrize("by", [None, 5, ["day", None], [["day"]]])
def test_what_is_not_a_column_is_refused(by: Any) -> None:
    made = table([{"day": moment(1)}], dimensions=["day"], metrics=[])
    with pytest.raises(InvalidInputError, match=r"^by must be a column or a list of columns"):
        made.totals(by)


@pytest.mark.parametrize("endpoints", [[["costs"]], 5, None])
async def test_what_is_not_an_endpoint_is_refused(endpoints: Any) -> None:
    usage: Any = UsageQueries[Async](OddPages([], size=1, random=Random(0)))
    with pytest.raises(InvalidInputError, match=r"^An endpoint is named by text"):
        await usage.collect(endpoints, start_time=START)


def test_names_that_several_have_are_told() -> None:
    rows = [{"project_id": id, "project_name": "Same", "input_tokens": 1} for id in ("a", "b")]
    made = table(rows, dimensions=["project_id", "project_name"], metrics=["input_tokens"])
    (note,) = made.totals("project_name").notes
    assert note == "Several are called 'Same', and are added up: total by their ids."
    assert made.totals(["project_id", "project_name"]).notes == []


async def test_a_stream_of_windows_says_it_as_well() -> None:
    known = [bucket(START + n * DAY, [row("a", 100)]) for n in range(5)]
    usage = UsageQueries[Async](OddPages(known, size=50, random=Random(0)))
    windows = stream_windows(usage, "costs", start_time=START, end_time=START + 7 * DAY)
    (received,) = [each async for each in windows]
    assert len(received.buckets) == 5
    assert received.notes == [
        "No buckets of costs came for 2026-11-17 to 2026-11-18: that counts as time without any."
    ]
