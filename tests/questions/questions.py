"""Twelve questions about usage and costs: an independent sum, and each surface's answer.

An answer is a dictionary of figures by what they are about: by id, with the name beside the figure
where things have names. MCP writes the exact sums as JSON's numbers; its review rounds money to the
cent, and so is the truth it is held against.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from tests.questions.ledger import field, midnight, model_of, tier_of
from tests.questions.world import World

Answer = Mapping[Any, Any]
Ask = Callable[[World], Awaitable[Answer]]

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
NOVEMBER_1, TODAY = date(2026, 11, 1), date(2026, 11, 24)
NEW_YORK = "America/New_York"
NEAR = Decimal("0.000001")
"""What the money of a time zone, which is estimated, may be off by: a part in a million."""
MONTH: Mapping[str, Any] = {"start_time": OCTOBER[0], "end_time": NOVEMBER_1}
DAYS = 28
"""How many days the unit costs are of."""
_FINDINGS = ["thresholds", "models"]
_OF_28 = (date(2026, 10, 27), date(2026, 11, 23))
_NAMED = {"project_id": "project_name", "user_id": "user_name", "api_key_id": "api_key_name"}


@attrs.frozen(kw_only=True)
class Question:
    """A question.

    Attributes:
        text: in words.
        truth: the independent sum.
        cli: what the command line answers.
        python: what Python answers.
        mcp: what MCP answers, its money rounded to the cent.
        near: what money may be off by, as a part of it.
        in_cents: whether MCP rounds its figures to the cent.
    """

    text: str
    truth: Callable[[World], Answer]
    cli: Ask
    python: Ask
    mcp: Ask
    near: Decimal = Decimal(0)
    in_cents: bool = False

    def differs(self, surface: str, answer: Answer, truth: Answer) -> bool:
        """Whether an answer is not the truth, as a surface tells it."""
        if surface == "mcp":
            written = _in_cents if self.in_cents else _as_number
            truth = {key: _written(figure, written) for key, figure in truth.items()}
        if not self.near:
            return answer != truth
        return answer.keys() != truth.keys() or any(
            abs(answer[key] - figure) > (self.near * figure if isinstance(figure, Decimal) else 0)
            for key, figure in truth.items()
        )


def _written(figure: Any, form: Callable[[Decimal], Decimal]) -> Any:
    if isinstance(figure, tuple):
        return tuple(_written(part, form) for part in figure)
    return form(figure) if isinstance(figure, Decimal) else figure


def _in_cents(figure: Decimal) -> Decimal:
    return figure.quantize(Decimal("0.01"))


def _as_number(figure: Decimal) -> Decimal:
    """A figure as JSON's numbers have it, which are of double precision."""
    return Decimal(repr(float(figure)))


# --- spend last month by project, person and key, with names -----------------------------------


def _spend_by(ids: str, *, most: int | None = None, text: str) -> Question:
    name = _NAMED[ids]
    by: Any = [ids]

    def first(found: list[tuple[Any, tuple[Any, Decimal]]]) -> Answer:
        return dict(sorted(found, key=lambda item: -item[1][1])[:most])

    def truth(world: World) -> Answer:
        names = world.names()
        sums = world.ledger.money(*OCTOBER, field(ids))
        return first([(id, (names.get(id), amount)) for id, amount in sums.items()])

    async def cli(world: World) -> Answer:
        rows = await world.cli(
            *("costs", "--month", "last-month", "--group-by", ids, "--with-names"),
            *("--totals",) if most is None else ("--top", str(most)),
            *("--format", "json"),
        )
        found = {row[ids]: (row[name], Decimal(row["amount"])) for row in rows[:most]}
        assert len(rows) == len(found) + (most is not None)  # the others are one row
        return found

    async def python(world: World) -> Answer:
        table = await world.client.usage.collect("costs", **MONTH, group_by=by)
        sums = await table.totals(ids).with_names(world.client)
        return first([(row[ids], (row[name], row["amount"])) for row in sums])

    async def mcp(world: World) -> Answer:
        found = await world.mcp("totals", period="last-month", group_by=by, limit=most or 100)
        return {r[ids]: (r[name], _decimal(r["amount"])) for r in found["rows"]}

    return Question(text=text, truth=truth, cli=cli, python=python, mcp=mcp)


