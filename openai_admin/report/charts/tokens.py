"""Tokens read, read from the cache, and written, by model."""

from __future__ import annotations

from collections.abc import Iterator

from ...insights import ModelCost, Review, known
from ...insights.findings.top import top
from ...insights.text import count
from ..drawing import Bar, Chart, Key, Piece, bars

_KINDS = (
    ("input", "#1d4f9f", "read, not from the cache"),
    ("cached", "#6796dc", "read from the cache"),
    ("output", "#b3700a", "written"),
)


def tokens(review: Review) -> Chart:
    """A bar for each model and tier whose tokens are all known, the most tokens first."""
    counted = [m for m in known(review.models) if m.tokens and m.cached_tokens is not None]
    counted.sort(key=lambda m: -(m.tokens or 0))
    shown = top(counted)
    rows = [_bar(model) for model in shown.rows]
    body, height = bars(rows)
    others = count(len(shown.others), "model and tier", "models and tiers")
    left_out = f" {others} with fewer tokens are not drawn." if shown.others else ""
    return Chart(
        name="tokens",
        description="Bars of tokens by model and tier. "
        + "; ".join(f"{row.label} {row.amount}" for row in rows[:5])
        + f".{left_out}",
        body=body,
        height=height,
        keys=tuple(Key(f"tokens {words}", kind=kind) for kind, _, words in _KINDS),
    )


def _bar(model: ModelCost) -> Bar:
    label = f"{model.model}, {model.tier}" if model.tier else model.model
    return Bar(
        label=label,
        amount=f"{short(model.tokens or 0)} tokens",
        pieces=[
            Piece(value=number, kind=kind, color=color, said=f"{label}\n{number:,} tokens {words}")
            for (kind, color, words), number in zip(_KINDS, _numbers(model), strict=True)
            if number
        ],
    )


def _numbers(model: ModelCost) -> Iterator[int]:
    read, cached = model.input_tokens or 0, model.cached_tokens or 0
    yield from (max(0, read - cached), min(read, cached), model.output_tokens or 0)


def short(number: int) -> str:
    """A large number in few figures: ``12.3 million``."""
    for size, name in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:,.1f} {name}"
    return f"{number:,}"
