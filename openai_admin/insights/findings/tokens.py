"""What tokens cost, what the cache saved, and what usage explains of the bill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ...directory.not_known import known
from ...usage.line_items import STANDARD
from ..caching import CacheSaving, saved_together
from ..reconciliation import Reconciled
from ..reviews import Review
from ..text import count, money, percent
from ..tokens import ModelCost
from .finding import Column, Finding
from .wording import NO_COSTS

_PRICE = Decimal("0.0001")


def _bill_text(review: Review) -> tuple[str, ...]:
    bill = known(review.reconciliation)
    if bill.cost <= 0:
        return (NO_COSTS,)
    if bill.explained is None:
        return ("Usage cannot be compared with the bill: they share no units.",)
    explained = percent(float(bill.explained / bill.cost))
    rest = money(bill.not_comparable, review.currency)
    return (
        f"Usage explains {explained} of the bill.",
        f"{rest} is for what usage does not count in the same units.",
    )


MODELS: Finding[ModelCost] = Finding(
    key="models",
    title="Cost of a million tokens, and tokens read and written, by model and tier",
    rows=lambda review: known(review.models),
    columns=(
        Column("model", "Model", "text", lambda m: m.model),
        Column("tier", "Tier", "text", lambda m: m.tier),
        Column(
            "cost_per_million",
            "Cost per million tokens",
            "rate",
            lambda m: m.cost_per_million,
            absent="not known",
        ),
        Column("cost", "Cost", "money", lambda m: m.cost, absent="not known"),
        Column(
            "input_tokens",
            "Tokens read",
            "number",
            lambda m: m.input_tokens,
            importance="minor",
            absent="not known",
        ),
        Column(
            "cached_tokens",
            "of these from the cache",
            "number",
            lambda m: m.cached_tokens,
            importance="minor",
            absent="not known",
        ),
        Column(
            "output_tokens",
            "Tokens written",
            "number",
            lambda m: m.output_tokens,
            importance="minor",
            absent="not known",
        ),
        Column("tokens", "Tokens", "number", lambda m: m.tokens, importance="detail"),
        Column(
            "cached_percent",
            "From the cache",
            "share",
            lambda m: m.cache_share,
            part=lambda m: m.cache_share,
        ),
        Column("requests", "Requests", "number", lambda m: m.requests, importance="minor"),
    ),
    noun=("model and tier", "models and tiers"),
    none="Nothing was billed by the token.",
    some="What was actually paid for a million tokens, read and written, tier by tier.",
)


def _cache_text(review: Review) -> tuple[str, ...]:
    found, currency = known(review.cache_savings), review.currency
    if not found:
        lines = review.by_line_item.groups if review.by_line_item is not None else ()
        if any(line.group == (None,) for line in lines):
            return ("What the cache saved is not known: costs came without a line item.",)
        return ("No tokens were billed as read from the cache.",)
    measured = [saving for saving in found if saving.saved is not None]
    others = len(found) - len(measured)
    why = " and ".join(_why_not_measured(found))
    if not measured:
        return (f"What the cache saved is not known: {why}.",)
    amount = money(saved_together(measured), currency)
    text = (
        f"Reading from the cache saved {'at least ' if others else ''}{amount}, measured by what"
        " the organization paid for the same tokens with the cache and without it."
    )
    if not others:
        return (text,)
    return (text, f"Of {count(others, *CACHE_SAVINGS.noun)} it is not known: {why}.")


def _why_not_measured(found: Sequence[CacheSaving]) -> Iterator[str]:
    """Why what some tokens from the cache saved is not known."""
    if any(saving.cached_tokens is None for saving in found):
        yield "the bill does not say how many tokens were read from the cache"
    if any(saving.cached_tokens is not None and saving.price is None for saving in found):
        yield "it has no price for tokens of the same kind that were not read from it"


CACHE_SAVINGS: Finding[CacheSaving] = Finding(
    key="cache_savings",
    title="What the cache saved, by model",
    rows=lambda review: known(review.cache_savings),
    columns=(
        Column("model", "Model", "text", lambda s: s.model),
        Column(
            "kind",
            "Kind",
            "text",
            lambda s: None if s.kind == "input" else s.kind,
            absent="input",
            optional=True,
        ),
        Column("tier", "Tier", "text", lambda s: s.tier or STANDARD, importance="minor"),
        Column("context", "Context", "text", lambda s: s.context, optional=True),
        Column(
            "cached_tokens",
            "Tokens from the cache",
            "number",
            lambda s: s.cached_tokens,
            absent="not known",
        ),
        Column(
            "price_per_million",
            "Price per million, not cached",
            "rate",
            lambda s: None if s.price is None else s.price.quantize(_PRICE),
            importance="minor",
            absent="not known",
        ),
        Column(
            "cached_price_per_million",
            "Price per million, cached",
            "rate",
            lambda s: None if s.cached_price is None else s.cached_price.quantize(_PRICE),
            importance="minor",
            absent="not known",
        ),
        Column("saved", "Saved", "money", lambda s: s.saved, absent="not known"),
    ),
    noun=("model and tier", "models and tiers"),
    text=_cache_text,
)


RECONCILIATION: Finding[Reconciled] = Finding(
    key="reconciliation",
    title="Line items for which usage shows more or less than was billed",
    rows=lambda review: known(review.reconciliation).disagreeing,
    columns=(
        Column("line_item", "Line item", "text", lambda i: i.line_item),
        Column("cost", "Cost", "money", lambda i: i.cost),
        Column("unit", "Unit", "text", lambda i: i.unit, importance="minor"),
        Column("billed", "Billed", "number", lambda i: i.billed),
        Column("shown", "In usage", "number", lambda i: i.shown),
        Column("share_percent", "Share", "share", lambda i: i.share, importance="minor"),
    ),
    noun=("line item", "line items"),
    text=_bill_text,
)