# --- by model ----------------------------------------------------------------------------------


def _by_model_truth(world: World) -> Answer:
    return world.ledger.money(*OCTOBER, model_of)


async def _by_model_cli(world: World) -> Answer:
    rows = await world.cli(
        "costs", "--month", "last-month", "--group-by", "model", "--totals", "--format", "json"
    )
    return {row["model"]: Decimal(row["amount"]) for row in rows}


async def _by_model_python(world: World) -> Answer:
    table = await world.client.usage.collect("costs", **MONTH, group_by=["model"])
    return {row["model"]: row["amount"] for row in table.totals("model")}


async def _by_model_mcp(world: World) -> Answer:
    found = await world.mcp("totals", period="last-month", group_by=["model"])
    return {row["model"]: _decimal(row["amount"]) for row in found["rows"]}


# --- tokens by model -------------------------------------------------------------------------

_TOKENS = ("input_tokens", "output_tokens")


def _tokens(rows: Any) -> Answer:
    return {row["model"]: tuple(row[metric] for metric in _TOKENS) for row in rows}


def _tokens_truth(world: World) -> Answer:
    start, end = midnight(OCTOBER[0]), midnight(NOVEMBER_1)
    read, written = (
        world.ledger.counts("completions", start, end, metric, field("model")) for metric in _TOKENS
    )
    return {model: (read[model], written[model]) for model in read}


async def _tokens_cli(world: World) -> Answer:
    return _tokens(
        await world.cli(
            *("usage", "completions", "--month", "last-month", "--group-by", "model"),
            *("--totals", "--format", "json"),
        )
    )


async def _tokens_python(world: World) -> Answer:
    table = await world.client.usage.collect("completions", **MONTH, group_by=["model"])
    return _tokens(table.totals("model"))


async def _tokens_mcp(world: World) -> Answer:
    found = await world.mcp(
        "totals", endpoint="completions", period="last-month", group_by=["model"]
    )
    return _tokens(found["rows"])


# --- month to date against the budget ----------------------------------------------------------


def _budget_truth(world: World) -> Answer:
    spent = sum(world.ledger.money(NOVEMBER_1, TODAY, field("project_id")).values(), Decimal(0))
    return {"spent": spent, "budget": Decimal(world.limit()) / 100, "settled": False}


def _budget_of(rows: Any, settled: bool | None) -> Answer:
    (row,) = (r for r in rows if r["project_id"] is None and r["kind"] == "limit")
    return {
        "spent": _decimal(row["spent"]),
        "budget": _decimal(row["amount"]),
        "settled": settled,
    }


async def _budget_cli(world: World) -> Answer:
    (row,) = await world.cli("costs", "--month", "this-month", "--totals", "--format", "json")
    limit = await world.cli("spend-limit", "retrieve", "--format", "json")
    return {
        "spent": Decimal(row["amount"]),
        "budget": Decimal(limit["threshold_amount"]) / 100,
        "settled": row["complete"],
    }


async def _budget_python(world: World) -> Answer:
    review = await world.review(DAYS)
    assert review.thresholds is not None
    (found,) = (t for t in review.thresholds if t.project_id is None and t.kind == "limit")
    return {
        "spent": found.spent,
        "budget": found.amount,
        "settled": found.projection.unsettled == 0,
    }


async def _budget_mcp(world: World) -> Answer:
    found = await world.mcp("review", only=_FINDINGS, days=DAYS, limit=100)
    to_date = await world.mcp("totals", period="this-month")
    answer = _budget_of(found["findings"]["thresholds"]["rows"], to_date["complete"])
    assert answer["spent"] == _in_cents(_decimal(to_date["total"]["amount"]))
    return answer


# --- the change to the month before ------------------------------------------------------------


def _change_truth(world: World) -> Answer:
    before = world.ledger.money(*SEPTEMBER, field("project_id"))
    after = world.ledger.money(*OCTOBER, field("project_id"))
    zero = Decimal(0)
    return {id: after.get(id, zero) - before.get(id, zero) for id in before | after}


def _differences(rows: Any) -> Answer:
    sums: dict[Any, Decimal] = {}
    for row in rows:
        sign = 1 if row["month"] == "2026-10" else -1
        amount = sign * Decimal(row["amount"])
        sums[row["project_id"]] = sums.get(row["project_id"], Decimal(0)) + amount
    return sums


