"""How much was used, and how much was priced, in the units of FOCUS."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ...usage.money import EXACT

_UNITS: Mapping[str, str] = {
    "1000_tokens": "1000 Tokens",
    "duration_seconds": "Seconds",
    "duration_minutes": "Minutes",
    "duration_hours": "Hours",
    "gibibyte_hours": "GiB-Hours",
    "gibibyte_days": "GiB-Days",
}
"""The API's unit -> that of FOCUS, where it is not the word itself with a capital."""

_UNNAMED = "Units"
"""What a quantity counts whose unit the API does not name."""

_PRICED = {"Tokens": ("1000000 Tokens", 6), "1000 Tokens": ("1000000 Tokens", 3)}
"""The unit of use -> the unit of the published price, and how many powers of ten lie between."""


class Quantity(NamedTuple):
    """A number of something; both are ``None`` where it is not known.

    Attributes:
        number: how many.
        unit: of what, as FOCUS writes units: ``Tokens``, ``GiB-Hours``.
    """

    number: Decimal | None = None
    unit: str | None = None


UNKNOWN = Quantity()


def consumed(number: Decimal | None, unit: str | None) -> Quantity:
    """A quantity of the bill in the unit of FOCUS."""
    return UNKNOWN if number is None else Quantity(number, focus_unit(unit))


@cache
def focus_unit(unit: str | None) -> str:
    """A unit of the API as FOCUS writes it."""
    words = (unit or "").replace("_", " ").split()
    if not words:
        return _UNNAMED
    return _UNITS.get("_".join(words).lower()) or " ".join(w[0].upper() + w[1:] for w in words)


def priced(used: Quantity) -> Quantity:
    """The same in the unit of the price: tokens are priced by the million."""
    if used.number is None or used.unit not in _PRICED:
        return used
    unit, power = _PRICED[used.unit]
    return Quantity(EXACT.scaleb(used.number, -power), unit)
