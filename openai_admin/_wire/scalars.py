"""How numbers, texts and times are read from the wire: tolerantly, but never as nonsense.

Each function is a cattrs hook: it takes the decoded JSON value and the type asked for.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import (
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from functools import partial
from typing import Any

_ZERO = Decimal(0)
# What a number may be: below 10^20, which is what Arrow and Parquet hold of money, and with at most
# 199 decimal places. The API has amounts with 39; what is far beyond was never meant, and would
# cost much time to add up or to print.
BOUNDS = Context(prec=200, Emin=0, Emax=19, traps=[Inexact, InvalidOperation, Overflow, Underflow])
_normalize, _add = BOUNDS.normalize, BOUNDS.add
INT64 = (-(2**63), 2**63 - 1)
"""The least and the greatest whole number: beyond it nothing is counted, and no column holds it."""
# Decimal takes more than that: underscores, spaces, the digits of every script.
_NUMBER = re.compile(r"(?ai)[-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?|nan|inf(inity)?)")


def normalized(value: Decimal) -> Decimal:
    """A number in the one form that all equal numbers have, which prints without an exponent.

    ``0E-6176`` is 0, so is ``-0``; ``30.0`` is 30, and ``1E+3`` is 1000.

    Raises:
        ValueError: it is not finite, 10^20 or more, or has over 199 decimal places.
    """
    if not value:
        return _ZERO
    try:
        plain = _normalize(value)
        if plain.adjusted() > 0:  # it may have a positive exponent
            plain = _add(plain, _ZERO)
    except DecimalException:
        raise ValueError("the number is too large, or has too many digits") from None
    if not plain.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return plain


def digits(number: Decimal) -> str:
    """A number in plain digits: no exponent, no zeros at its end, no minus before a zero."""
    text = format(number, "f") if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_int(value: Any, _: Any = int) -> int:
    """A whole number, also as text or as 1.0.

    Raises:
        ValueError: it is not a whole number, or is beyond `INT64`.
    """
    if type(value) is int:
        whole = value
    else:
        number = read_decimal(value)
        if number != number.to_integral_value():
            raise ValueError(f"{value!r} is not a whole number")
        whole = int(number)
    if not INT64[0] <= whole <= INT64[1]:
        raise ValueError("the number is beyond 64 bits")
    return whole


def read_float(value: Any, _: Any = float) -> float:
    """A number, also as text."""
    return float(read_decimal(value))


def read_decimal(value: Any, _: Any = Decimal) -> Decimal:
    """An exact number, from a number or from text, `normalized`; never infinite, never NaN.

    Raises:
        ValueError: it is not a number, or is out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise TypeError(f"{value!r} is not a number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as exc:
        raise ValueError(f"{value!r} is not a number") from exc
    return normalized(number)


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
    """An aware `datetime`, from Unix seconds, ISO 8601 text or a `datetime`; UTC without a zone."""
    if type(value) is int:
        return from_unix_seconds(value)
    if isinstance(value, str) and not value.strip().lstrip("-").replace(".", "", 1).isdigit():
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    seconds = read_float(value)
    if not math.isfinite(seconds):
        raise ValueError(f"{value!r} is not a time")
    return from_unix_seconds(seconds)
