"""Which keys carried a day that cost far more or less than usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median

import attrs

from .._wire.portable import Portable
from ..usage.table import UsageTable
from .daily import daily_costs
from .outliers import Anomaly
from .periods import Period

USUAL_DAYS = 28
"""How many days before a day say what is usual for a key."""

_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class Carrier(Portable):
    """What a key cost on an unusual day, with the model that was unusual.

    Attributes:
        key_id: the key; ``None`` for what was used without one.
        cost: what it cost that day, exactly.
        usual: the median of the `USUAL_DAYS` before that are known; ``None`` where none is.
    """

    key_id: str | None
    cost: Decimal
    usual: Decimal | None

    @property
    def excess(self) -> Decimal:
        """How much more than usual it cost; negative where it was less."""
        return self.cost - (self.usual or _ZERO)


def days_to_read(anomaly: Anomaly) -> Period:
    """The days whose costs are needed to say which keys carried an unusual one."""
    return Period(anomaly.day - timedelta(days=USUAL_DAYS), anomaly.day + timedelta(days=1))


def carriers(
    costs: UsageTable, anomaly: Anomaly, *, currency: str | None = None
) -> tuple[Carrier, ...]:
    """The keys that a project's model was used with on an unusual day, those furthest off first.

    Args:
        costs: the project's daily costs by key and line item, of `days_to_read`.
        anomaly: the unusual day of a project and a model.
        currency: the currency to use, where the table has several.

    Raises:
        InvalidInputError: the table was not grouped that way.
    """
    daily = daily_costs(costs, ("key", "model"), currency=currency)
    before = Period(anomaly.day - timedelta(days=USUAL_DAYS), anomaly.day)
    found = []
    for group, spent in daily.groups.items():
        key_id, model = group
        if model != anomaly.group[1]:
            continue
        past: Sequence[Decimal] = [d for d in daily.series(group, before) if d is not None]
        cost = spent.get(anomaly.day, _ZERO)
        carrier = Carrier(key_id=key_id, cost=cost, usual=median(past) if past else None)
        if carrier.cost or carrier.usual:
            found.append(carrier)
    sign = -1 if anomaly.excess > 0 else 1
    return tuple(sorted(found, key=lambda c: (sign * c.excess, c.key_id or "")))
