"""The sums that hold over the demo organization's usage and costs, whatever is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from openai_admin.emulator.demo import populate
from openai_admin.emulator.metering import ENDPOINTS, Endpoint, Meter
from openai_admin.emulator.metering.buckets import WIDTHS, edges, whole
from openai_admin.emulator.metering.endpoints import COST_DIMENSIONS
from openai_admin.emulator.metering.prices import (
    IMAGE_PRICES,
    TIER_FACTORS,
    TOKEN_KINDS,
    TOKEN_PRICES,
    UNIT_PRICES,
)
from openai_admin.emulator.metering.shape import DAY
from openai_admin.emulator.store import Store

NOW = 1_795_512_345  # a Tuesday, at 09:25:45 UTC
TODAY = NOW // DAY


def demo_meter() -> Meter:
    store = Store(seed=3, now=lambda: NOW)
    populate(store)
    meter: Meter = store.meter
    return meter


METER = demo_meter()

Totals = dict[tuple[Any, ...], dict[str, int]]

endpoints = st.sampled_from(list(ENDPOINTS.values()))
moments = st.integers(NOW - 400 * DAY, NOW + 3 * DAY)
lengths = st.one_of(st.integers(1, 7200), st.integers(1, 2 * DAY))


@st.composite
def groupings(draw: st.DrawFn, dimensions: Sequence[str]) -> list[str]:
    return draw(st.lists(st.sampled_from(dimensions), unique=True))


@st.composite
def filters(draw: st.DrawFn, dimensions: Sequence[str], endpoint: str | None) -> dict[str, Any]:
    """Some of the values that the streams have, in some of the dimensions."""
    streams = [s for s in METER.streams if endpoint is None or s.endpoint == endpoint]
    chosen = {}
    for field in draw(st.lists(st.sampled_from(dimensions), unique=True, max_size=2)):
        values = sorted({s.dimensions.get(field) for s in streams}, key=str)
        chosen[field] = draw(st.lists(st.sampled_from(values), min_size=1, unique=True))
    return chosen


def totals(
    endpoint: Endpoint,
    ends: Sequence[int],
    group_by: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    now: int = NOW,
) -> Totals:
    """The sums over all buckets, by the values of `group_by`."""
    sums: Totals = {}
    for rows in METER.usage(endpoint, ends, group_by=group_by, filters=where, now=now):
        for row in rows:
            group = sums.setdefault(
                tuple(row[field] for field in group_by), dict.fromkeys(endpoint.metrics, 0)
            )
            for metric in endpoint.metrics:
                group[metric] += row[metric]
    return sums


def added(sums: Totals, metrics: Sequence[str]) -> dict[str, int]:
    return {metric: sum(group[metric] for group in sums.values()) for metric in metrics}


def cut(start: int, end: int, width: str) -> list[int]:
    return edges(start, end, WIDTHS[width], 10**9)


@given(st.data(), endpoints, moments, lengths)
@settings(max_examples=60)
def test_minutes_sum_to_hours_and_hours_to_days(
    data: st.DataObject, endpoint: Endpoint, start: int, length: int
) -> None:
    group_by = data.draw(groupings(endpoint.dimensions))
    where = data.draw(filters(endpoint.dimensions, endpoint.name))
    by_width = [
        totals(endpoint, cut(start, start + length, width), group_by, where) for width in WIDTHS
    ]
    assert by_width[0] == by_width[1] == by_width[2]


@given(st.data(), endpoints, moments, st.integers(1, 40 * DAY), st.sampled_from(["1h", "1d"]))
@settings(max_examples=60)
def test_groups_sum_to_the_total(
    data: st.DataObject, endpoint: Endpoint, start: int, length: int, width: str
) -> None:
    ends = cut(start, start + length, width)
    where = data.draw(filters(endpoint.dimensions, endpoint.name))
    group_by = data.draw(groupings(endpoint.dimensions))
    total = METER.usage(endpoint, ends, filters=where, now=NOW)
    grouped = METER.usage(endpoint, ends, filters=where, group_by=group_by, now=NOW)
    for whole_rows, rows in zip(total, grouped, strict=True):
        assert len(whole_rows) == (1 if rows else 0)
        for metric in endpoint.metrics:
            assert sum(row[metric] for row in rows) == sum(row[metric] for row in whole_rows)
        combinations = [tuple(row[field] for field in group_by) for row in rows]
        assert len(set(combinations)) == len(combinations)
        for row in rows:
            assert all(row[d] is None for d in endpoint.dimensions if d not in group_by)
            assert any(row[metric] for metric in endpoint.metrics)


@given(st.data(), endpoints, moments, lengths)
@settings(max_examples=60)
def test_filters_by_one_dimension_split_the_total(
    data: st.DataObject, endpoint: Endpoint, start: int, length: int
) -> None:
    field = data.draw(st.sampled_from(endpoint.dimensions))
    ends = cut(start, start + length, "1d")
    values = {s.dimensions.get(field) for s in METER.streams if s.endpoint == endpoint.name}
    parts = [added(totals(endpoint, ends, (), {field: [v]}), endpoint.metrics) for v in values]
    whole_total = added(totals(endpoint, ends), endpoint.metrics)
    for metric in endpoint.metrics:
        assert sum(part[metric] for part in parts) == whole_total[metric]


@given(st.data(), endpoints, moments, lengths)
@settings(max_examples=40)
def test_grouping_by_a_dimension_equals_filtering_by_each_of_its_values(
    data: st.DataObject, endpoint: Endpoint, start: int, length: int
) -> None:
    field = data.draw(st.sampled_from(endpoint.dimensions))
    ends = cut(start, start + length, "1d")
    for (value,), group in totals(endpoint, ends, [field]).items():
        assert totals(endpoint, ends, (), {field: [value]}) == {(): group}


@given(st.data(), endpoints, st.integers(NOW - 30 * DAY, NOW), st.integers(0, DAY))
@settings(max_examples=40)
def test_what_has_happened_does_not_change_as_time_goes_on(
    data: st.DataObject, endpoint: Endpoint, now: int, later: int
) -> None:
    group_by = data.draw(groupings(endpoint.dimensions))
    until_now = totals(endpoint, cut(now - DAY, now, "1h"), group_by, now=now)
    assert totals(endpoint, cut(now - DAY, now + DAY, "1h"), group_by, now=now) == until_now
    assert totals(endpoint, cut(now - DAY, now, "1h"), group_by, now=now + later) == until_now


@given(
    st.data(), st.sampled_from(["completions", "decisions"]), moments, st.sampled_from(list(WIDTHS))
)
@settings(max_examples=40)
def test_the_token_counts_of_every_row_agree_with_each_other(
    data: st.DataObject, name: str, start: int, width: str
) -> None:
    endpoint = ENDPOINTS[name]
    ends = cut(start, start + data.draw(lengths), width)
    group_by = data.draw(groupings(endpoint.dimensions))
    for rows in METER.usage(endpoint, ends, group_by=group_by, now=NOW):
        for row in rows:
            uncached, cached = row["input_uncached_tokens"], row["input_cached_tokens"]
            writes = row["input_cache_write_tokens"]
            assert row["input_tokens"] == uncached + cached + writes
            assert cached <= row["input_tokens"]
            for kinds, total in (("input_{}_tokens", uncached), ("input_cached_{}_tokens", cached)):
                assert sum(row[kinds.format(k)] for k in ("text", "audio", "image")) == total
            assert (
                row["input_cache_write_30m_tokens"] + row["input_cache_write_12h_tokens"] == writes
            )
            outputs = [row[f"output_{k}_tokens"] for k in ("text", "audio", "image")]
            assert row["output_tokens"] == sum(outputs)
            assert row["num_model_requests"] > 0


cost_days = st.integers(TODAY - 400, TODAY + 1).flatmap(
    lambda first: st.integers(1, 20).map(lambda n: range(first, first + n))
)


@given(st.data(), cost_days)
@settings(max_examples=60)
def test_costs_sum_to_the_same_whatever_the_grouping(data: st.DataObject, days: range) -> None:
    where = data.draw(filters([d for d in COST_DIMENSIONS if d != "line_item"], None))
    group_by = data.draw(groupings(COST_DIMENSIONS))
    total = METER.costs(days, filters=where, now=NOW)
    grouped = METER.costs(days, filters=where, group_by=group_by, now=NOW)
    for whole_rows, rows in zip(total, grouped, strict=True):
        amounts = sum((row["amount"]["value"] for row in rows), Decimal(0))
        assert len(whole_rows) == (1 if rows else 0)
        assert amounts == sum(row["amount"]["value"] for row in whole_rows)
        for row in rows:
            assert row["amount"]["value"] > 0
            assert (row["quantity"] is not None) == ("line_item" in group_by)


@given(cost_days)
@settings(max_examples=30)
def test_a_filter_by_line_items_gives_their_lines(days: range) -> None:
    wanted = ["gpt-5-mini, input", "web search tool calls"]
    itemized = METER.costs(days, group_by=["line_item", "project_id"], now=NOW)
    filtered = METER.costs(
        days, group_by=["line_item", "project_id"], filters={"line_item": wanted}, now=NOW
    )
    assert filtered == [[row for row in rows if row["line_item"] in wanted] for rows in itemized]


def billed(days: range) -> dict[str, Decimal]:
    """What the costs endpoint says, by line item."""
    bill: dict[str, Decimal] = {}
    for rows in METER.costs(days, group_by=["line_item"], now=NOW):
        for row in rows:
            bill[row["line_item"]] = bill.get(row["line_item"], Decimal(0)) + row["amount"]["value"]
    return bill


def priced(days: range) -> dict[str, Decimal]:
    """What the usage endpoints come to through the price table, by line item."""
    ends = [day * DAY for day in range(days.start, days.stop + 1)]
    bill: dict[str, Decimal] = {}

    def charge(item: str, dollars: Decimal) -> None:
        if dollars:
            bill[item] = bill.get(item, Decimal(0)) + dollars

    for name in ("completions", "decisions"):
        for (model, batch, tier), used in totals(
            ENDPOINTS[name], ends, ["model", "batch", "service_tier"]
        ).items():
            rate = "batch" if batch else tier
            tiered, factor = "", Decimal(1)
            if rate in TIER_FACTORS:
                tiered, factor = f"{rate} | ", TIER_FACTORS[rate]
            for metric, kind in TOKEN_KINDS.items():
                if used[metric]:
                    price = TOKEN_PRICES[model][kind] / 1_000_000
                    charge(f"{tiered}{model}, {kind}", used[metric] * price * factor)
    for (model,), used in totals(ENDPOINTS["embeddings"], ends, ["model"]).items():
        charge(f"{model}, input", used["input_tokens"] * TOKEN_PRICES[model]["input"] / 1_000_000)
    for (model, size), used in totals(ENDPOINTS["images"], ends, ["model", "size"]).items():
        charge(f"{model}, {size}", used["images"] * IMAGE_PRICES[model, size])
    for name, metric, item in (
        ("audio_speeches", "characters", "tts-1, speech"),
        ("audio_transcriptions", "seconds", "whisper-1, audio"),
        ("file_search_calls", "num_requests", "file search tool calls"),
        ("web_search_calls", "num_requests", "web search tool calls"),
        ("code_interpreter_sessions", "num_sessions", "code interpreter sessions"),
    ):
        used = added(totals(ENDPOINTS[name], ends), [metric])
        charge(item, used[metric] * UNIT_PRICES[name])
    stored = added(totals(ENDPOINTS["vector_stores"], ends), ["usage_bytes"])["usage_bytes"]
    charge("vector storage", Decimal(stored) / (1 << 30) * UNIT_PRICES["vector_stores"])
    return bill


@given(cost_days)
@example(range(TODAY, TODAY + 1))  # a day that is not over
@settings(max_examples=30)
def test_every_line_of_the_bill_is_its_usage_times_its_price(days: range) -> None:
    assert billed(days) == priced(days)


@given(moments, st.integers(1, 90 * DAY))
def test_whole_days_hold_what_a_range_inside_them_cost(start: int, length: int) -> None:
    first, last = whole(start, start + length, WIDTHS["1d"])
    assert first <= start < first + DAY
    assert last - DAY < start + length <= last
    assert first % DAY == last % DAY == 0
