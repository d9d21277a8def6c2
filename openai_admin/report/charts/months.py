"""What the last months cost, side by side."""

from __future__ import annotations

from ...insights import Review, known
from ...insights.months import MonthCost
from ...insights.text import at_least
from ..drawing import Chart, Key, Stack, stacked
from .axis import money_at, width_of

_WHOLE, _PART = "#2f6fd0", "#6796dc"


def months(review: Review) -> Chart:
    """The cost of each of the last months; those that are not over or not wholly known lighter."""
    found, currency = [*reversed(known(review.months))], review.currency
    worded = money_at(currency)

    def values(*, whole: bool) -> list[float | None]:
        return [float(m.cost or 0) if _is_whole(m) is whole else None for m in found]

    stacks = [
        Stack(label="whole months", color=0, values=values(whole=True)),
        Stack(label="so far", color=1, values=values(whole=False)),
    ]
    said = [_said(month, currency) for month in found]
    most = max((float(m.cost or 0) for m in found), default=0.0)
    return Chart(
        name="months",
        description="Bars of what each month cost. " + "; ".join(said) + ".",
        body=stacked(
            stacks,
            labels=[f"{m.month.start:%b %Y}" for m in found],
            said=said,
            worded=worded,
            colors=(_WHOLE, _PART),
            kinds=("only", "cached"),
        ),
        height=284,
        left=width_of([worded(most, 1.0)]),
        keys=(
            Key("a whole month", kind="only"),
            *(
                [Key("a month that is not over, or not wholly known", kind="cached")]
                if not all(map(_is_whole, found))
                else []
            ),
        ),
    )


def _is_whole(month: MonthCost) -> bool:
    return month.is_over and not month.gaps


def _said(month: MonthCost, currency: str | None) -> str:
    if month.cost is None:
        return f"{month.words}: not known"
    amount = at_least(month.cost, currency, gaps=month.gaps)
    return f"{month.words}: {amount}{'' if month.is_over else ' so far'}"
