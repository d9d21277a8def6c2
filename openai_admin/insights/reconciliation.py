"""Usage against the bill: how much of what was billed the usage endpoints show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import attrs

from ..errors import InvalidInputError
from ..usage.money import add_up, currency_code, plus
from ..usage.table import UsageTable
from .cents import cents
from .daily import chosen_currency
from .periods import Period

_ZERO = Decimal(0)
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
"""What follows the model in a line item -> the tokens that are billed under it."""

_TIERS = frozenset({"batch", "flex", "priority"})


@attrs.frozen(kw_only=True)
class Reconciled:
    """A line item of the bill beside the usage that explains it.

    Attributes:
        line_item: its name.
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
class Reconciliation:
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
    def explained(self) -> Decimal:
        """The fraction of the cost that usage explains: each line's, up to what was billed."""
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
    costs: UsageTable, usage: UsageTable, *, period: Period, currency: str | None = None
) -> Reconciliation:
    """Set each line item of the bill beside the usage that explains it.

    A line such as ``gpt-5, cached input, batch`` is a model, a kind of token, and perhaps a tier.
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
    items = [
        Reconciled(
            line_item=name,
            cost=cost,
            unit=unit,
            billed=billed,
            shown=shown.get((name, unit), 0) if unit and _readable(name, unit) else None,
        )
        for name, (cost, unit, billed) in _billed(costs, period, currency).items()
    ]
    items.sort(key=lambda item: (-item.cost, item.line_item))
    return Reconciliation(period=period, currency=currency, items=tuple(items))


def _billed(
    costs: UsageTable, period: Period, currency: str | None
) -> dict[str, tuple[Decimal, str | None, Decimal | None]]:
    """Each line's cost, unit and quantity; without the latter where a row has none."""
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
    sums: dict[str, tuple[Decimal, str | None, Decimal | None]] = {}
    for name, start, amount, of, quantity, unit in rows:
        if (
            name is None
            or amount is None
            or currency_code(of) != currency
            or start.date() not in period
        ):
            continue
        counted, size = _UNITS.get(unit, (None, 1))
        many: Decimal | None = quantity * size if counted and quantity is not None else None
        cost, before, so_far = sums.get(name, (_ZERO, counted, _ZERO))
        same = before == counted and so_far is not None and many is not None
        sums[name] = (
            plus(cost, amount),
            counted if same else None,
            plus(so_far, many) if so_far is not None and many is not None and same else None,
        )
    return sums


def _readable(line_item: str, unit: str) -> bool:
    """Whether the name says what usage to look for."""
    _, *parts = (part.strip() for part in line_item.split(","))
    if unit != "tokens":
        return len(parts) == 1
    if len(parts) == 2 and parts[1] not in _TIERS:
        return False
    return len(parts) in (1, 2) and parts[0] in _TOKENS


def _shown(usage: UsageTable, period: Period) -> dict[tuple[str, str], int]:
    """How much usage there is under the name that it is billed by, by unit."""
    sums: dict[tuple[str, str], int] = {}
    for row in usage.rows():
        model = row["model"]
        if model is None or row["start_time"].date() not in period:
            continue
        for name, unit, count in _lines(row):
            sums[name, unit] = sums.get((name, unit), 0) + count
    return sums


Line = tuple[str, Literal["tokens", "images", "characters", "seconds"], int]


def _lines(row: Mapping[str, Any]) -> Iterator[Line]:
    """The lines that a row of usage is billed under, each with its unit and count."""
    model = row["model"]
    if row.get("images"):
        yield f"{model}, {row.get('size')}", "images", row["images"]
    elif row.get("characters"):
        yield f"{model}, speech", "characters", row["characters"]
    elif row.get("seconds"):
        yield f"{model}, audio", "seconds", row["seconds"]
    elif row.get("input_tokens") is not None or row.get("output_tokens") is not None:
        tier = _tier(row)
        for kind, count in _kinds(row).items():
            if count:
                yield f"{model}, {kind}{tier}", "tokens", count


def _tier(row: Mapping[str, Any]) -> str:
    if row.get("batch"):
        return ", batch"
    tier = row.get("service_tier")
    return f", {tier}" if tier in _TIERS else ""


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
