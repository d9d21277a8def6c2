"""What a line item is in FOCUS: a SKU, its price, and the category of its charge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import attrs

from ...usage.line_items import DERIVED, LineItem

SERVICE = "OpenAI API"
"""The service that all charges are for."""

Category = Literal["Usage", "Credit", "Tax", "Adjustment"]
"""The kinds of charge that bills have. There are no purchases: the API bills by use."""

_NAMED: Mapping[str, Category] = {
    "tax": "Tax",
    "taxes": "Tax",
    "vat": "Tax",
    "gst": "Tax",
    "credit": "Credit",
    "credits": "Credit",
    "grant": "Credit",
    "grants": "Credit",
    "adjustment": "Adjustment",
    "adjustments": "Adjustment",
    "refund": "Adjustment",
    "refunds": "Adjustment",
    "discount": "Adjustment",
    "discounts": "Adjustment",
}
"""A word in a line item that is not a model's -> what it makes of the charge.

For FOCUS, a credit is an allowance that has nothing to do with other charges, positive or negative;
what changes other charges without being a correction of a row is an adjustment.
"""


@attrs.frozen
class Sku:
    """What a line item is about.

    Attributes:
        id: the goods: a model and the kind of tokens, or a tool; at whatever price, and in small
            letters, since the API is not of one mind about them.
        price_id: the line item itself: the goods at the price of a tier and a context.
        meter: what is measured, as words: ``Cached Input``.
        details: what its price depends on, as JSON; ``None`` where there is nothing to say.
        description: the line item, or a sentence where there is none.
        category: what a charge of it is, where its amount is not negative.
        model: as `DERIVED` reads it, and so are the kind, the tier and the context.
        kind: what of it was billed.
        tier: the service tier.
        context: the length of context that it is priced by.
    """

    id: str
    price_id: str
    meter: str
    details: str | None
    description: str
    category: Category
    model: str | None
    kind: str | None
    tier: str | None
    context: str | None

    def category_of(self, amount: Decimal) -> Category:
        """What a charge of this amount is: credits are negative."""
        return "Credit" if amount < 0 and self.category == "Usage" else self.category


@lru_cache(maxsize=4096)
def sku_of(line_item: str | None) -> Sku:
    """The SKU of a line item; of a charge without one, the service as a whole."""
    item = LineItem.parse(line_item)
    parts = {name: read(item) for name, read in DERIVED.items()}
    details = {
        f"x_{name.capitalize()}": value
        for name, value in parts.items()
        if name != "kind" and value is not None and item.model is not None
    }
    words = [item.kind or SERVICE] if item.model is None else [item.model, item.kind]
    return Sku(
        id=SERVICE if words == [SERVICE] else ", ".join(filter(None, words)).lower(),
        price_id=(line_item or "").strip() or SERVICE,
        meter=_title(item.kind or "usage"),
        details=json.dumps(details, ensure_ascii=False) if details else None,
        description=(line_item or "").strip() or f"{SERVICE}, without a line item",
        category=_category(item),
        **parts,
    )


def _category(item: LineItem) -> Category:
    words = () if item.model is not None else (item.kind or "").split()
    return next((_NAMED[word] for word in words if word in _NAMED), "Usage")


def _title(text: str) -> str:
    return " ".join(word[0].upper() + word[1:] for word in text.split())
