"""The pure parts of the metering: streams, shapes, prices, buckets and cursors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.emulator.demo.workloads import tokens
from openai_admin.emulator.metering import ENDPOINTS, Meter, Stream
from openai_admin.emulator.metering.bounded import Bounded
from openai_admin.emulator.metering.buckets import COST_WIDTHS, WIDTHS, Cursor, edges, whole
from openai_admin.emulator.metering.prices import line_items
from openai_admin.emulator.metering.shape import DAY, ONE, SHAPES, Shapes

MONDAY = 20_416  # 2025-11-24, in days since 1970
COMPLETIONS = ENDPOINTS["completions"]


def stream(
    *,
    name: str = "s",
    endpoint: str = "completions",
    dimensions: Mapping[str, Any] | None = None,
    per_request: Mapping[str, int] | None = None,
    daily: int = 1000,
    shape: str = "steady",
    begin: int = 100,
    since: int = 0,
    until: int | None = None,
    surges: Mapping[int, int] | None = None,
) -> Stream:
    return Stream(
        name=name,
        endpoint=endpoint,
        dimensions=dimensions or {"project_id": "p", "model": "gpt-5"},
        per_request=per_request or tokens(text=100, cached=50, output=10),
        daily=daily,
        shape=shape,
        anchor=MONDAY,
        begin=begin,
        since=since,
        until=until,
        surges=surges or {},
    )


def meter(*streams: Stream, seed: int = 1) -> Meter:
    return Meter(streams, endpoints=ENDPOINTS, seed=seed)


def requests(meter: Meter, edges: list[int], now: int) -> list[int]:
    """The requests in each bucket, ungrouped."""
    buckets = meter.usage(COMPLETIONS, edges, now=now)
    return [rows[0]["num_model_requests"] if rows else 0 for rows in buckets]


class TestVolume:
    def test_a_stream_is_active_from_since_until_before_until(self) -> None:
        active = stream(since=MONDAY - 2, until=MONDAY + 1)
        days = range(MONDAY - 4, MONDAY + 3)
        assert [day for day in days if active.volume(day, 1)] == [MONDAY - 2, MONDAY - 1, MONDAY]

    def test_the_volume_of_a_year_averages_to_the_daily_one(self) -> None:
        flat = stream(daily=10_000, shape="product")
        mean = sum(flat.volume(MONDAY - day, 1) for day in range(364)) / 364
        assert 9600 < mean < 10_000  # the weekdays of the shape average to 98 %

    def test_it_grows_from_begin_percent_in_a_straight_line(self) -> None:
        grown = stream(daily=1_000_000, begin=40)

        def level(around: int) -> float:
            return sum(grown.volume(around + day, 1) for day in range(-14, 15)) / 29

        assert level(MONDAY - 396) == pytest.approx(400_000, rel=0.03)
        assert level(MONDAY - 198) == pytest.approx(700_000, rel=0.03)
        assert level(MONDAY) == pytest.approx(1_000_000, rel=0.03)

    def test_a_line_that_would_fall_below_nothing_is_nothing(self) -> None:
        assert stream(begin=10).volume(MONDAY - 1000, 1) == 0

    def test_an_office_rests_on_the_weekend(self) -> None:
        office = stream(shape="office", daily=10_000)
        week = [office.volume(MONDAY + day, 1) for day in range(7)]
        assert max(week[5:]) < min(week[:5]) / 3

    def test_a_surge_multiplies_its_day_alone(self) -> None:
        calm, surging = stream(daily=70_001), stream(daily=70_001, surges={MONDAY: 7})
        assert surging.volume(MONDAY, 1) // 7 == calm.volume(MONDAY, 1)
        assert surging.volume(MONDAY + 1, 1) == calm.volume(MONDAY + 1, 1)

    def test_noise_differs_by_day_stream_and_seed_but_stays_small(self) -> None:
        volumes = [stream(daily=100_000).volume(MONDAY + day, 1) for day in range(300)]
        assert len(set(volumes)) > 50
        assert 91_000 < min(volumes) < max(volumes) < 109_000
        day = range(MONDAY, MONDAY + 30)
        first = [stream(name="a").volume(d, 1) for d in day]
        assert first != [stream(name="b").volume(d, 1) for d in day]
        assert first != [stream(name="a").volume(d, 2) for d in day]


class TestShapes:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_the_part_passed_rises_from_nothing_to_all(self, shape: str) -> None:
        parts = Shapes(1).at(shape, MONDAY, range(0, DAY + 1, 7))
        assert parts[0] == 0
        assert Shapes(1).at(shape, MONDAY, [DAY, 61]) == [ONE, Shapes(1).at(shape, MONDAY, [61])[0]]
        assert all(a <= b for a, b in pairwise(parts))

    def test_working_hours_have_most_of_an_office_day(self) -> None:
        eight, eighteen = Shapes(1).at("office", MONDAY, [8 * 3600, 18 * 3600])
        assert eighteen - eight > 0.7 * ONE

    def test_days_differ_in_their_minutes(self) -> None:
        hours = range(0, DAY, 3600)
        shapes = Shapes(1)
        assert shapes.at("steady", MONDAY, hours) != shapes.at("steady", MONDAY + 1, hours)


class TestMeter:
    def test_the_current_bucket_is_partial_and_the_past_stands(self) -> None:
        metered = meter(stream(daily=50_000, shape="product"))
        hours = [MONDAY * DAY + hour * 3600 for hour in range(25)]
        whole_day = requests(metered, hours, now=hours[-1])
        now = hours[10] + 1234
        so_far = requests(metered, hours, now=now)
        assert so_far[:10] == whole_day[:10]
        assert 0 < so_far[10] < whole_day[10]
        assert so_far[11:] == [0] * 13

    def test_nothing_is_used_after_now(self) -> None:
        metered = meter(stream())
        start = MONDAY * DAY
        assert metered.usage(COMPLETIONS, [start, start + 60], now=start) == [[]]
        assert metered.costs([MONDAY], now=start) == [[]]

    def test_without_streams_every_bucket_is_there_and_empty(self) -> None:
        day = [MONDAY * DAY + minute * 60 for minute in range(1441)]
        assert meter().usage(COMPLETIONS, day, now=day[-1]) == [[]] * 1440
        assert meter().costs([MONDAY], now=day[-1]) == [[]]

    def test_each_combination_with_usage_has_a_row(self) -> None:
        metered = meter(
            stream(name="a", dimensions={"project_id": "p", "model": "gpt-5", "batch": True}),
            stream(name="b", dimensions={"project_id": "p", "model": "gpt-5", "batch": False}),
            stream(name="c", dimensions={"project_id": "q", "model": "gpt-5"}),
            stream(name="d", dimensions={"project_id": "r", "model": "gpt-5"}, until=MONDAY),
        )
        bucket = [MONDAY * DAY, (MONDAY + 1) * DAY]
        (rows,) = metered.usage(
            COMPLETIONS, bucket, group_by=["batch", "project_id"], now=bucket[1]
        )
        combinations = [(row["project_id"], row["batch"]) for row in rows]
        assert combinations == [("p", False), ("p", True), ("q", None)]
        assert all(row["model"] is None for row in rows)
        (total,) = metered.usage(COMPLETIONS, bucket, now=bucket[1])
        assert sum(row["input_tokens"] for row in rows) == total[0]["input_tokens"]

    def test_filters_of_several_dimensions_must_all_pass(self) -> None:
        metered = meter(
            stream(name="a", dimensions={"project_id": "p", "model": "gpt-5"}),
            stream(name="b", dimensions={"project_id": "p", "model": "gpt-4.1"}),
            stream(name="c", dimensions={"project_id": "q", "model": "gpt-5"}),
        )
        bucket = [MONDAY * DAY, (MONDAY + 1) * DAY]

        def models(filters: Mapping[str, list[str]]) -> list[tuple[str, str]]:
            (rows,) = metered.usage(
                COMPLETIONS,
                bucket,
                group_by=["project_id", "model"],
                filters=filters,
                now=bucket[1],
            )
            return [(row["project_id"], row["model"]) for row in rows]

        assert models({"project_id": ["p"], "model": ["gpt-5"]}) == [("p", "gpt-5")]
        assert models({"model": ["gpt-5"]}) == [("p", "gpt-5"), ("q", "gpt-5")]
        assert models({"model": ["unheard-of"]}) == []

    def test_a_metric_the_endpoint_lacks_is_refused(self) -> None:
        with pytest.raises(ValueError, match="embeddings has no metric output_tokens"):
            meter(stream(endpoint="embeddings", per_request={"output_tokens": 1}))

    def test_the_last_request_is_in_the_last_minute_with_usage(self) -> None:
        used = stream(daily=37, shape="office", until=MONDAY)
        metered = meter(used)
        now = MONDAY * DAY + 12 * 3600
        last = metered.last_request(used, now=now)
        assert last is not None
        minutes = [(MONDAY - 1) * DAY + minute * 60 for minute in range(1441)]
        counts = requests(metered, minutes, now)
        assert last == max(minute for minute, n in zip(minutes, counts, strict=False) if n)
        assert metered.last_request(used, now=last) != last

    def test_a_stream_without_requests_has_no_last_one(self) -> None:
        unborn = stream(since=MONDAY + 1)
        assert meter(unborn).last_request(unborn, now=MONDAY * DAY) is None

    def test_the_same_on_every_machine(self) -> None:
        """Neither the hash seed nor anything else of a process has a part in the numbers."""
        program = (
            "from openai_admin.emulator.store import Store\n"
            "from openai_admin.emulator.demo import populate\n"
            "store = Store(seed=5, now=lambda: 1_790_000_123)\n"
            "print(populate(store))\n"
            "print(store.meter.costs(range(20_500, 20_718), group_by=['line_item', 'user_id'],"
            " now=store.now()))\n"
        )
        outputs = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert len(outputs) == 1
        assert len(outputs.pop()) > 100_000


class TestPrices:
    def bill(self, metered: Stream) -> dict[str, tuple[Decimal, Decimal, str | None]]:
        return {
            item.name: (Decimal(item.pico).scaleb(-12), item.quantity, item.unit)
            for item in line_items(metered)
        }

    def test_each_token_is_paid_once_at_the_price_of_its_kind(self) -> None:
        per_request = tokens(text=50_000, cached=100_000, writes=20_000, output=5_000)
        bill = self.bill(stream(per_request=per_request))
        assert bill == {
            "gpt-5, input": (Decimal("0.0625"), Decimal(50_000), "tokens"),
            "gpt-5, cached input": (Decimal("0.0125"), Decimal(100_000), "tokens"),
            "gpt-5, cache writes": (Decimal("0.03125"), Decimal(20_000), "tokens"),
            "gpt-5, output": (Decimal("0.05"), Decimal(5_000), "tokens"),
        }
        quantities = sum(quantity for _, quantity, _ in bill.values())
        assert quantities == per_request["input_tokens"] + per_request["output_tokens"]

    @pytest.mark.parametrize(
        ("batch", "service_tier", "name", "cost"),
        [
            (False, "default", "gpt-5, output", "0.00001"),
            (True, "default", "batch | gpt-5, output", "0.000005"),
            (False, "flex", "flex | gpt-5, output", "0.000005"),
            (False, "priority", "priority | gpt-5, output", "0.00002"),
        ],
    )
    def test_batches_and_tiers_have_lines_of_their_own(
        self, batch: bool, service_tier: str, name: str, cost: str
    ) -> None:
        dimensions = {"model": "gpt-5", "batch": batch, "service_tier": service_tier}
        bill = self.bill(stream(dimensions=dimensions, per_request={"output_text_tokens": 1}))
        assert bill == {name: (Decimal(cost), Decimal(1), "tokens")}

    def test_a_long_request_is_billed_by_long_context_and_its_tier(self) -> None:
        dimensions = {"model": "gpt-5", "service_tier": "priority"}
        per_request = tokens(text=300_000, cached=0, writes=0, output=1_000)
        bill = self.bill(stream(dimensions=dimensions, per_request=per_request))
        assert bill == {
            "priority | gpt-5, input, long context": (Decimal("1.5"), Decimal(300_000), "tokens"),
            "priority | gpt-5, output, long context": (Decimal("0.04"), Decimal(1_000), "tokens"),
        }

    @pytest.mark.parametrize(
        ("endpoint", "dimensions", "per_request", "line"),
        [
            (
                "images",
                {"model": "dall-e-3", "size": "1024x1792"},
                {"images": 2, "num_model_requests": 1},
                ("dall-e-3, 1024x1792", "0.16", "2", "images"),
            ),
            (
                "audio_transcriptions",
                {"model": "whisper-1"},
                {"seconds": 60},
                ("whisper-1, audio", "0.006", "60", "duration_seconds"),
            ),
            (
                "audio_speeches",
                {"model": "tts-1"},
                {"characters": 1_000_000},
                ("tts-1, speech", "15", "1000000", "characters"),
            ),
            (
                "embeddings",
                {"model": "text-embedding-3-small"},
                {"input_tokens": 500_000},
                ("text-embedding-3-small, input", "0.01", "500000", "tokens"),
            ),
            (
                "vector_stores",
                {"project_id": "p"},
                {"usage_bytes": 1 << 30},
                ("vector storage", "0.1", "24", "gibibyte_hours"),
            ),
            (
                "web_search_calls",
                {"model": "gpt-5"},
                {"num_requests": 3},
                ("web search tool calls", "0.03", "3", None),
            ),
            (
                "file_search_calls",
                {"vector_store_id": "vs"},
                {"num_requests": 1000},
                ("file search tool calls", "2.5", "1000", None),
            ),
            (
                "code_interpreter_sessions",
                {"project_id": "p"},
                {"num_sessions": 1},
                ("code interpreter sessions", "0.03", "1", None),
            ),
        ],
    )
    def test_what_is_not_paid_by_the_token(
        self,
        endpoint: str,
        dimensions: dict[str, Any],
        per_request: dict[str, int],
        line: tuple[str, str, str, str | None],
    ) -> None:
        name, cost, quantity, unit = line
        bill = self.bill(stream(endpoint=endpoint, dimensions=dimensions, per_request=per_request))
        assert bill == {name: (Decimal(cost), Decimal(quantity), unit)}

    def test_moderations_are_free(self) -> None:
        free = stream(
            endpoint="moderations",
            dimensions={"model": "omni-moderation-latest"},
            per_request={"input_tokens": 10},
        )
        assert line_items(free) == ()

    def test_a_price_below_a_picodollar_is_refused(self) -> None:
        crumb = stream(endpoint="vector_stores", dimensions={}, per_request={"usage_bytes": 1})
        with pytest.raises(ValueError, match="not a whole number of picodollars"):
            line_items(crumb)


class TestBuckets:
    HOUR = WIDTHS["1h"]

    def test_inner_ends_are_borders_and_the_outer_ones_are_the_range(self) -> None:
        assert edges(1800, 9000, self.HOUR, 24) == [1800, 3600, 7200, 9000]
        assert edges(3600, 10_800, self.HOUR, 24) == [3600, 7200, 10_800]
        assert edges(3700, 3800, self.HOUR, 24) == [3700, 3800]
        assert edges(3700, 3700, self.HOUR, 24) == []

    def test_costs_come_as_whole_days(self) -> None:
        day = COST_WIDTHS["1d"]
        assert whole(5 * DAY + 1, 6 * DAY + 1, day) == (5 * DAY, 7 * DAY)
        assert whole(5 * DAY, 6 * DAY, day) == (5 * DAY, 6 * DAY)

    @given(
        start=st.integers(0, 10**6),
        length=st.integers(1, 10**6),
        width=st.sampled_from(list(WIDTHS.values())),
        data=st.data(),
    )
    def test_pages_cover_the_range_once_whatever_the_limits(
        self, start: int, length: int, width: Any, data: st.DataObject
    ) -> None:
        end = start + length
        together = edges(start, end, width, 10**9)
        walked = [start]
        while walked[-1] < end:
            limit = data.draw(st.integers(1, width.most))
            page = edges(walked[-1], end, width, limit)
            assert 2 <= len(page) <= limit + 1
            assert page[-1] == end or len(page) == limit + 1
            walked += page[1:]
        assert walked == together
        assert all(edge % width.seconds == 0 for edge in together[1:-1])
        assert all(0 < b - a <= width.seconds for a, b in pairwise(together))


class TestCursor:
    @given(st.integers(0, 2**40), st.integers(0, 2**40), st.text())
    def test_it_comes_back_with_its_query(self, start: int, end: int, query: str) -> None:
        cursor = Cursor(start=start, end=end)
        text = cursor.encode(query)
        assert Cursor.decode(text, query) == cursor
        assert text.startswith("page_")
        assert text.endswith("=")

    def test_it_has_the_layout_of_the_apis_own(self) -> None:
        """Both times of a cursor that the API's reference shows are read at their places."""
        published = "page_AAAAAGdGxdEiJdKOAAAAAGcqsYA="
        ours = Cursor(start=1_730_851_200, end=1_732_691_409).encode("a query")
        assert len(ours) == len(published)
        assert ours[:15] == published[:15]
        assert ours[21:] == published[21:]

    def test_a_cursor_of_another_query_is_rejected(self) -> None:
        text = Cursor(start=1, end=2).encode("a")
        with pytest.raises(ValueError, match="other parameters"):
            Cursor.decode(text, "b")

    @pytest.mark.parametrize(
        "damage",
        [
            lambda text: "",
            lambda text: "page_",
            lambda text: text.removeprefix("page_"),
            lambda text: text[:-1],
            lambda text: text[:-5] + "=",
            lambda text: text + "=",
            lambda text: text.replace("=", "%3D"),
            lambda text: text + "AAAA",
            lambda text: "page_ü" + text[6:],
        ],
    )
    def test_what_was_not_given_out_is_refused(self, damage: Any) -> None:
        with pytest.raises(ValueError, match="not a cursor that this API gave out"):
            Cursor.decode(damage(Cursor(start=1, end=2).encode("a")), "a")


def test_a_bounded_mapping_forgets_the_oldest() -> None:
    made: list[int] = []

    def make(key: int) -> int:
        made.append(key)
        return key * key

    squares: Bounded[int, int] = Bounded(2)
    assert [squares.get(key, make) for key in (1, 2, 1, 3, 2, 1)] == [1, 4, 1, 9, 4, 1]
    assert made == [1, 2, 3, 1]
    assert len(squares) == 2
