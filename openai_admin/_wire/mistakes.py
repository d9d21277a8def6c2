"""What is wrong with decoded JSON, and where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from .._text.visible import visible
from .types import Array, Choice, Nullable, OneOf, OpenChoice, Scalar, Type, read

_EXPECTED = {
    str: "text",
    bool: "a boolean",
    int: "a whole number",
    datetime: "a datetime",
    date: "a date",
}
_FOUND = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "a boolean",
    type(None): "null",
}


class StructureError(ValueError):
    """Decoded JSON that cannot be what it was declared to be.

    It shows no value that was found, since a value may be a secret.

    Attributes:
        reason: what is wrong, in words.
        path: where: the names and indexes that lead there.
    """

    def __init__(self, reason: str, *path: str | int) -> None:
        super().__init__(reason, *path)
        self.reason = reason
        self.path = path

    @classmethod
    def of(cls, error: Exception, hint: Any, *path: str | int) -> StructureError:
        """What is wrong, for an error that reading a value of this type raised at this place."""
        if isinstance(error, StructureError):
            return cls(error.reason, *path, *error.path)
        return cls(f"expected {_described(read(hint))}", *path)

    @property
    def place(self) -> str:
        """The path as it is written: ``$.data[3].id``."""
        return place_of(self.path)

    def __str__(self) -> str:
        return f"{self.reason} at {self.place}"


def place_of(path: Iterable[str | int]) -> str:
    """The names and indexes that lead to a place in JSON, as they are written: ``$.data[3].id``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return visible("".join(["$", *steps]))


def kind_of(value: Any) -> str:
    """What kind of JSON a decoded value is, in words."""
    return _FOUND.get(type(value), "a number")


def _described(expected: Type) -> str:
    """A type in words, with its article."""
    match expected:
        case Nullable(of):
            return _described(of)
        case Scalar(kind):
            return _EXPECTED.get(kind, "a number")
        case OpenChoice() | Choice():
            return "text"
        case Array():
            return "a list"
        case OneOf(members):
            return " or ".join(dict.fromkeys(_described(member) for member in members))
    return "an object"
