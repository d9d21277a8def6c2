"""What figures of usage and costs lack, in words: whoever shows them says so."""

from __future__ import annotations

from .._wire.scalars import digits
from ..usage.table import UsageTable
from .daily import without_currency


def lacking(what: str, table: UsageTable) -> tuple[str, ...]:
    """What was left out of a table; what did not come is in `Reads.not_known`.

    Args:
        what: what the table is of, as ``costs``.
        table: the table, as it was collected.
    """
    return tuple(f"{what}: {note.rstrip('.')}" for note in table.notes)


def unstated(costs: UsageTable) -> tuple[str, ...]:
    """What was billed without a currency, where something was."""
    amount = without_currency(costs)
    return (f"costs of {digits(amount)} without a currency: no amount has them",) if amount else ()
