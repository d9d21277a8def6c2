"""The query string as the API reads it, with typed access."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TypeVar
from urllib.parse import unquote_plus

from .replies import (
    EmulatedError,
    above_maximum,
    below_minimum,
    invalid_choice,
    missing,
    unknown_parameter,
)

Choice = TypeVar("Choice", bound=str)

_IGNORED = frozenset({"group_by[]"})
"""Parameters that the API neither knows nor refuses: the contract's name is `group_by`, and the
official client, which sends the one with brackets, gets its rows ungrouped."""


class Query:
    """The query parameters of one request, decoded, by their names without brackets.

    An array may be sent as repeated keys (`a=1&a=2`), bracketed keys (`a[]=1&a[]=2`) or joined
    with commas (`a=1,2`); an object as `a[gte]=1&a[lt]=2`. Values that cannot be read raise the
    API's 400, which names the parameter. A parameter that was not sent, or was sent empty, is
    None, or an empty list.
    """

    def __init__(self, query_string: str = "") -> None:
        self._values: dict[str, list[str]] = {}
        self._members: dict[str, dict[str, str]] = {}
        if query_string:
            for item in query_string.split("&"):
                self._add(item)

    def _add(self, item: str) -> None:
        key, _, value = item.partition("=")
        key = unquote_plus(key)
        name, bracket, member = key.partition("[")
        member = member.rstrip("]")
        if not name or key in _IGNORED:
            return
        if bracket and member and not member.isdecimal():
            self._members.setdefault(name, {})[member] = unquote_plus(value)
        else:
            self._values.setdefault(name, []).append(unquote_plus(value))

    def refuse_unknown(self, known: Container[str]) -> None:
        """Raise the API's 400 for the first parameter that is not one of the known names."""
        for name in (*self._values, *self._members):
            if name not in known:
                raise unknown_parameter(name)

    def text(self, name: str) -> str | None:
        """The value as text; of a repeated scalar the last one counts."""
        values = self._sent(name)
        return (values[-1] or None) if values else None

    def required(self, name: str) -> str:
        """The value as text, or the API's 400 for a missing parameter."""
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def texts(self, name: str) -> list[str]:
        """The items of an array, in the order in which they were sent."""
        return [item for value in self._sent(name) for item in value.split(",") if item]

    def integer(
        self, name: str, *, minimum: int | None = None, maximum: int | None = None
    ) -> int | None:
        """The value as an integer within these bounds, both inclusive."""
        text = self.text(name)
        if text is None:
            return None
        value = _integer(name, text)
        if minimum is not None and value < minimum:
            raise below_minimum(name, value, minimum)
        if maximum is not None and value > maximum:
            raise above_maximum(name, value, maximum)
        return value

    def boolean(self, name: str) -> bool | None:
        """The value as `true` or `false`."""
        text = self.text(name)
        if text is None:
            return None
        if text.lower() not in ("true", "false"):
            raise _wrong_type(name, "a boolean", text)
        return text.lower() == "true"

    def choice(self, name: str, choices: Sequence[Choice]) -> Choice | None:
        """The value, which must be one of the choices."""
        text = self.text(name)
        if text is None:
            return None
        return _chosen(name, text, choices)

    def choices(self, name: str, choices: Sequence[Choice]) -> list[Choice]:
        """The items of an array, each of which must be one of the choices."""
        return [_chosen(name, text, choices) for text in self.texts(name)]

    def integers(self, name: str, members: Sequence[str]) -> dict[str, int]:
        """The integer members of an object, by name; the known ones are `members`."""
        for text in filter(None, self._values.get(name, ())):
            raise _wrong_type(name, "an object", text)
        sent = self._members.get(name, {})
        for member in sent:
            if member not in members:
                raise unknown_parameter(f"{name}[{member}]")
        return {member: _integer(f"{name}[{member}]", text) for member, text in sent.items()}

    def _sent(self, name: str) -> list[str]:
        """What was sent for a scalar or an array, which have no members."""
        for member in self._members.get(name, ()):
            raise unknown_parameter(f"{name}[{member}]")
        return self._values.get(name, [])


def _integer(name: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        raise _wrong_type(name, "an integer", text)
    return int(text)


def _chosen(name: str, text: str, choices: Sequence[Choice]) -> Choice:
    for choice in choices:
        if choice == text:
            return choice
    raise invalid_choice(name, text, choices)


def _wrong_type(name: str, expected: str, text: str) -> EmulatedError:
    return EmulatedError(
        400,
        f"Invalid type for '{name}': expected {expected}, but got '{text[:100]}' instead.",
        param=name,
        code="invalid_type",
    )
