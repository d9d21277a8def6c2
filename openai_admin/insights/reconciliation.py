"""Usage against the bill: how much of what was billed the usage endpoints show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..usage.line_items import LineItem
from ..usage.money import add_up, currency_code, plus
from ..usage.table import UsageTable
from .cents import cents
from .daily import chosen_currency
from .periods import Period
from .tiers import Tier, Tiers, usage_tier

_ZERO = Decimal(0)
_NOTHING = (_ZERO, _ZERO)
_UNITS: Mapping[str, tuple[str, int]] = {
    "tokens": ("tokens", 1),
    "1000_tokens": ("tokens", 1000),
    "images": ("images", 1),
    "characters": ("characters", 1),
    "duration_seconds": ("seconds", 1),
    "duration_minutes": ("seconds", 60),
    "duration_hours": ("seconds", 3600),
}
"""Unit of a billed quantity -> the unit of usage that it is compared in, and how many it has."""

_TOKENS: Mapping[str, tuple[str, ...]] = {
    "input": ("input_text_tokens",),
    "cached input": ("input_cached_text_tokens",),
    "cache writes": ("input_cache_write_tokens",),
    "output": ("output_text_tokens",),
    "audio input": ("input_audio_tokens",),
    "cached audio input": ("input_cached_audio_tokens",),
    "audio output": ("output_audio_tokens",),
    "image input": ("input_image_tokens",),
    "cached image input": ("input_cached_image_tokens",),
    "image output": ("output_image_tokens",),
}
"""The kind of a line item -> the tokens that are billed under it."""

_CONTEXTS = (None, "long context")
"""Those that the usage of a line has; it does not tell them apart."""


@attrs.frozen(kw_only=True)
class Reconciled(Portable):
    """A line item of the bill beside the usage that explains it.

    Attributes:
        line_item: its name; the names of several joined by ``" + "`` where usage does not tell
            them apart: long contexts and ordinary ones, or tiers.
        cost: what it cost, exactly, in units of the currency.
        unit: what both are counted in: ``tokens``, ``images``, ``characters`` or ``seconds``.
        billed: how much was billed.
        shown: how much the usage endpoints show; ``None`` where they do not show it.
    """

    line_item: str
    cost: Decimal
    unit: str | None
    billed: Decimal | None
    shown: int | None

    @property
    def share(self) -> float | None:
        """The fraction of what was billed that usage shows; ``None`` where the two cannot
        be compared.

        1 is agreement. Above 1 there was more use than was billed: free use, or a bill to come.
        """
        if self.billed is None or self.shown is None or not self.billed:
            return None
        return float(self.shown / self.billed)

    def agrees(self, tolerance: float = 0.01) -> bool:
        """Whether usage explains what was billed, to within such a fraction."""
        return self.share is not None and abs(self.share - 1) <= tolerance


@attrs.frozen(kw_only=True)
class Reconciliation(Portable):
    """The bill of a period beside its usage.

    Attributes:
        period: the days that were added up.
        currency: of every amount.
        items: the line items, the most expensive first.
    """

    period: Period
    currency: str | None
    items: tuple[Reconciled, ...]

    @property
    def cost(self) -> Decimal:
        """All that was billed."""
        return add_up(item.cost for item in self.items)

    @property
    def explained(self) -> Decimal | None:
        """The part of the cost that usage explains: each line's, up to what was billed; ``None``
        where no line can be compared.
        """
        if all(item.share is None for item in self.items):
            return None
        parts = (item.cost * Decimal(min(1.0, item.share or 0.0)) for item in self.items)
        return cents(add_up(parts))

    @property
    def disagreeing(self) -> tuple[Reconciled, ...]:
        """The lines for which usage shows more or less than was billed, by over 1 %."""
        return tuple(i for i in self.items if i.share is not None and not i.agrees())

    @property
    def not_comparable(self) -> Decimal:
        """The cost of lines that the usage endpoints say nothing about."""
        return add_up(item.cost for item in self.items if item.share is None)


def reconcile(
    costs: UsageTable,
    usage: UsageTable,
    *,
    period: Period,
    currency: str | None = None,
    lines: Mapping[LineItem, Bill] | None = None,
) -> Reconciliation:
    """Set each line item of the bill beside the usage that explains it.

    A line such as ``batch | gpt-5, cached input`` is a model, a kind of token, and perhaps a tier
    and a context (see `LineItem`). Lines that differ in what usage does not tell apart are
    compared together: contexts, and tiers where the model's usage does not have those of its lines.
    Completions and decisions are billed under the same lines, so collect both, or lines of
    decisions look unexplained. Only lines that are counted in tokens, images, characters or
    seconds can be compared; tool calls, sessions and storage cannot, and neither can a line whose
    name follows another pattern: the API does not document the names. Bill and usage are
    restated at different times, so the last days may differ for a while.

    Args:
        costs: daily costs grouped by line item.
        usage: by day, of completions, decisions, embeddings, images, audio_speeches and
            audio_transcriptions as there are; grouped by model, by batch and service_tier to tell
            tiers apart, and by size for images.
        period: the days to add up.
        currency: the currency to use, where the table has several.
        lines: what was billed under each line (see `billed`), where it was added up before.

    Raises:
        InvalidInputError: a table was not grouped that way, or costs are in several currencies and
            none was chosen.
    """
    if "line_item" not in costs.columns:
        raise InvalidInputError("Collect costs with group_by 'line_item' for this.")
    if "model" not in usage.columns:
        raise InvalidInputError("Collect usage with group_by 'model' for this.")
    currency = chosen_currency(costs, currency)
    shown = _shown(usage, period)
    lines = billed(costs, period, currency) if lines is None else lines
    tiers = Tiers(
        [(item.model, item.tier) for item in lines if item.model is not None],
        {(model, tier) for model, tier, _, _ in shown},
    )
    explained: dict[tuple[_Place, str], int] = {}
    for (model, tier, kind, unit), count in shown.items():
        at = (*tiers.key(model, tier), kind), unit
        explained[at] = explained.get(at, 0) + count
    places: dict[_Place | str, Bill] = {}
    for item, bill in lines.items():
        place = _place(item, tiers) or item.text
        places[place] = places[place].plus(bill) if place in places else bill
    items = [
        Reconciled(
            line_item=" + ".join(sorted(bill.names)),
            cost=bill.cost,
            unit=bill.unit,
            billed=bill.quantity,
            shown=explained.get((place, bill.unit), 0)
            if bill.unit and not isinstance(place, str) and _readable(place[-1], bill.unit)
            else None,
        )
        for place, bill in places.items()
    ]
    items.sort(key=lambda item: (-item.cost, item.line_item))
    return Reconciliation(period=period, currency=currency, items=tuple(items))


_Place = tuple[str, Tier, str]
"""Model, tier and kind: what usage and lines of the bill have in common."""


def _place(item: LineItem, tiers: Tiers) -> _Place | None:
    """Where to look for the usage of a line; ``None`` where its name does not say."""
    if item.model is None or item.kind is None or item.context not in _CONTEXTS:
        return None
    return *tiers.key(item.model, item.tier), item.kind


def _readable(kind: str, unit: str) -> bool:
    """Whether a kind says what usage to look for."""
    return unit != "tokens" or kind in _TOKENS


@attrs.frozen
class Bill:
    """What was billed under some lines.

    Attributes:
        names: of the lines.
        cost: what they cost, exactly.
        unit: what was counted, as in `Reconciled`; ``None`` where they have no sum.
        quantity: how much of it; ``None`` likewise.
    """

    names: frozenset[str]
    cost: Decimal
    unit: str | None
    quantity: Decimal | None

    def plus(self, other: Bill) -> Bill:
        unit, quantity = None, None
        if self.unit == other.unit and self.quantity is not None and other.quantity is not None:
            unit, quantity = self.unit, plus(self.quantity, other.quantity)
        names = self.names | other.names
        return Bill(names, plus(self.cost, other.cost), unit, quantity)


def billed(costs: UsageTable, period: Period, currency: str | None) -> dict[LineItem, Bill]:
    """What was billed under each line.

    Args:
        costs: daily costs grouped by line item.
        period: the days to add up.
        currency: the currency to use.
    """
    columns = costs.columns
    nothing: list[Any] = [None] * len(costs)
    rows: Iterator[tuple[Any, ...]] = zip(
        columns["line_item"],
        columns["start_time"],
        columns["amount"],
        columns.get("currency", nothing),
        columns.get("quantity", nothing),
        columns.get("quantity_unit", nothing),
        strict=True,
    )
    units = set(columns.get("currency", (None,)))
    meant = {unit for unit in units if currency_code(unit) == currency}
    sums: dict[tuple[str, Any, bool], tuple[Decimal, Decimal]] = {}
    last: datetime | None = None  # rows of one bucket share one moment
    is_meant = False
    for name, start, amount, of, quantity, unit in rows:
        if start is not last:
            last, is_meant = start, start.date() in period
        if not is_meant or name is None or amount is None or of not in meant:
            continue
        key = name, unit, quantity is None
        cost, many = sums.get(key, _NOTHING)
        sums[key] = plus(cost, amount), many if quantity is None else plus(many, quantity)
    lines: dict[str, Bill] = {}
    for (name, unit, uncounted), (cost, many) in sums.items():
        counted, size = _UNITS.get(unit, (None, 1))
        is_counted = counted is not None and not uncounted
        bill = Bill(
            frozenset({name}),
            cost,
            counted if is_counted else None,
            many * size if is_counted else None,
        )
        lines[name] = lines[name].plus(bill) if name in lines else bill
    return {LineItem.parse(name): bill for name, bill in lines.items()}


def _shown(usage: UsageTable, period: Period) -> dict[tuple[str, Tier, str, str], int]:
    """How much usage there is by model, tier, kind and unit."""
    sums: dict[tuple[str, Tier, str, str], int] = {}
    for row in usage.rows():
        model = row["model"]
        if model is None or row["start_time"].date() not in period:
            continue
        tier = usage_tier(row.get("batch"), row.get("service_tier"))
        for kind, unit, count in _lines(row):
            key = model, tier, kind, unit
            sums[key] = sums.get(key, 0) + count
    return sums


Line = tuple[str, Literal["tokens", "images", "characters", "seconds"], int]


def _lines(row: Mapping[str, Any]) -> Iterator[Line]:
    """The kinds that a row of usage is billed by, each with its unit and count."""
    if row.get("images"):
        yield str(row.get("size")), "images", row["images"]
    elif row.get("characters"):
        yield "speech", "characters", row["characters"]
    elif row.get("seconds"):
        yield "audio", "seconds", row["seconds"]
    elif row.get("input_tokens") is not None or row.get("output_tokens") is not None:
        for kind, count in _kinds(row).items():
            if count:
                yield kind, "tokens", count


def _kinds(row: Mapping[str, Any]) -> dict[str, int]:
    """A row's tokens by kind; an endpoint that does not tell them apart reads text alone."""
    if row.get("input_text_tokens") is None:
        read = row["input_tokens"]
        cached, writes = (
            row.get("input_cached_tokens") or 0,
            row.get("input_cache_write_tokens") or 0,
        )
        return {
            "input": read - cached - writes if read is not None else 0,
            "cached input": cached,
            "cache writes": writes,
            "output": row.get("output_tokens") or 0,
        }
    return {kind: sum(row.get(f) or 0 for f in fields) for kind, fields in _TOKENS.items()}
