"""What a million tokens costs by model, and how many come from the cache."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from ..errors import InvalidInputError
from ..usage.table import UsageTable
from .daily import daily_costs, model_of
from .periods import Period

_MILLION = 1_000_000
_ZERO = Decimal(0)
_PRECISION = Decimal("0.000001")


@attrs.frozen(kw_only=True)
class ModelCost:
    """What a model's tokens cost in a period.

    Attributes:
        model: the model, as line items and usage name it.
        currency: of every amount.
        cost: of its line items that are billed by the token, exactly.
        input_tokens: tokens read, those from the cache and those written to it among them.
        cached_tokens: tokens read from the cache.
        output_tokens: tokens written.
        requests: requests to the model.
    """

    model: str
    currency: str | None
    cost: Decimal
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    requests: int

    @property
    def cost_per_million(self) -> Decimal | None:
        """What a million tokens cost, read and written together; ``None`` without tokens.

        It is what was actually paid, batch discounts, priority surcharges and cached tokens mixed
        as they occurred. It is not a list price, and does not compare models that do different
        work.
        """
        tokens = self.input_tokens + self.output_tokens
        return (self.cost * _MILLION / tokens).quantize(_PRECISION) if tokens else None

    @property
    def cost_per_request(self) -> Decimal | None:
        """What a request's tokens cost on average; ``None`` without requests."""
        return (self.cost / self.requests).quantize(_PRECISION) if self.requests else None

    @property
    def cache_share(self) -> float | None:
        """The fraction of the tokens read that came from the cache; ``None`` without any."""
        return self.cached_tokens / self.input_tokens if self.input_tokens else None


def model_costs(
    costs: UsageTable, usage: UsageTable, *, period: Period, currency: str | None = None
) -> tuple[ModelCost, ...]:
    """What each model's tokens cost and how many there were, the most expensive model first.

    Costs come from the bill and tokens from the usage endpoints, which are restated at their own
    times: for the last days they may not match (see `reconcile`). Models that are not
    billed by the token, such as those that speak, are left out.

    Args:
        costs: daily costs grouped by line item.
        usage: of completions, decisions and embeddings as there are, by day, grouped by model.
        period: the days to add up; preferably days that are settled.
        currency: the currency to use, where the table has several.

    Raises:
        InvalidInputError: a table was not grouped that way.
    """
    if "model" not in usage.columns:
        raise InvalidInputError("Collect usage with group_by 'model' for this.")
    tokens = _tokens(usage, period)
    daily = daily_costs(_by_token(costs), "model", currency=currency)
    spent = {group[0]: daily.cost(group, period) for group in daily.groups}
    models = sorted({m for m in (*spent, *tokens) if m is not None})
    found = [
        ModelCost(
            model=model,
            currency=daily.currency,
            cost=spent.get(model, _ZERO),
            input_tokens=tokens.get(model, _NONE)[0],
            cached_tokens=tokens.get(model, _NONE)[1],
            output_tokens=tokens.get(model, _NONE)[2],
            requests=tokens.get(model, _NONE)[3],
        )
        for model in models
        if spent.get(model) or tokens.get(model)
    ]
    return tuple(sorted(found, key=lambda m: (-m.cost, m.model)))


_NONE = (0, 0, 0, 0)


def _tokens(usage: UsageTable, period: Period) -> dict[str, tuple[int, int, int, int]]:
    columns = usage.columns
    nothing: list[Any] = [None] * len(usage)
    names = ("input_tokens", "input_cached_tokens", "output_tokens", "num_model_requests")
    rows: Iterator[tuple[Any, ...]] = zip(
        columns["model"],
        columns["start_time"],
        *(columns.get(name, nothing) for name in names),
        strict=True,
    )
    sums: dict[str, tuple[int, int, int, int]] = {}
    for model, start, read, cached, written, requests in rows:
        day: date = start.date()
        if model is None or day not in period or (read is None and written is None):
            continue
        a, b, c, d = sums.get(model, _NONE)
        sums[model] = (a + (read or 0), b + (cached or 0), c + (written or 0), d + (requests or 0))
    return sums


def _by_token(costs: UsageTable) -> UsageTable:
    """Only the rows that are billed by the token.

    A row without a unit counts where another line of the model is billed by the token: the
    API leaves the unit out where it has none to give.
    """
    if "line_item" not in costs.columns:
        raise InvalidInputError("Collect costs with group_by 'line_item' for this.")
    units = costs.columns.get("quantity_unit") or [None] * len(costs)
    items: list[str | None] = costs.columns["line_item"]
    token_items = {i for i, u in zip(items, units, strict=True) if u in ("tokens", "1000_tokens")}
    models = {model_of(item) for item in token_items}
    unitless = {i for i, u in zip(items, units, strict=True) if u is None and model_of(i) in models}
    kept = [n for n, item in enumerate(items) if item in token_items or item in unitless]
    return costs.only(kept)
