"""What a million tokens costs by model, and how many come from the cache."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
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
        input_tokens: tokens read, those from the cache and those written to it among them; this
            count and the others are ``None`` where a part of it could not be read.
        cached_tokens: tokens read from the cache.
        output_tokens: tokens written.
        requests: requests to the model.
    """

    model: str
    currency: str | None
    cost: Decimal
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    requests: int | None

    @property
    def tokens(self) -> int | None:
        """Tokens read and written."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens

    @property
    def cost_per_million(self) -> Decimal | None:
        """What a million tokens cost, read and written together; ``None`` without tokens,
        or where their number is not known.

        It is what was actually paid, batch discounts, priority surcharges and cached tokens mixed
        as they occurred. It is not a list price, and does not compare models that do different
        work.
        """
        return (self.cost * _MILLION / self.tokens).quantize(_PRECISION) if self.tokens else None

    @property
    def cost_per_request(self) -> Decimal | None:
        """What a request's tokens cost on average; ``None`` without requests."""
        return (self.cost / self.requests).quantize(_PRECISION) if self.requests else None

    @property
    def cache_share(self) -> float | None:
        """The fraction of the tokens read that came from the cache; ``None`` without any."""
        if self.cached_tokens is None or not self.input_tokens:
            return None
        return self.cached_tokens / self.input_tokens


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
    unknown = _unknown(usage, period)
    models = sorted({m for m in (*spent, *tokens, *unknown) if m is not None})
    found = [
        ModelCost(
            model=model,
            currency=daily.currency,
            cost=spent.get(model, _ZERO),
            **_known(tokens.get(model, _NONE), unknown.get(model, frozenset())),
        )
        for model in models
        if spent.get(model) or tokens.get(model) or model in unknown
    ]
    return tuple(sorted(found, key=lambda m: (-m.cost, m.model)))


_NONE = (0, 0, 0, 0)
_COUNTS = {
    "input_tokens": "input_tokens",
    "cached_tokens": "input_cached_tokens",
    "output_tokens": "output_tokens",
    "requests": "num_model_requests",
}
"""What is counted, and the columns that it is in."""


def _known(counts: Sequence[int], unknown: Collection[str]) -> dict[str, Any]:
    """Counts by their names; those of which a part could not be read are not known."""
    pairs = zip(_COUNTS.items(), counts, strict=True)
    return {name: None if column in unknown else count for (name, column), count in pairs}


def _unknown(usage: UsageTable, period: Period) -> dict[str, set[str]]:
    """The columns of which a part could not be read in a period, by model."""
    found: dict[str, set[str]] = {}
    for odd in usage.unreadable:
        row, window = odd.part.raw, odd.window
        model = row.get("model") if isinstance(row, dict) else None
        days = (datetime.fromtimestamp(t, UTC).date() for t in (window.start, window.end - 1))
        first, last = days
        touches = first < period.end and period.start <= last
        if touches and isinstance(model, str) and odd.part.field in _COUNTS.values():
            found.setdefault(model, set()).add(str(odd.part.field))
    return found


def _tokens(usage: UsageTable, period: Period) -> dict[str, tuple[int, int, int, int]]:
    columns = usage.columns
    nothing: list[Any] = [None] * len(usage)
    rows: Iterator[tuple[Any, ...]] = zip(
        columns["model"],
        columns["start_time"],
        *(columns.get(name, nothing) for name in _COUNTS.values()),
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
