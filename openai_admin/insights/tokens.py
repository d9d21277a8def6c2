"""What a million tokens costs by model and tier, and how many come from the cache."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import repeat
from typing import Any

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..usage.line_items import STANDARD, LineItem
from ..usage.money import currency_code, plus
from ..usage.plan import Window
from ..usage.table import UsageTable
from .daily import DailyCosts, daily_costs, days_in
from .periods import Period
from .tiers import UNTOLD, Tier, Tiers, usage_tier

_MILLION = 1_000_000
_ZERO = Decimal(0)
_PRECISION = Decimal("0.000001")


@attrs.frozen(kw_only=True)
class ModelCost(Portable):
    """What a model's tokens cost in a period, at one tier or at several that usage does not tell
    apart.

    Attributes:
        model: the model, as line items and usage name it.
        tiers: those of its lines, ``None`` for the standard one; empty where no line of the bill
            names the model. There are several where its tiers could not be compared: its usage
            does not tell them apart, or has others than the bill.
        contexts: likewise those of its lines, ``None`` for the ordinary one. Usage never tells
            them apart.
        currency: of every amount.
        cost: of its line items that are billed by the token, exactly; ``None`` where no line of
            the bill names the model so: it may be free, or its lines lack their unit.
        is_whole: whether that is all: the costs of every day came, and in this currency alone.
        input_tokens: tokens read, those from the cache and those written to it among them; this
            count and the others are ``None`` where a part of it could not be fetched or read.
        cached_tokens: tokens read from the cache.
        output_tokens: tokens written.
        requests: requests to the model.
    """

    model: str
    tiers: tuple[Tier, ...]
    contexts: tuple[str | None, ...]
    currency: str | None
    cost: Decimal | None
    is_whole: bool = True
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    requests: int | None

    @property
    def tier(self) -> str | None:
        """Its tiers and contexts in words, such as ``standard`` and ``batch + standard``;
        ``None`` where no line of the bill names the model.
        """
        tiers = " + ".join(tier or STANDARD for tier in self.tiers)
        return ", ".join([tiers, *(f"{each} included" for each in self.contexts if each)]) or None

    @property
    def tokens(self) -> int | None:
        """Tokens read and written."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens

    @property
    def cost_per_million(self) -> Decimal | None:
        """What a million tokens cost, read and written together; ``None`` without tokens,
        where their number or all of the cost is not known, and where no line of the bill names the
        model.

        It is what was actually paid, cached tokens and the `tiers` and `contexts` mixed as they
        occurred. It is not a list price, and does not compare models that do different work.
        """
        return self._for_each(self.tokens, _MILLION)

    @property
    def cost_per_request(self) -> Decimal | None:
        """What a request's tokens cost on average; ``None`` as for tokens."""
        return self._for_each(self.requests)

    def _for_each(self, count: int | None, many: int = 1) -> Decimal | None:
        if self.cost is None or not (count and self.is_whole):
            return None
        return (self.cost * many / count).quantize(_PRECISION)

    @property
    def cache_share(self) -> float | None:
        """The fraction of the tokens read that came from the cache; ``None`` without any."""
        if self.cached_tokens is None or not self.input_tokens:
            return None
        return self.cached_tokens / self.input_tokens


def model_costs(
    costs: UsageTable,
    usage: UsageTable,
    *,
    period: Period,
    currency: str | None = None,
    daily: DailyCosts | None = None,
) -> tuple[ModelCost, ...]:
    """What each model's tokens cost and how many there were, the most expensive first.

    Models have an entry for each tier, as far as the tiers of usage are known and are those of the
    bill; otherwise one for all. Costs come from the bill and tokens from the usage endpoints, which
    are restated at their own times: for the last days they may not match (see `reconcile`).
    Models that are not billed by the token, such as those that speak, are left out.

    Args:
        costs: daily costs grouped by line item.
        usage: of completions, decisions and embeddings as there are, by day, grouped by model, and
            by batch and service_tier to tell tiers apart.
        period: the days to add up; preferably days that are settled.
        currency: the currency to use, where the table has several.
        daily: the daily costs of `costs` by line item, where they were added up before.

    Raises:
        InvalidInputError: a table was not grouped that way.
    """
    if "model" not in usage.columns:
        raise InvalidInputError("Collect usage with group_by 'model' for this.")
    used = _tokens(usage, period)
    by_token = _by_token(costs)
    daily = daily_costs(costs, "line_item", currency=currency) if daily is None else daily
    is_whole = not any(day in period for day in daily.gaps)
    elsewhere = _in_other_currencies(costs, by_token, daily.currency, period)
    lines = [
        (LineItem.parse(group[0]), daily.cost(group, period))
        for group, days in daily.groups.items()
        if group[0] in by_token and any(day in period for day in days)
    ]
    tiers = Tiers([(item.model, item.tier) for item, _ in lines if item.model is not None], used)
    entries: dict[tuple[str, Tier], _Entry] = {}
    for item, cost in lines:
        if item.model is not None:
            entry = entries.setdefault(tiers.key(item.model, item.tier), _Entry())
            entry.cost = plus(entry.cost, cost)
            entry.tiers.add(item.tier)
            entry.contexts.add(item.context)
    for (model, tier), counts in used.items():
        entries.setdefault(tiers.key(model, tier), _Entry()).count(counts)
    unknown = _unknown(usage, period)
    models = {model for model, _ in entries}
    if any(_touches(lost.window, period) for lost in usage.missing):
        unknown = {model: {*_COUNTS.values()} for model in models | unknown.keys()}
    for model in unknown.keys() - models:
        entries[model, UNTOLD] = _Entry()
    found = [
        ModelCost(
            model=model,
            tiers=_in_order(entry.tiers),
            contexts=_in_order(entry.contexts),
            currency=daily.currency,
            cost=entry.cost if entry.tiers else None,
            is_whole=is_whole and model not in elsewhere,
            **_known(entry.counts, unknown.get(model, frozenset())),
        )
        for (model, _), entry in entries.items()
        if entry.cost or any(entry.counts) or model in unknown
    ]
    return tuple(sorted(found, key=lambda m: (-(m.cost or _ZERO), m.model, m.tier or "")))


