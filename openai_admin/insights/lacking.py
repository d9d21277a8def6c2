"""What figures of usage and costs lack, in words: whoever shows them says so."""

from __future__ import annotations

from ..usage.money import digits
from ..usage.table import UsageTable
from ..usage.telling import told_adaptations
from .daily import without_currency

_SHOWN = 3  # of each kind; a table may lack every second hour


def lacking(what: str, table: UsageTable) -> tuple[str, ...]:
    """What was left out of a table; what did not come is in `Reads.not_known`.

    Args:
        what: what the table is of, as ``costs``.
        table: the table, as it was collected.
    """
    notes = [f"{what}: {note.rstrip('.')}" for note in table.notes]
    lost = [each.rstrip(".") for each in told_adaptations(a for a in table.adapted if a.loses)]
    return (*_shown(notes), *_shown(lost))


def unstated(costs: UsageTable) -> tuple[str, ...]:
    """What was billed without a currency, where something was."""
    amount = without_currency(costs)
    return (f"costs of {digits(amount)} without a currency: no amount has them",) if amount else ()


def _shown(parts: list[str]) -> list[str]:
    rest = len(parts) - _SHOWN
    return [*parts[:_SHOWN], f"{rest} more of that kind"] if rest > 0 else parts
