"""Costs by model, kind, tier and context, against the emulator's own meter.

The organization has one stream for each tier and context, so that what a tier costs is what the
meter says of its streams, without any line item being read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError, UsageWindowError
from openai_admin.emulator import Emulator
from openai_admin.emulator.demo.workloads import tokens
from openai_admin.emulator.faults.refusals import Grouping
from openai_admin.emulator.metering import ENDPOINTS, Meter, Stream
from openai_admin.insights import Period, model_costs, reconcile
from openai_admin.usage import LineItem
from openai_admin.usage.filters import AnyGroup, EndpointName
from tests.usage.times import DAY, NOW, TODAY

DAYS = 5
START = TODAY - DAYS * DAY
PERIOD = Period(*(datetime.fromtimestamp(t, UTC).date() for t in (START, TODAY)))
SHORT = tokens(text=500, cached=300, output=70)
LONG = tokens(text=300_000, cached=10_000, output=900)
TOKENS: list[EndpointName] = ["completions", "decisions", "embeddings"]


def _stream(name: str, per_request: dict[str, int], **groups: Any) -> Stream:
    return Stream(
        name=name,
        endpoint="completions",
        dimensions={"project_id": "proj_a", "model": "gpt-5", "service_tier": "default"}
        | {"batch": False}
        | groups,
        per_request=per_request,
        daily=40,
        shape="steady",
        anchor=TODAY // DAY,
    )


STREAMS = [
    _stream("standard", SHORT),
    _stream("long", LONG),
    _stream("priority", SHORT, service_tier="priority"),
    _stream("long priority", LONG, service_tier="priority", project_id="proj_b"),
    _stream("flex", SHORT, service_tier="flex"),
    _stream("batch", SHORT, batch=True),
    _stream("mini", SHORT, model="gpt-5-mini"),
    attrs.evolve(
        _stream("search", {"num_requests": 1, "num_model_requests": 1}, context_level="low"),
        endpoint="web_search_calls",
    ),
]


def _meter(streams: Iterable[Stream]) -> Meter:
    return Meter(tuple(streams), endpoints=ENDPOINTS, seed=7)


def _cost(*names: str) -> Decimal:
    """What these streams cost in all."""
    chosen = [stream for stream in STREAMS if stream.name in names]
    days = _meter(chosen).costs(range(START // DAY, TODAY // DAY), now=NOW)
    return sum((row["amount"]["value"] for day in days for row in day), Decimal(0))


def _tokens(*names: str) -> int:
    """How many tokens these streams read and write in all."""
    chosen = [stream for stream in STREAMS if stream.name in names]
    edges = range(START, TODAY + 1, DAY)
    days = _meter(chosen).usage(ENDPOINTS["completions"], edges, now=NOW)
    return sum(row["input_tokens"] + row["output_tokens"] for day in days for row in day)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(now=lambda: NOW) as emulator:
        emulator.store.meter = _meter(STREAMS)
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        yield client


RANGE: Any = {"start_time": START, "end_time": TODAY}
TIERS = {
    "standard": ("standard", "long", "mini"),
    None: ("search",),
    "priority": ("priority", "long priority"),
    "flex": ("flex",),
    "batch": ("batch",),
}


async def test_costs_by_parts_of_line_items(client: AsyncOpenAIAdmin) -> None:
    tiers = await client.usage.collect("costs", group_by=["tier"], **RANGE)
    assert "tier" in tiers.dimensions
    assert "line_item" not in tiers.columns
    assert len(tiers) == DAYS * len(TIERS)  # a row for each tier and day
    found = tiers.totals(by="tier")
    sums = dict(zip(found["tier"], found["amount"], strict=True))
    assert sums == {tier: _cost(*names) for tier, names in TIERS.items()}

    models = (await client.usage.collect("costs", group_by=["model"], **RANGE)).totals(by="model")
    sums = dict(zip(models["model"], models["amount"], strict=True))
    others = {"mini", "search"}
    assert sums == {
        "gpt-5": _cost(*({stream.name for stream in STREAMS} - others)),
        "gpt-5-mini": _cost("mini"),
        "web search tool calls": _cost("search"),
    }

    both = await client.usage.collect("costs", group_by=["context", "project_id"], **RANGE)
    rows = both.totals(by=["project_id", "context"]).rows()
    assert {(r["project_id"], r["context"]): r["amount"] for r in rows} == {
        ("proj_a", "standard"): _cost("standard", "priority", "flex", "batch", "mini"),
        ("proj_a", None): _cost("search"),
        ("proj_a", "long context"): _cost("long"),
        ("proj_b", "long context"): _cost("long priority"),
    }

    whole = await client.usage.collect("costs", group_by=["line_item", "kind"], **RANGE)
    assert [LineItem.parse(item).kind for item in whole["line_item"]] == whole["kind"]


async def test_usage_and_costs_by_model_stand_in_one_table(client: AsyncOpenAIAdmin) -> None:
    table = await client.usage.collect(["completions", "costs"], group_by=["model"], **RANGE)
    totals = table.totals(by=["endpoint", "model"])
    rows = {(row["endpoint"], row["model"]): row for row in totals.rows()}
    used, cost = rows["completions", "gpt-5-mini"], rows["costs", "gpt-5-mini"]
    assert used["input_tokens"] + used["output_tokens"] == _tokens("mini")
    assert cost["amount"] == _cost("mini")


async def test_what_is_refused_for_line_items_is_refused_for_their_parts(
    emulator: Emulator, client: AsyncOpenAIAdmin
) -> None:
    emulator.faults.add(Grouping(match="usage.costs", fields=("line_item",)))
    said: list[str] = []
    asked: list[Any] = [["line_item"], ["tier", "model"]]
    for groups in asked:
        with pytest.raises(UsageWindowError, match="line_item"):
            await client.usage.collect("costs", group_by=groups, **RANGE)
        table = await client.usage.collect("costs", group_by=groups, adapt="all", **RANGE)
        said += map(str, table.adapted)
        assert {*table[groups[0]]} == {None}
        assert sum(table["amount"]) == _cost(*(stream.name for stream in STREAMS))
    assert len(said) == 2
    assert said[0] == said[1]


async def test_only_costs_have_line_items(client: AsyncOpenAIAdmin) -> None:
    tier: Any = ["tier"]  # which type checkers refuse as well
    with pytest.raises(InvalidInputError, match="'tier'"):
        await client.usage.collect("completions", group_by=tier, **RANGE)
    with pytest.raises(InvalidInputError, match="'tier'"):
        async for _ in client.usage.stream("costs", group_by=tier, **RANGE):
            pass


@pytest.mark.parametrize(
    ("groups", "prices"),
    [
        (
            ["model", "batch", "service_tier"],
            {
                ("gpt-5", "standard, long context included"): ("standard", "long"),
                ("gpt-5", "priority, long context included"): ("priority", "long priority"),
                ("gpt-5", "flex"): ("flex",),
                ("gpt-5", "batch"): ("batch",),
                ("gpt-5-mini", "standard"): ("mini",),
            },
        ),
        (
            ["model"],
            {
                ("gpt-5", "batch + flex + priority + standard, long context included"): (
                    *("standard", "long", "priority", "long priority", "flex", "batch"),
                ),
                ("gpt-5-mini", "standard"): ("mini",),
            },
        ),
    ],
)
async def test_a_million_tokens_cost_what_the_meter_says(
    client: AsyncOpenAIAdmin, groups: list[AnyGroup], prices: dict[tuple[str, str], tuple[str, ...]]
) -> None:
    costs = await client.usage.collect("costs", group_by=["line_item"], **RANGE)
    usage = await client.usage.collect(TOKENS, group_by=groups, **RANGE)
    found = {(m.model, m.tier): m for m in model_costs(costs, usage, period=PERIOD)}
    assert {key: (m.cost, m.tokens) for key, m in found.items()} == {
        key: (_cost(*names), _tokens(*names)) for key, names in prices.items()
    }
    for key, names in prices.items():
        price = _cost(*names) * 1_000_000 / _tokens(*names)
        assert found[key].cost_per_million == price.quantize(Decimal("0.000001"))


async def test_the_bill_is_explained_whatever_usage_tells_apart(client: AsyncOpenAIAdmin) -> None:
    costs = await client.usage.collect("costs", group_by=["line_item"], **RANGE)
    asked: list[list[AnyGroup]] = [["model"], ["model", "batch", "service_tier"]]
    for groups in asked:
        usage = await client.usage.collect(TOKENS, group_by=groups, **RANGE)
        found = reconcile(costs, usage, period=PERIOD)
        assert found.disagreeing == ()
        assert found.not_comparable == _cost("search")
        assert found.cost == _cost(*(stream.name for stream in STREAMS))