Counts = tuple[int, ...]
_NONE: Counts = (0, 0, 0, 0)
_COUNTS = {
    "input_tokens": "input_tokens",
    "cached_tokens": "input_cached_tokens",
    "output_tokens": "output_tokens",
    "requests": "num_model_requests",
}
"""What is counted, and the columns that it is in."""


@attrs.define
class _Entry:
    """What a model costs and counts at a tier, while it is added up; private to `model_costs`."""

    cost: Decimal = _ZERO
    counts: Counts = _NONE
    tiers: set[Tier] = attrs.field(factory=set)
    contexts: set[str | None] = attrs.field(factory=set)

    def count(self, more: Counts) -> None:
        self.counts = _sum(self.counts, more)


def _sum(counts: Counts, more: Counts) -> Counts:
    return tuple(a + b for a, b in zip(counts, more, strict=True))


def _in_order(names: Collection[str | None]) -> tuple[str | None, ...]:
    """Names in order, that of the ordinary last."""
    return tuple(sorted(names, key=lambda name: (name is None, name or "")))


def _known(counts: Sequence[int], unknown: Collection[str]) -> dict[str, Any]:
    """Counts by their names; those of which a part could not be read are not known."""
    pairs = zip(_COUNTS.items(), counts, strict=True)
    return {name: None if column in unknown else count for (name, column), count in pairs}


def _unknown(usage: UsageTable, period: Period) -> dict[str, set[str]]:
    """The columns of which a part could not be read in a period, by model."""
    found: dict[str, set[str]] = {}
    for odd in usage.unreadable:
        row = odd.part.raw
        model = row.get("model") if isinstance(row, dict) else None
        if (
            _touches(odd.window, period)
            and isinstance(model, str)
            and odd.part.field in _COUNTS.values()
        ):
            found.setdefault(model, set()).add(str(odd.part.field))
    return found


def _touches(window: Window, period: Period) -> bool:
    """Whether a window has a part in a period."""
    days = days_in(window)
    return days.start < period.end and period.start < days.end


def _in_other_currencies(
    costs: UsageTable, by_token: Collection[str | None], currency: str | None, period: Period
) -> set[str | None]:
    """The models that have amounts in another currency than one, or in none that is stated."""
    columns = costs.columns
    stated = columns.get("currency") or []
    others = {unit for unit in set(stated) if currency_code(unit) != currency}
    if not others:
        return set()
    rows = zip(columns["line_item"], columns["start_time"], columns["amount"], stated, strict=True)
    items = {
        item
        for item, start, amount, of in rows
        if of in others and item in by_token and amount is not None and start.date() in period
    }
    return {LineItem.parse(item).model for item in items}


def _tokens(usage: UsageTable, period: Period) -> dict[tuple[str, Tier], Counts]:
    """The counts of each model and tier."""
    columns = usage.columns
    nothing: list[Any] = [None] * len(usage)
    rows: Iterator[tuple[Any, ...]] = zip(
        columns["model"],
        columns["start_time"],
        columns.get("batch", nothing),
        columns.get("service_tier", nothing),
        *(columns.get(name, nothing) for name in _COUNTS.values()),
        strict=True,
    )
    sums: dict[tuple[str, Tier], Counts] = {}
    for model, start, batch, service_tier, *counts in rows:
        day: date = start.date()
        if model is None or day not in period or (counts[0] is None and counts[2] is None):
            continue
        read, cached, written, requests = (count or 0 for count in counts)
        key = model, usage_tier(batch, service_tier)
        sums[key] = _sum(sums.get(key, _NONE), (read, cached, written, requests))
    return sums


def _by_token(costs: UsageTable) -> set[str | None]:
    """The line items that are billed by the token.

    One without a unit counts where another line of the model is billed by the token: the
    API leaves the unit out where it has none to give.
    """
    if "line_item" not in costs.columns:
        raise InvalidInputError("Collect costs with group_by 'line_item' for this.")
    units = costs.columns.get("quantity_unit") or repeat(None, len(costs))
    # A comprehension lets other threads run, unlike `set(zip(...))`.
    pairs = {(item, unit) for item, unit in zip(costs.columns["line_item"], units, strict=True)}
    token_items = {item for item, unit in pairs if unit in ("tokens", "1000_tokens")}
    models = {LineItem.parse(item).model for item in token_items}
    bare = {item for item, unit in pairs if unit is None}
    unitless = {item for item in bare if LineItem.parse(item).model in models - {None}}
    return token_items | unitless
