"""Days, weeks and months, of UTC and of other zones, against the emulator's own meter."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.metering.endpoints import ENDPOINTS
from openai_admin.emulator.metering.meter import Meter
from openai_admin.emulator.metering.stream import Stream
from openai_admin.errors import InvalidInputError
from openai_admin.usage.money import add_up
from openai_admin.usage.plan import Window
from openai_admin.usage.sharing import shared
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import MissingWindow
from tests.usage.times import DAY, HOUR, NOW, TODAY

ANCHOR = TODAY // DAY
QUIET = ANCHOR - 12  # the day from which on nothing is used any more
NEAR = Decimal("1e-15")
"""What an estimate may be off by: the parts of a day's amount are cut to 18 decimal places."""


def _stream(name: str, endpoint: str, shape: str, per_request: dict[str, int], **of: Any) -> Stream:
    return Stream(name, endpoint, of, per_request, 90, shape, ANCHOR, until=QUIET)


def _tokens(text: int, cached: int, output: int) -> dict[str, int]:
    return {
        "input_tokens": text + cached,
        "input_text_tokens": text,
        "input_cached_tokens": cached,
        "input_cached_text_tokens": cached,
        "output_tokens": output,
        "output_text_tokens": output,
        "num_model_requests": 1,
    }


A, B, GPT = {"project_id": "proj_a"}, {"project_id": "proj_b"}, {"model": "gpt-5"}
STREAMS = [
    _stream("a", "completions", "office", _tokens(700, 50, 90), **A, **GPT),
    _stream("b", "completions", "nightly", _tokens(900, 0, 31), **B, **GPT),
    _stream("c", "completions", "nightly", _tokens(10, 0, 7), **B, **GPT, batch=True),
    _stream("d", "embeddings", "steady", {"input_tokens": 41}, **A, model="text-embedding-3-small"),
    _stream("e", "vector_stores", "product", {"usage_bytes": 1 << 30}, **B),
]


