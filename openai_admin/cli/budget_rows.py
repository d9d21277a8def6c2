"""Where budgets stand, a row each: for programs, and as a table for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .._wire.codec import plain
from .columns import Column, TextTable
from .output import Output, writing
from .output_file import opened
from .table import money
from .terminal import printable

if TYPE_CHECKING:
    from ..insights.budgets import BudgetStatus

NUMBERS = ("spent", "limit", "percent", "expected", "low", "high", "probability", "unsettled")
NAMES = (
    *("budget", "scope", "period", "start", "end", "currency", *NUMBERS),
    *("basis", "standing", "passed", "warned_at", "lacks"),
)
"""The fields of a row."""


def write(statuses: Sequence[BudgetStatus], output: Output) -> None:
    """Write where budgets stand, in the form and to the place asked for.

    Raises:
        CommandError: it cannot be written.
        PipeClosedError: the reader of standard output went away.
    """
    if output.chosen() != "table" or output.named():
        with writing(output, NAMES, _plain, counts=NUMBERS, foremost="spent") as writer:
            writer.page([_row(status) for status in statuses])
            writer.end()
        return
    with opened(output.out, force=output.force) as file:
        TextTable(file, _columns()).page(statuses)
    if output.out is not None:
        print(printable(f"Wrote {output.out}."), file=sys.stderr)


def _row(status: BudgetStatus) -> dict[str, Any]:
    budget = status.budget
    return {
        "budget": budget.name,
        "scope": str(budget.scope),
        "period": budget.period,
        "start": status.period.start.isoformat(),
        "end": status.period.end.isoformat(),
        "currency": budget.currency,
        "spent": status.spent,
        "limit": budget.limit,
        "percent": None if status.share is None else round(status.share * 100, 1),
        "expected": status.expected,
        "low": status.low,
        "high": status.high,
        "probability": status.probability,
        "unsettled": status.unsettled,
        "basis": budget.on,
        "standing": status.standing,
        "passed": status.is_passed,
        "warned_at": status.warned_at,
        "lacks": "; ".join(status.lacks) or None,
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items()}


def _columns() -> list[Column]:
    return [
        Column("budget", lambda status: str(status.budget.name)),
        Column("period", lambda status: period_name(status), kind="measure"),
        _measure("spent", lambda status: _least(status) + _apart(status)[0]),
        _measure("limit", lambda status: _apart(status)[1]),
        Column("currency", lambda status: str(status.budget.currency), kind="measure"),
        _measure("used", lambda status: _share(status)),
        _measure("forecast", lambda status: _amount(status.expected)),
        _measure("80% between", lambda status: _range(status)),
        _measure("chance", lambda status: probability(status)),
        Column("standing", lambda status: str(status.standing_told), kind="measure"),
    ]


def _measure(title: str, text: Any) -> Column:
    return Column(title, text, right=True, kind="measure")


def period_name(status: BudgetStatus) -> str:
    """The period of a budget as people write it: ``2026-11``, ``2026-Q4``."""
    start = status.period.start
    return {
        "day": f"{start}",
        "week": f"{start:%G-W%V}",
        "month": f"{start:%Y-%m}",
        "quarter": f"{start.year}-Q{(start.month + 2) // 3}",
        "year": f"{start.year}",
    }[status.budget.period]


def apart(amount: Decimal, limit: Decimal) -> tuple[str, str]:
    """Two amounts to the cent, or with as many digits more as they take to differ."""
    texts = money(amount), money(limit)
    places = 2
    while amount != limit and texts[0] == texts[1]:
        places += 1
        texts = f"{amount:,.{places}f}", f"{limit:,.{places}f}"
    return texts


def _apart(status: BudgetStatus) -> tuple[str, str]:
    return apart(status.spent, status.budget.limit)


def _least(status: BudgetStatus) -> str:
    return "at least " if status.lacks else ""


def _share(status: BudgetStatus) -> str:
    if status.share is None:
        return "-"
    return f"{_least(status)}{status.share:,.1%}"


def _amount(amount: Decimal | None) -> str:
    return "not known" if amount is None else money(amount)


def _range(status: BudgetStatus) -> str:
    if status.is_over or status.low is None or status.high is None:
        return "-" if status.is_over else "not known"
    return f"{money(status.low)} and {money(status.high)}"


def probability(status: BudgetStatus) -> str:
    """The probability in words; what is yet to come is never sure."""
    chance = status.probability
    if chance is None:
        return "not known"
    if 0 < chance < 1:
        return "<1%" if chance < 0.01 else ">99%" if chance > 0.99 else f"{chance:.0%}"
    return f"{chance:.0%}"
