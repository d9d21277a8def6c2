"""Texts, whole numbers, amounts and yes or no, as they are written in the file."""

from __future__ import annotations

import re
from decimal import Decimal

from ..._declare.arguments import shown
from .nodes import ScalarNode

MOST_WHOLE = 10**18 - 1
"""The greatest whole number that is read."""

MOST_DOLLARS = Decimal("9999999999999.99")
"""The greatest amount that is read."""

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_AMOUNT = re.compile(r"-?(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,9})?")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}(?:e[-+][0-9]{1,3})?")
_LIKE_NUMBER = re.compile(
    r"[-+]?(?:\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|0[box][0-9a-f_]+|\.(?:inf|nan))",
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_OLD_BOOLEANS = {"y": "true", "yes": "true", "on": "true", "n": "false", "no": "false"} | {
    "off": "false"
}


class NotReadError(ValueError):
    """A text is not what it should be; the message is the end of a sentence: ``must be …``."""


def whole_number(node: ScalarNode) -> int:
    """A whole number.

    Raises:
        NotReadError: it is something else, or quoted.
    """
    if node.is_plain and _WHOLE.fullmatch(node.text):
        return int(node.text)
    raise NotReadError(f"must be a whole number, not {shown(node.text)}{_plainer(node)}")


def amount(node: ScalarNode) -> Decimal:
    """An amount of money: dollars, with at most two decimals.

    Raises:
        NotReadError: it is something else, or quoted.
    """
    text = node.text
    if not (node.is_plain and _AMOUNT.fullmatch(text)):
        raise NotReadError(
            "must be an amount in dollars, such as 500 or 1250.50,"
            f" not {shown(text)}{_plainer(node)}"
        )
    value = Decimal(text)
    cents = value.scaleb(2)
    if cents != int(cents):
        raise NotReadError(f"may have at most two decimals, not {text}.")
    return Decimal(int(value)) if value == int(value) else value.quantize(Decimal("0.01"))


def boolean(node: ScalarNode) -> bool:
    """Yes or no.

    Raises:
        NotReadError: it is neither ``true`` nor ``false``.
    """
    if node.is_plain and node.text in _TRUE + _FALSE:
        return node.text in _TRUE
    meant = _OLD_BOOLEANS.get(node.text.lower()) if node.is_plain else None
    hint = f"; write {meant}." if meant else "."
    raise NotReadError(f"must be true or false, not {shown(node.text)}{hint}")


def any_scalar(node: ScalarNode) -> str | bool | int | float | None:
    """What all versions of YAML take a scalar for: a text, yes or no, a number, nothing.

    Raises:
        NotReadError: one takes it for a text, and another does not.
    """
    if not node.is_plain:
        return node.text
    if node.is_null:
        return None
    if node.text in _TRUE + _FALSE:
        return node.text in _TRUE
    if _INTEGER.fullmatch(node.text):
        return int(node.text)
    if _FRACTION.fullmatch(node.text):
        return float(node.text)
    is_read_so = node.text.lower() in _OLD_BOOLEANS
    if is_read_so or _LIKE_NUMBER.fullmatch(node.text) or _DATE.fullmatch(node.text):
        raise NotReadError(
            f"must be in quotes if {shown(node.text)} is a text; a number is written as 16 or 0.5,"
            " and yes or no as true or false."
        )
    return node.text


def _plainer(node: ScalarNode) -> str:
    """The end of a sentence: how a number would be written that is meant."""
    bare = re.sub(r"[_,\s$+]", "", node.text)
    is_meant = _AMOUNT.fullmatch(bare)
    if is_meant and (bare != node.text or not node.is_plain):
        quotes = "" if node.is_plain else " without quotes"
        return f"; write {bare}{quotes}."
    return "."
