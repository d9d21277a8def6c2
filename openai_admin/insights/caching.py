"""What the cache saved: measured from the bill's own prices, not from a price list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from .._wire.portable import Portable
from ..usage.line_items import LineItem
from ..usage.money import EXACT, MONEY, add_up, tidied
from .reconciliation import Bill

_MILLION = 1_000_000
_LAST = Decimal(1).scaleb(-MONEY[1])
_CACHED = "cached "


@attrs.frozen(kw_only=True)
class CacheSaving(Portable):
    """What it saved that a model read tokens from the cache.

    Attributes:
        model: the model, as line items name it.
        kind: what was cached: ``input``, ``audio input``, ``image input``.
        tier: its tier; ``None`` for the standard one.
        context: its context; ``None`` for the ordinary one.
        cached_tokens: how many tokens were billed as cached; ``None`` where the bill does not say
            what it counts, or how many: its quantities often have no unit, and need not be tokens.
        cached_cost: what they cost, exactly.
        price: what a million tokens of the same kind, model, tier and context cost in the period
            that did not come from the cache; ``None`` where none were billed, or not by the token.
    """

    model: str
    kind: str
    tier: str | None
    context: str | None
    cached_tokens: Decimal | None
    cached_cost: Decimal
    price: Decimal | None

    @property
    def cached_price(self) -> Decimal | None:
        """What a million tokens from the cache cost; ``None`` where it is not known how many."""
        if self.cached_tokens is None:
            return None
        return _rounded(self.cached_cost * _MILLION / self.cached_tokens)

    @property
    def saved(self) -> Decimal | None:
        """What the cached tokens would have cost more without the cache; ``None`` where `price` is
        not known, or how many they are.
        """
        if self.price is None or self.cached_tokens is None:
            return None
        without = EXACT.multiply(self.cached_tokens, self.price) / _MILLION
        return _rounded(EXACT.subtract(without, self.cached_cost))

    @property
    def what(self) -> str:
        """The model with what tells it from others of its name: ``gpt-5 (batch)``."""
        kind = None if self.kind == "input" else self.kind
        more = ", ".join(each for each in (self.tier, self.context, kind) if each)
        return f"{self.model} ({more})" if more else self.model


def cache_savings(lines: Mapping[LineItem, Bill]) -> tuple[CacheSaving, ...]:
    """What each model's cache saved, the most first; those of which it is not known last.

    Args:
        lines: what was billed under each line, of one currency (see `billed`).
    """
    by_place = {(i.model, i.kind, i.tier, i.context): bill for i, bill in lines.items()}
    found = []
    for item, bill in lines.items():
        if item.model is None or item.kind is None or not item.kind.startswith(_CACHED):
            continue
        if bill.unit not in ("tokens", None) or (bill.quantity is not None and bill.quantity <= 0):
            continue
        kind = item.kind.removeprefix(_CACHED)
        found.append(
            CacheSaving(
                model=item.model,
                kind=kind,
                tier=item.tier,
                context=item.context,
                cached_tokens=bill.quantity,
                cached_cost=bill.cost,
                price=_price(by_place.get((item.model, kind, item.tier, item.context))),
            )
        )
    return tuple(sorted(found, key=lambda s: (s.saved is None, -(s.saved or 0), s.what)))


def saved_together(savings: Sequence[CacheSaving]) -> Decimal:
    """What several saved, as far as that is known."""
    return add_up(saving.saved for saving in savings if saving.saved is not None)


def _price(bill: Bill | None) -> Decimal | None:
    if bill is None or bill.unit != "tokens" or not bill.quantity or bill.quantity < 0:
        return None
    return bill.cost * _MILLION / bill.quantity


def _rounded(amount: Decimal) -> Decimal:
    return tidied(amount.quantize(_LAST, context=EXACT))