async def _change_cli(world: World) -> Answer:
    rows = await world.cli(
        *("costs", "--month", "last-month", "--group-by", "project_id"),
        *("--compare", "previous", "--format", "json"),
    )
    return {row["project_id"]: Decimal(row["change"]) for row in rows}


async def _change_python(world: World) -> Answer:
    table = await world.client.usage.collect(
        "costs", start_time=SEPTEMBER[0], end_time=NOVEMBER_1, group_by=["project_id"]
    )
    return _differences(table.totals(["month", "project_id"]))


async def _change_mcp(world: World) -> Answer:
    found = await world.mcp(
        "totals", period="2026-09..2026-10", group_by=["project_id"], every="month"
    )
    return {
        row["project_id"]: _decimal(row["change"])
        for row in found["rows"]
        if row["month"] == "2026-10"
    }


# --- New York's October ------------------------------------------------------------------------


def _zone_truth(world: World) -> Answer:
    start, end = (midnight(day, ZoneInfo(NEW_YORK)) for day in (OCTOBER[0], NOVEMBER_1))
    tokens = world.ledger.counts("completions", start, end, "input_tokens", lambda row: None)
    return {"tokens": tokens[None], "money": world.ledger.money_between(start, end)}


async def _zone_cli(world: World) -> Answer:
    words = ("--month", "2026-10", "--tz", NEW_YORK, "--by", "month", "--format", "json")
    (tokens,) = await world.cli("usage", "completions", *words)
    (costs,) = await world.cli("costs", *words)
    assert tokens["month"] == costs["month"] == "2026-10"
    return {"tokens": tokens["input_tokens"], "money": Decimal(costs["amount"])}


async def _zone_python(world: World) -> Answer:
    tokens = await world.client.usage.collect("completions", **MONTH, tz=NEW_YORK)
    costs = await world.client.usage.collect("costs", **MONTH, tz=NEW_YORK)
    assert costs.estimated
    return {
        "tokens": tokens.totals()["input_tokens"][0],
        "money": costs.totals()["amount"][0],
    }


async def _zone_mcp(world: World) -> Answer:
    when = {"period": "2026-10", "tz": NEW_YORK}
    tokens = await world.mcp("totals", endpoint="completions", **when)
    costs = await world.mcp("totals", **when)
    assert costs["estimated"]
    return {
        "tokens": tokens["total"]["input_tokens"],
        "money": _decimal(costs["total"]["amount"]),
    }


# --- unit costs by tier ------------------------------------------------------------------------


def _unit_truth(world: World) -> Answer:
    costs = world.ledger.money(*_OF_28, lambda row: (model_of(row), tier_of(row), row["line_item"]))
    start, end = midnight(_OF_28[0]), midnight(TODAY)
    tokens: dict[Any, int] = {}
    for endpoint in ("completions", "decisions", "embeddings"):
        for row in world.ledger.usage(endpoint, start, end):
            key = (row["model"], tier_of(row))
            used = row["input_tokens"] + row.get("output_tokens", 0)
            tokens[key] = tokens.get(key, 0) + used
    cost: dict[Any, Decimal] = {}
    for (model, tier, _), amount in costs.items():
        cost[model, tier] = cost.get((model, tier), Decimal(0)) + amount
    return {
        key: (cost[key] * 1_000_000 / count).quantize(Decimal("0.000001"))
        for key, count in tokens.items()
        if key in cost
    }


def _unit_rows(rows: Any) -> Answer:
    return {
        (row["model"], row["tier"]): _decimal(row["cost_per_million"])
        for row in rows
        if row["cost_per_million"] is not None
    }


async def _unit_cli(world: World) -> Answer:
    return _unit_rows(await world.report("tokens", days=DAYS))


async def _unit_python(world: World) -> Answer:
    models = (await world.review(DAYS)).models
    assert models is not None
    return {(m.model, m.tier): m.cost_per_million for m in models if m.cost_per_million}


async def _unit_mcp(world: World) -> Answer:
    found = await world.mcp("review", only=_FINDINGS, days=DAYS, limit=100)
    return _unit_rows(found["findings"]["models"]["rows"])