class Organization:
    """A small organization, a client of it, and a loop that all examples share."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._emulator = Emulator(state="empty", now=lambda: NOW)
        self.meter = Meter(STREAMS, endpoints=ENDPOINTS, seed=7)
        self._emulator.store.meter = self.meter
        runner.run(self._emulator.start())
        key, url = self._emulator.admin_key, self._emulator.base_url
        self.client = AsyncOpenAIAdmin(key, base_url=url)

    def collect(self, names: Any, **query: Any) -> UsageTable:
        return self._runner.run(self._collect(names, query))

    async def _collect(self, names: Any, query: dict[str, Any]) -> UsageTable:
        return await self.client.usage.collect(names, **query)

    def close(self) -> None:
        self._runner.run(self.client.close())
        self._runner.run(self._emulator.stop())

    def tokens(self, start: int, end: int, group: str) -> dict[Any, int]:
        """The input tokens of completions, straight from the meter, by a field."""
        edges = sorted({start, end, *range(-(-start // DAY) * DAY, end, DAY)})
        rows = self.meter.usage(ENDPOINTS["completions"], edges, group_by=[group], now=NOW)
        sums: dict[Any, int] = defaultdict(int)
        for row in (row for bucket in rows for row in bucket):
            sums[row[group]] += row["input_tokens"]
        return dict(sums)

    def cost(self, start: int, end: int, project: str) -> Decimal:
        """What a project spent between two moments: a day up to the one less up to the other."""
        total = Decimal(0)
        for day in range(start // DAY, -(-end // DAY)):
            total += self._so_far(day, end, project) - self._so_far(day, start, project)
        return total

    def _so_far(self, day: int, now: int, project: str) -> Decimal:
        (rows,) = self.meter.costs([day], filters={"project_id": [project]}, now=min(now, NOW))
        return sum((Decimal(row["amount"]["value"]) for row in rows), Decimal(0))


@pytest.fixture(scope="module")
def org() -> Iterator[Organization]:
    """An organization that three weeks ago used two models and a store, and is quiet since."""
    with asyncio.Runner() as runner:
        organization = Organization(runner)
        yield organization
        organization.close()


def moment(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


def next_day(day: date) -> date:
    return day + timedelta(days=1)


OCTOBER_30, NOVEMBER_15 = date(2026, 10, 30), date(2026, 11, 15)
NEW_YORK = "America/New_York"


def test_days_of_a_zone_have_its_tokens(org: Organization) -> None:
    query = {"start_time": OCTOBER_30, "end_time": NOVEMBER_15, "tz": NEW_YORK}
    table = org.collect("completions", **query, group_by=["project_id"])
    days = {t.astimezone(ZoneInfo(NEW_YORK)).date() for t in table["start_time"]}
    totals = table.totals(["date", "project_id"])
    found = list(zip(totals["date"], totals["project_id"], totals["input_tokens"], strict=True))
    assert len(found) == 2 * 16
    for day, project, tokens in found:
        truth = org.tokens(moment(day, NEW_YORK), moment(next_day(day), NEW_YORK), "project_id")
        assert tokens == truth.get(project, 0)
        assert (tokens > 0) == (day in days)
    (hours,) = {e - s for s, e in zip(table["start_time"], table["end_time"], strict=True)} - {
        timedelta(hours=24)
    }
    assert hours == timedelta(hours=25)  # clocks went back on 1 November
    assert not table.estimated
    weeks = table.totals("week")
    assert weeks["week"] == ["2026-W44", "2026-W45", "2026-W46"]
    assert table.totals("month")["month"] == ["2026-10", "2026-11"]
    assert sum(weeks["input_tokens"]) == sum(table["input_tokens"])


def test_costs_of_a_zones_days_are_shared_out_by_usage(org: Organization) -> None:
    query = {"start_time": OCTOBER_30, "end_time": NOVEMBER_15}
    table = org.collect("costs", **query, group_by=["project_id"], tz=NEW_YORK)
    assert table.estimated
    assert any("are estimates" in note for note in table.notes)
    for row in table.rows():
        start, end = (int(row[name].timestamp()) for name in ("start_time", "end_time"))
        assert abs(row["amount"] - org.cost(start, end, row["project_id"])) < NEAR
    items = org.collect("costs", **query, group_by=["line_item"], tz=NEW_YORK)
    assert items.totals()["amount"] == table.totals()["amount"]
    first = moment(OCTOBER_30, "UTC")
    whole = org.collect("costs", **query, tz="UTC")
    assert not whole.estimated
    spent = [org.cost(first, moment(NOVEMBER_15, "UTC"), p) for p in ("proj_a", "proj_b")]
    assert whole.totals()["amount"] == [sum(spent)]
    halves = [
        org.collect("costs", start_time=a, end_time=b, tz=NEW_YORK).totals()["amount"][0]
        for a, b in pairwise([OCTOBER_30, date(2026, 11, 3), NOVEMBER_15])
    ]
    assert [sum(halves)] == table.totals()["amount"]


@given(
    st.decimals(-(10**6), 10**6, places=20),
    st.lists(st.integers(0, 2**40), min_size=1, max_size=4).filter(any),
)
def test_shares_add_up_exactly(amount: Decimal, weights: list[int]) -> None:
    parts = shared(amount, weights)
    assert add_up(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert (part == 0) if weight == 0 else (part * amount >= 0)
        assert abs(part - amount * weight / sum(weights)) < Decimal("1e-16")


def test_half_hours_are_made_of_minutes(org: Organization) -> None:
    day = date(2026, 11, 3)
    query = {"start_time": day, "end_time": next_day(day), "tz": "Asia/Kolkata"}
    table = org.collect(["completions", "costs"], **query, group_by=["project_id"])
    start, end = moment(day, "Asia/Kolkata"), moment(next_day(day), "Asia/Kolkata")
    sums = table.totals("project_id")
    found = dict(zip(sums["project_id"], sums["input_tokens"], strict=True))
    assert found == org.tokens(start, end, "project_id")
    for project, amount in zip(sums["project_id"], sums["amount"], strict=True):
        assert abs(amount - org.cost(start, end, project)) < NEAR
    with pytest.raises(InvalidInputError, match="ask for at most 31 days"):
        org.collect("completions", start_time=date(2026, 9, 1), tz="Asia/Kolkata")


def test_what_cannot_be_shared_out_is_refused(org: Organization) -> None:
    query = {"start_time": OCTOBER_30, "end_time": NOVEMBER_15, "tz": NEW_YORK}
    gone = Meter(STREAMS[:1], endpoints=ENDPOINTS, seed=7)  # usage of proj_b is not told
    usage, org.meter.usage_json = org.meter.usage_json, gone.usage_json  # type: ignore[method-assign]
    try:
        with pytest.raises(InvalidInputError, match=r"cannot be shared out .* 'gpt-5, output'"):
            org.collect("costs", **query, group_by=["project_id"])
        table = org.collect("costs", **query, group_by=["project_id"], partial=True)
    finally:
        org.meter.usage_json = usage  # type: ignore[method-assign]
    assert set(table["project_id"]) == {"proj_a"}
    assert table.missing
    assert not any(table.totals("date")["complete"][:8])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"tz": "America/NewYork"}, "did you mean 'America/New_York'"),
        ({"tz": NEW_YORK, "bucket_width": "1h"}, "tz gives days"),
        ({"tz": NEW_YORK, "start_time": moment(OCTOBER_30, "UTC")}, r"whole days \(America/New_"),
    ],
)
def test_other_questions_are_refused(
    org: Organization, query: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        org.collect("completions", **{"start_time": OCTOBER_30, **query})


# --- whole days ---------------------------------------------------------------------------------


def test_costs_of_parts_of_days_are_refused_or_widened(org: Organization) -> None:
    start, end = moment(date(2026, 11, 1), NEW_YORK), moment(date(2026, 11, 3), NEW_YORK)
    for query in ({"start_time": start}, {"start_time": date(2026, 11, 1), "end_time": end}):
        with pytest.raises(
            InvalidInputError,
            match=r"would be 2026-11-01 to .* pass whole_days=True",
        ):
            org.collect("costs", **query)
    with pytest.raises(InvalidInputError, match="whole days"):
        org.collect("all", start_time=start)
    org.collect("completions", start_time=start, end_time=end)  # is cut to the range by the API
    wide = org.collect("costs", start_time=start, end_time=end, whole_days=True)
    exact = org.collect("costs", start_time=date(2026, 11, 1), end_time=date(2026, 11, 4))
    assert wide.notes == ["The range was widened to whole days: 2026-11-01 to 2026-11-03 (UTC)."]
    assert list(wide.rows()) == list(exact.rows())
    assert exact.notes == []
    assert org.collect("costs", start_time=TODAY, end_time=NOW - HOUR).notes == []


# --- totals by time -----------------------------------------------------------------------------


def test_quiet_days_are_zero_and_missing_days_are_not(org: Organization) -> None:
    query = {"start_time": date(2026, 11, 9), "end_time": NOW}
    table = org.collect(["completions", "costs"], **query, group_by=["project_id"])
    by_day = {row["date"]: row for row in table.totals("date").rows()}
    assert list(by_day) == [date(2026, 11, day) for day in range(9, 25)]
    quiet = by_day[date(2026, 11, 20)]
    assert (quiet["amount"], quiet["currency"], quiet["input_tokens"]) == (0, "usd", 0)
    assert by_day[date(2026, 11, 9)]["amount"] > 0
    complete = [day for day, row in by_day.items() if row["complete"]]
    assert max(complete) == date(2026, 11, 20)  # three days before the last that ended
    assert len(table.totals(["project_id", "week"])) == 2 * 3
    nothing = org.collect("costs", start_time=date(2026, 11, 14), end_time=date(2026, 11, 16))
    assert [row["amount"] for row in nothing.totals().rows()] == [0]
    lost = Window(moment(date(2026, 11, 20), "UTC"), moment(date(2026, 11, 21), "UTC"), 1)
    table.missing.append(MissingWindow("costs", lost, RuntimeError("lost")))
    day = next(r for r in table.totals("date").rows() if r["date"] == date(2026, 11, 20))
    assert (day["amount"], day["input_tokens"], day["complete"]) == (None, 0, False)


# --- any of them --------------------------------------------------------------------------------

ZONES = ["UTC", NEW_YORK, "Europe/Berlin", "Asia/Tokyo", "Asia/Kolkata", "Pacific/Kiritimati"]


PARTS = ["project_id", "line_item", "model", "kind", "tier", "context"]


@settings(max_examples=12, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    first=st.integers(0, 20),
    length=st.integers(1, 9),
    late=st.sampled_from([0, 0, 0, HOUR]),
    group=st.sampled_from(["project_id", "model"]),
    period=st.sampled_from(["date", "week", "month"]),
    parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=2, unique=True),
)
def test_parts_add_up_to_the_whole_or_are_refused(
    org: Organization,
    zone: str,
    first: int,
    length: int,
    late: int,
    group: str,
    period: str,
    parts: list[str],
) -> None:
    begin = date(2026, 10, 25) + timedelta(days=first)
    start = moment(begin, zone) + late
    end = moment(begin + timedelta(days=length), zone)
    query = {"start_time": start, "end_time": end, "tz": zone}
    if late:
        for endpoint in ("completions", "costs"):
            with pytest.raises(InvalidInputError, match="whole days"):
                org.collect(endpoint, **query, group_by=["project_id"])
        return
    table = org.collect("completions", **query, group_by=[group])
    truth = org.tokens(start, end, group)
    totals = table.totals([period, group])
    sums: dict[Any, int] = defaultdict(int)
    for key, tokens in zip(totals[group], totals["input_tokens"], strict=True):
        sums[key] += tokens
    assert sums == truth
    assert sum(table.totals(period)["input_tokens"]) == sum(truth.values())
    costs = org.collect("costs", **query, group_by=["project_id"])
    spent = sum((org.cost(start, end, p) for p in ("proj_a", "proj_b")), Decimal(0))
    whole = add_up(costs.totals(period)["amount"])
    assert abs(whole - spent) <= (NEAR if costs.estimated else 0)
    otherwise = org.collect("costs", **query, group_by=parts)
    for by in (parts, [period, *parts], parts[:1]):
        assert add_up(filter(None, otherwise.totals(by)["amount"])) == whole
    assert otherwise.totals("date")["amount"] == costs.totals("date")["amount"]
