"""Cost per million tokens, cache share, and usage against the bill, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.errors import InvalidInputError
from openai_admin.insights import Period, Reconciled, model_costs, reconcile
from openai_admin.usage.plan import Window
from openai_admin.usage.told import MissingWindow
from tests.insights.made import costs, usage

DAY = date(2026, 11, 3)
PERIOD = Period(DAY, date(2026, 11, 4))
PERIOD_START = int(datetime(2026, 11, 3, tzinfo=UTC).timestamp())


def _line(item: str | None, amount: str, quantity: str | None, unit: str | None) -> dict[str, Any]:
    many = None if quantity is None else Decimal(quantity)
    return {
        "day": DAY,
        "line_item": item,
        "amount": amount,
        "quantity": many,
        "quantity_unit": unit,
    }


def _used(endpoint: str, model: str | None, **counts: Any) -> dict[str, Any]:
    start = datetime(2026, 11, counts.pop("day", 3), tzinfo=UTC)
    return {"endpoint": endpoint, "start_time": start, "model": model, **counts}


LINES = [
    _line("gpt-5, input", "2.50", "2000000", "tokens"),
    _line("gpt-5, cached input", "0.25", "2000", "1000_tokens"),
    _line("gpt-5, output", "10", "1000000", "tokens"),
    _line("batch | gpt-5, input", "0.50", "800000", "tokens"),
    _line("text-embedding-3-small, input", "0.10", "5000000", "tokens"),
    _line("tts-1, speech", "0.30", "20000", "characters"),
    _line("whisper-1, audio", "0.60", "100", "duration_minutes"),
    _line("dall-e-3, 1024x1024", "0.40", "10", "images"),
    _line("web search tool calls", "1.00", "100", None),
    _line("gpt-5, reserved capacity", "3.00", "5", "tokens"),
]

USED = [
    _used(
        "completions",
        "gpt-5",
        batch=False,
        service_tier="default",
        input_tokens=3_500_000,
        input_text_tokens=1_500_000,
        input_cached_tokens=2_000_000,
        input_cached_text_tokens=2_000_000,
        output_tokens=900_000,
        output_text_tokens=900_000,
        num_model_requests=700,
    ),
    # Billed under the same lines as completions.
    _used(
        "decisions",
        "gpt-5",
        batch=False,
        service_tier="default",
        input_tokens=500_000,
        input_text_tokens=500_000,
        output_tokens=100_000,
        output_text_tokens=100_000,
        num_model_requests=300,
    ),
    # Half of what the batch line says.
    _used(
        "completions",
        "gpt-5",
        batch=True,
        service_tier="default",
        input_tokens=400_000,
        input_text_tokens=400_000,
        output_tokens=0,
        num_model_requests=100,
    ),
    _used("embeddings", "text-embedding-3-small", input_tokens=5_000_000, num_model_requests=9),
    _used("audio_speeches", "tts-1", characters=20_000, num_model_requests=4),
    _used("audio_transcriptions", "whisper-1", seconds=6000, num_model_requests=4),
    _used("images", "dall-e-3", images=12, size="1024x1024", num_model_requests=12),
    # Not of the period, and of no model.
    _used("completions", "gpt-5", day=4, input_tokens=7, input_text_tokens=7, output_tokens=0),
    _used("completions", None, input_tokens=7, input_text_tokens=7, output_tokens=0),
]


def test_cost_per_million_tokens_and_cache_share() -> None:
    found = model_costs(costs(LINES), usage(USED), period=PERIOD)
    assert [(m.model, m.tiers) for m in found] == [
        ("gpt-5", (None,)),
        ("gpt-5", ("batch",)),
        ("text-embedding-3-small", (None,)),
    ]
    gpt5, batch, embedding = found
    # 2.50 + 0.25 + 10 + 3.00 for four million tokens read and a million written
    assert gpt5.cost == Decimal("15.75")
    assert (gpt5.input_tokens, gpt5.output_tokens) == (4_000_000, 1_000_000)
    assert gpt5.cost_per_million == Decimal("3.15")
    assert gpt5.cache_share == 0.5
    assert gpt5.cost_per_request == Decimal("0.01575")  # 15.75 / 1000
    assert (batch.cost_per_million, batch.requests) == (Decimal("1.25"), 100)
    assert embedding.cost_per_million == Decimal("0.020000")
    assert embedding.cache_share == 0


def _priced(lines: dict[str, str], used: list[dict[str, Any]]) -> dict[str | None, Decimal | None]:
    """The price per million of gpt-5 by tier."""
    rows = [_line(item, amount, "1", "tokens") for item, amount in lines.items()]
    found = model_costs(costs(rows), usage(used), period=PERIOD)
    return {m.tier: m.cost_per_million for m in found}


def _million(**groups: Any) -> dict[str, Any]:
    return _used("completions", "gpt-5", input_tokens=1_000_000, output_tokens=0, **groups)


STANDARD = _million(batch=False, service_tier="default")
PRIORITY = _million(batch=False, service_tier="priority")


def test_a_price_is_of_one_tier_where_bill_and_usage_have_the_same() -> None:
    lines = {"gpt-5, input": "1", "Priority | gpt-5, input": "2"}
    assert _priced(lines, [STANDARD, PRIORITY]) == {"standard": 1, "priority": 2}


@pytest.mark.parametrize(
    ("lines", "used", "prices"),
    [
        # Not grouped by tier.
        (
            {"gpt-5, input": "1", "priority | gpt-5, input": "2"},
            [_million()],
            {"priority + standard": Decimal(3)},
        ),
        # Grouped by service tier alone: the default one may be a batch.
        (
            {"gpt-5, input": "1", "batch | gpt-5, input": "2"},
            [_million(service_tier="default")],
            {"batch + standard": Decimal(3)},
        ),
        # A tier of usage without a line of its own.
        ({"gpt-5, input": "3"}, [STANDARD, PRIORITY], {"standard": Decimal("1.5")}),
        # A tier of the bill without usage.
        (
            {"gpt-5, input": "1", "flex | gpt-5, input": "3"},
            [STANDARD],
            {"flex + standard": Decimal(4)},
        ),
        # Usage does not tell contexts apart.
        (
            {"gpt-5, input": "1", "gpt-5, input, long context": "2"},
            [STANDARD],
            {"standard, long context included": Decimal(3)},
        ),
    ],
)
def test_a_price_is_of_several_where_they_cannot_be_told_apart(
    lines: dict[str, str], used: list[dict[str, Any]], prices: dict[str, Decimal]
) -> None:
    assert _priced(lines, used) == prices


def test_lines_are_compared_together_where_usage_does_not_tell_them_apart() -> None:
    lines = [
        _line("gpt-5, input", "1", "600000", "tokens"),
        _line("gpt-5, Input, long context", "2", "400000", "tokens"),
        _line("priority | gpt-5, input", "2", "1000000", "tokens"),
    ]
    used = [{**row, "input_text_tokens": 1_000_000} for row in (STANDARD, PRIORITY)]
    found = reconcile(costs(lines), usage(used), period=PERIOD)
    assert {i.line_item: (i.cost, i.share) for i in found.items} == {
        "gpt-5, Input, long context + gpt-5, input": (Decimal(3), 1.0),
        "priority | gpt-5, input": (Decimal(2), 1.0),
    }


def test_a_price_needs_both_costs_and_usage() -> None:
    lines = [_line("gpt-5, input", "2", "5", "tokens")]
    used = [_used("completions", "gpt-free", input_tokens=0, output_tokens=10)]
    paid, unbilled = model_costs(costs(lines), usage(used), period=PERIOD)
    assert (paid.model, paid.cost_per_million, paid.cache_share) == ("gpt-5", None, None)
    assert (unbilled.model, unbilled.tier, unbilled.output_tokens) == ("gpt-free", None, 10)
    assert (unbilled.cost_per_million, unbilled.cost_per_request) == (None, None)


GAP = MissingWindow("costs", Window(PERIOD_START, PERIOD_START + 86_400, 1), ValueError("gone"))


@pytest.mark.parametrize("lost", ["costs", "usage", "currency"])
def test_a_price_is_not_known_where_a_part_of_it_is_not(lost: str) -> None:
    lines = [_line("gpt-5, input", "1", "1", "tokens")]
    if lost == "currency":
        lines.append({**lines[0], "currency": "eur"})
    spent, used = costs(lines), usage([STANDARD])
    if lost != "currency":
        (spent if lost == "costs" else used).missing.append(attrs.evolve(GAP, endpoint=lost))
    (found,) = model_costs(spent, used, period=PERIOD, currency="usd")
    assert (found.cost, found.cost_per_million, found.cost_per_request) == (Decimal(1), None, None)
    assert (found.tokens is None) == (lost == "usage")


def test_each_line_beside_its_usage() -> None:
    found = reconcile(costs(LINES), usage(USED), period=PERIOD)
    facts: dict[str, tuple[Any, ...]] = {
        i.line_item: (i.unit, i.billed, i.shown, i.share) for i in found.items
    }
    assert facts == {
        "gpt-5, output": ("tokens", 1_000_000, 1_000_000, 1.0),
        "gpt-5, reserved capacity": ("tokens", 5, None, None),  # a name that nothing explains
        "gpt-5, input": ("tokens", 2_000_000, 2_000_000, 1.0),  # 1.5 and 0.5 million
        "web search tool calls": (None, None, None, None),
        "whisper-1, audio": ("seconds", 6000, 6000, 1.0),
        "batch | gpt-5, input": ("tokens", 800_000, 400_000, 0.5),
        "dall-e-3, 1024x1024": ("images", 10, 12, 1.2),
        "tts-1, speech": ("characters", 20_000, 20_000, 1.0),
        "gpt-5, cached input": ("tokens", 2_000_000, 2_000_000, 1.0),
        "text-embedding-3-small, input": ("tokens", 5_000_000, 5_000_000, 1.0),
    }
    assert [i.line_item for i in found.items][:2] == ["gpt-5, output", "gpt-5, reserved capacity"]
    assert found.cost == Decimal("18.65")
    # all but 3.00 and 1.00, and half of the batch line's 0.50
    assert found.explained == Decimal("14.40")
    assert found.not_comparable == Decimal("4.00")
    assert {i.line_item for i in found.disagreeing} == {
        "batch | gpt-5, input",
        "dall-e-3, 1024x1024",
    }


def test_without_decisions_their_part_is_unexplained() -> None:
    used = [row for row in USED if row["endpoint"] != "decisions"]
    found = reconcile(costs(LINES), usage(used), period=PERIOD)
    shares = {i.line_item: i.share for i in found.items}
    assert (shares["gpt-5, input"], shares["gpt-5, output"]) == (0.75, 0.9)


def test_lines_add_up_over_projects_and_lose_a_quantity_that_one_lacks() -> None:
    twice = [_line("gpt-5, input", "1", "10", "tokens"), _line("gpt-5, input", "2", "5", "tokens")]
    (item,) = reconcile(costs(twice), usage(USED), period=PERIOD).items
    assert (item.cost, item.billed) == (Decimal(3), Decimal(15))
    lacking = [*twice, _line("gpt-5, input", "4", None, None)]
    (item,) = reconcile(costs(lacking), usage(USED), period=PERIOD).items
    assert item.cost == Decimal(7)
    assert (item.billed, item.share) == (None, None)


def test_older_answers_without_kinds_of_tokens() -> None:
    lines = [
        _line("gpt-5, input", "1", "60", "tokens"),
        _line("gpt-5, cached input", "1", "30", "tokens"),
        _line("gpt-5, cache writes", "1", "10", "tokens"),
        _line("gpt-5, output", "1", "7", "tokens"),
    ]
    used = _used(
        "completions",
        "gpt-5",
        input_tokens=100,
        input_cached_tokens=30,
        input_cache_write_tokens=10,
        output_tokens=7,
    )
    found = reconcile(costs(lines), usage([used]), period=PERIOD)
    assert [i.share for i in found.items] == [1.0] * 4


def test_agreement_has_a_tolerance() -> None:
    item = Reconciled(
        line_item="x", cost=Decimal(1), unit="tokens", billed=Decimal(1000), shown=985
    )
    assert not item.agrees()
    assert item.agrees(0.02)
    nothing = Reconciled(line_item="x", cost=Decimal(1), unit=None, billed=None, shown=None)
    assert not nothing.agrees(1.0)


def test_tables_must_be_grouped_by_line_item_and_model() -> None:
    whole, bare = costs(LINES), costs([], without=["line_item"])
    blind = usage([{"endpoint": "completions", "start_time": datetime(2026, 11, 3, tzinfo=UTC)}])
    for ask in (model_costs, reconcile):
        with pytest.raises(InvalidInputError, match="'line_item'"):
            ask(bare, usage(USED), period=PERIOD)
        with pytest.raises(InvalidInputError, match="'model'"):
            ask(whole, blind, period=PERIOD)


@given(st.permutations(LINES), st.permutations(USED))
def test_the_order_of_rows_does_not_matter(
    lines: list[dict[str, Any]], used: list[dict[str, Any]]
) -> None:
    for ask in (model_costs, reconcile):
        assert ask(costs(lines), usage(used), period=PERIOD) == ask(
            costs(LINES), usage(USED), period=PERIOD
        )