# --- quiet days --------------------------------------------------------------------------------


def _quiet_truth(world: World) -> Answer:
    spent = world.ledger.money(*OCTOBER, field("date"))
    days = (date(2026, 10, day) for day in range(1, 32))
    return {day.isoformat(): 0 for day in days if not spent.get(day)}


async def _quiet_cli(world: World) -> Answer:
    rows = await world.cli("costs", "--month", "last-month", "--by", "date", "--format", "json")
    return {row["date"]: Decimal(row["amount"]) for row in rows if not Decimal(row["amount"])}


async def _quiet_python(world: World) -> Answer:
    table = await world.client.usage.collect("costs", **MONTH)
    return {r["date"].isoformat(): r["amount"] for r in table.totals("date") if not r["amount"]}


async def _quiet_mcp(world: World) -> Answer:
    found = await world.mcp("totals", period="last-month", every="date")
    amounts = {row["date"]: _decimal(row["amount"]) for row in found["rows"]}
    return {day: amount for day, amount in amounts.items() if not amount}


# --- a project by name -------------------------------------------------------------------------

PROJECT = "Voice Notes"


def _project_truth(world: World) -> Answer:
    (id,) = (id for id, name in world.names().items() if name == PROJECT)
    return {PROJECT: world.ledger.money(*OCTOBER, field("project_id"))[id]}


async def _project_cli(world: World) -> Answer:
    (row,) = await world.cli(
        *("costs", "--month", "last-month", "--project-ids", PROJECT, "--totals"),
        *("--format", "json"),
    )
    return {PROJECT: Decimal(row["amount"])}


async def _project_python(world: World) -> Answer:
    ids = [p.id async for p in world.client.projects.list() if p.name == PROJECT]
    table = await world.client.usage.collect("costs", **MONTH, project_ids=ids)
    return {PROJECT: table.totals()["amount"][0]}


async def _project_mcp(world: World) -> Answer:
    found = await world.mcp("totals", period="last-month", projects=[PROJECT])
    return {PROJECT: _decimal(found["total"]["amount"])}


def _decimal(number: Any) -> Decimal:
    """A JSON number, text or an amount of money, as it was written."""
    return Decimal(str(number["amount"] if isinstance(number, Mapping) else number))


QUESTIONS: Mapping[str, Question] = {
    "spend by project": _spend_by("project_id", text="Spend last month by project"),
    "spend by model": Question(
        text="Spend last month by model",
        truth=_by_model_truth,
        cli=_by_model_cli,
        python=_by_model_python,
        mcp=_by_model_mcp,
    ),
    "spend by person": _spend_by("user_id", text="Spend last month by person"),
    "spend by key": _spend_by("api_key_id", text="Spend last month by key"),
    "tokens by model": Question(
        text="Tokens last month by model",
        truth=_tokens_truth,
        cli=_tokens_cli,
        python=_tokens_python,
        mcp=_tokens_mcp,
    ),
    "budget": Question(
        text="Month to date against the budget",
        truth=_budget_truth,
        cli=_budget_cli,
        python=_budget_python,
        mcp=_budget_mcp,
        in_cents=True,
    ),
    "change": Question(
        text="Change to the month before, by project",
        truth=_change_truth,
        cli=_change_cli,
        python=_change_python,
        mcp=_change_mcp,
    ),
    "New York": Question(
        text="New York's October",
        truth=_zone_truth,
        cli=_zone_cli,
        python=_zone_python,
        mcp=_zone_mcp,
        near=NEAR,
    ),
    "unit costs": Question(
        text="A million tokens by model and tier",
        truth=_unit_truth,
        cli=_unit_cli,
        python=_unit_python,
        mcp=_unit_mcp,
    ),
    "top keys": _spend_by("api_key_id", most=5, text="The five keys that spent most"),
    "quiet days": Question(
        text="Days without any spend",
        truth=_quiet_truth,
        cli=_quiet_cli,
        python=_quiet_python,
        mcp=_quiet_mcp,
    ),
    "project": Question(
        text=f"Spend of the project called {PROJECT}",
        truth=_project_truth,
        cli=_project_cli,
        python=_project_python,
        mcp=_project_mcp,
    ),
}
