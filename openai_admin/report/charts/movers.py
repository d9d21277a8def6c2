"""What changed most."""

from __future__ import annotations

from ...insights import Review
from ...insights.findings import FINDINGS
from ...insights.naming import Named, distinct
from ...insights.text import money, signed
from ..drawing import Bar, Chart, Piece, bars

RISE, FALL = "#c93a32", "#218a4c"


def movers(review: Review) -> Chart:
    """What changed most, to the right what costs more and to the left what costs less."""
    currency = review.currency
    moved = [
        (group, group.previous, group.cost - group.previous)
        for group in (mover.cost for mover in FINDINGS["movers"].top(review).rows)
        if group.previous is not None
    ]
    pairs = [[review.named(part) for part in group.group] for group, _, _ in moved]
    labels = distinct([Named(pair[0].id, " · ".join(map(str, pair))) for pair in pairs])
    rows = [
        Bar(
            label=label,
            amount=signed(change, currency),
            pieces=[
                Piece(
                    value=float(change),
                    kind="rise" if change > 0 else "fall",
                    color=RISE if change > 0 else FALL,
                    said=f"{label}: {signed(change, currency)}\n"
                    f"before: {money(previous, currency)}\nnow: {money(group.cost, currency)}",
                )
            ],
        )
        for label, (group, previous, change) in zip(labels, moved, strict=True)
    ]
    body, height = bars(rows)
    return Chart(
        name="movers",
        description="Bars of the largest changes of cost, by project and model. "
        + "; ".join(f"{row.label} {row.amount}" for row in rows[:5])
        + ".",
        body=body,
        height=height,
    )
