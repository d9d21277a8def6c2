"""How numbers, texts and times are read from the wire: tolerantly, but never as nonsense.

Each function is a cattrs hook: it takes the decoded JSON value and the type asked for.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any


def read_int(value: Any, _: Any = int) -> int:
    """A whole number, also as text or as 1.0."""
    if type(value) is int:
        return value
    number = read_decimal(value)
    if number != number.to_integral_value():
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)


def read_float(value: Any, _: Any = float) -> float:
    """A number, also as text."""
    return float(read_decimal(value))


def read_decimal(value: Any, _: Any = Decimal) -> Decimal:
    """An exact number, from a number or from text; never infinite, never NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise TypeError(f"{value!r} is not a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as exc:
        raise ValueError(f"{value!r} is not a number") from exc
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


def read_bool(value: Any, _: Any = bool) -> bool:
    """A boolean, also as text."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise TypeError(f"{value!r} is not a boolean")


def read_str(value: Any, _: Any = str) -> str:
    """Text; a number becomes its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"{value!r} is not a string")


from_unix_seconds = partial(datetime.fromtimestamp, tz=UTC)
"""An aware `datetime` in UTC, from Unix seconds."""


def read_datetime(value: Any, _: Any = datetime) -> datetime:
    """An aware `datetime`, from Unix seconds or ISO 8601 text; UTC where it names no zone."""
    if type(value) is int:
        return from_unix_seconds(value)
    if isinstance(value, str) and not value.strip().lstrip("-").replace(".", "", 1).isdigit():
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = read_float(value)
    if not math.isfinite(seconds):
        raise ValueError(f"{value!r} is not a time")
    return from_unix_seconds(seconds)
