"""Arguments on their way to the wire: converted, and checked before anything is sent.

The rule for one argument is compiled once, from what its annotation says (see `types.read`):
choices, numbers, text and lists with bounds, times (`Timestamp`) and typed dictionaries.
The error says in one sentence what was wrong and what is allowed.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import attrs

from .._text.secrets import without_secrets
from .._wire.codec import to_dict
from .._wire.http import empty_filter
from .._wire.types import (
    Anything,
    Array,
    Bounds,
    Choice,
    Nullable,
    Object,
    OneOf,
    OpenChoice,
    Record,
    Scalar,
    Time,
    Type,
    field_types,
)
from ..errors import InvalidInputError

_MOST_NAMED = 40
_MOST_SHOWN = 80
_WORD = 0.75  # how alike a word of a name is that may be meant by one
_NOT_LISTS = (bytes, bytearray, memoryview, Mapping)
_LAST_SECOND = 253_402_300_799  # of the year 9999, the last that a datetime can be in

Rule = Callable[[Any, str, bool], Any]
"""``rule(value, where, strict) -> wire value``; with ``strict`` off it only converts."""


@attrs.frozen
class Wire:
    """The name an argument has on the wire, where that is not a Python name."""

    name: str


@attrs.frozen
class Ruled:
    """An argument with a rule of its own, whatever its annotation says."""

    rule: Rule


Timestamp = Annotated[datetime | date | str | int, Time()]
"""A moment: a `datetime` with a time zone, a `date` (its midnight UTC), ISO 8601 text, or Unix
seconds."""


def compile_rule(described: Type, *, in_query: bool = False) -> Rule:
    """The rule for values of a type.

    Args:
        described: the type.
        in_query: whether they go into a query, where an empty list is refused: nothing would be
            sent for it. In a body it is sent, and clears.

    Raises:
        TypeError: arguments cannot be of that type.
    """
    own = described.mark(Ruled)
    if own is not None:
        return own.rule
    match described:
        case Nullable(of):
            return _or_null(compile_rule(of, in_query=in_query), allowed=True)
        case OneOf(members):
            return _or_null(_one_of_rule([compile_rule(m) for m in members]), allowed=False)
        case OpenChoice(bounds=bounds):
            return _or_null(_text_rule(bounds), allowed=False)
        case Choice(values):
            return _choice_rule(values)
        case Record(cls, required=required):
            return _record_rule({n: compile_rule(t) for n, t in field_types(cls).items()}, required)
        case Object():
            return _mapping_rule
        case Array(item, bounds):
            return _array_rule(compile_rule(item), bounds, may_be_empty=not in_query)
        case Scalar(kind, bounds) if kind in _SCALARS:
            return _SCALARS[kind](bounds)
        case Time():
            return lambda value, where, _: unix_seconds(value, where)
        case Anything():
            return lambda value, where, _: to_dict(value)
    raise TypeError(f"an argument cannot be of the type {described}")


def suggest(value: object, choices: Sequence[Any], *, prefix: str = "", most: int = 1) -> str:
    """The end of an error: ``; did you mean 'model'?`` if a choice is close, else a full stop.

    Args:
        value: what was given.
        choices: what is allowed.
        prefix: what all choices begin with, and so makes none of them closer than another.
        most: how many choices may be named.
    """
    if not isinstance(value, str):
        return "."
    texts = [c.removeprefix(prefix) for c in choices if isinstance(c, str)]
    near = difflib.get_close_matches(value.removeprefix(prefix), dict.fromkeys(texts), n=most)
    near = near or _near_by_word(value, texts)[:most]
    return f"; did you mean {one_of([prefix + each for each in near])}?" if near else "."


def _near_by_word(value: str, texts: Sequence[str]) -> list[str]:
    """Names of several words, one of which is close: ``Search Relevance`` for ``Serch``."""
    words = {text: text.casefold().split() for text in dict.fromkeys(texts) if " " in text}
    wanted = difflib.get_close_matches(
        value.casefold(), {word for each in words.values() for word in each}, cutoff=_WORD
    )
    return [text for word in wanted for text, each in words.items() if word in each]


def shown(value: object) -> str:
    """A rejected value in a message: its repr without keys, shortened if it is long."""
    text = without_secrets(repr(value))
    if len(text) <= _MOST_SHOWN:
        return text
    is_quoted = isinstance(value, str) and text[0] == text[-1]
    return f"{text[:_MOST_SHOWN]}…{text[-1] if is_quoted else ''}"


def one_of(choices: Sequence[Any]) -> str:
    """The choices as words: ``'a', 'b' or 'c'``; of very many, only their number."""
    if len(choices) > _MOST_NAMED:
        return f"one of {len(choices)} known values"
    words = [repr(c) for c in choices]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def unix_seconds(value: Any, where: str) -> int:
    """Unix seconds of a moment; a `datetime` needs a time zone, a `date` is its midnight UTC."""
    if type(value) is int and 0 <= value <= _LAST_SECOND:
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidInputError(
                f"{where} needs a time zone: {value.isoformat()} has none"
                " (for UTC, add tzinfo=datetime.UTC)."
            )
        return int(value.timestamp())
    if isinstance(value, date):
        return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
    if isinstance(value, str):
        return _seconds_of_text(value, where)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInputError(
            f"{where} must be a datetime, a date, ISO 8601 text or Unix seconds,"
            f" not {type(value).__name__}."
        )
    try:
        datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as exc:
        raise InvalidInputError(f"{where} is out of the range of times: {shown(value)}.") from exc
    return int(value)


def _seconds_of_text(text: str, where: str) -> int:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        text += "T00:00:00+00:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidInputError(
            f"{where} is not a valid ISO 8601 time: {shown(text)}"
            " (write 2026-01-31 or 2026-01-31T12:00:00Z)."
        ) from exc
    if moment.tzinfo is None:
        raise InvalidInputError(
            f"{where} needs a time zone: {shown(text)} has none (for UTC, add Z)."
        )
    return unix_seconds(moment, where)


def _or_null(inner: Rule, *, allowed: bool) -> Rule:
    """A rule that lets ``None`` pass where it is ``allowed`` or nothing is checked."""

    def rule(value: Any, where: str, strict: bool) -> Any:
        if value is None and (allowed or not strict):
            return None
        return inner(value, where, strict)

    return rule


def _one_of_rule(rules: Sequence[Rule]) -> Rule:
    def rule(value: Any, where: str, strict: bool) -> Any:
        for attempt in rules[:-1]:
            try:
                return attempt(value, where, strict)
            except InvalidInputError:
                continue
        return rules[-1](value, where, strict)

    return rule


def _choice_rule(choices: tuple[Any, ...]) -> Rule:
    texts = frozenset(c for c in choices if type(c) is str)

    def rule(value: Any, where: str, strict: bool) -> Any:
        if type(value) is str and value in texts:
            return value
        if strict and not any(value == c and type(value) is type(c) for c in choices):
            raise InvalidInputError(
                f"{where} must be {one_of(choices)}, not {shown(value)}{suggest(value, choices)}"
            )
        return value

    return rule


def _record_rule(rules: Mapping[str, Rule], required: frozenset[str]) -> Rule:
    def rule(value: Any, where: str, strict: bool) -> Any:
        if attrs.has(type(value)):
            value = to_dict(value)
        if not isinstance(value, Mapping):
            raise InvalidInputError(
                f"{where} must be a mapping with {one_of(sorted(rules))},"
                f" not {type(value).__name__}."
            )
        if strict:
            unknown = sorted(str(k) for k in value.keys() - rules.keys())
            if unknown:
                raise InvalidInputError(
                    f"{where} has no field {shown(unknown[0])}; it takes {one_of(sorted(rules))}"
                    f"{suggest(unknown[0], sorted(rules))}"
                )
            missing = sorted(required - value.keys())
            if missing:
                raise InvalidInputError(f"{where} needs {one_of(missing)}.")
        return {
            k: rules[k](v, f"{where}.{k}", strict) if k in rules else to_dict(v)
            for k, v in value.items()
        }

    return rule


def _mapping_rule(value: Any, where: str, strict: bool) -> Any:
    value = to_dict(value)
    if not isinstance(value, dict):
        raise InvalidInputError(f"{where} must be a mapping, not {type(value).__name__}.")
    return value


def _items(value: Any, where: str) -> Iterable[Any]:
    """What an array is made of: any iterable but text, bytes and mappings.

    Raises:
        InvalidInputError: it is none of these.
    """
    if type(value) is list:
        return value
    if isinstance(value, str):
        alone = json.dumps(value, ensure_ascii=False)
        shorter = len(alone) <= _MOST_SHOWN
        example = f": write [{alone}], not {alone}" if shorter else ", not one text"
        raise InvalidInputError(f"{where} must be a list{example}.")
    if isinstance(value, _NOT_LISTS) or not hasattr(value, "__iter__"):
        raise InvalidInputError(f"{where} must be a list, not {type(value).__name__}.")
    # A column of Arrow iterates over scalars of its own kind.
    values: Iterable[Any] = value.to_pylist() if hasattr(value, "to_pylist") else value
    return values


def _array_rule(item: Rule, bounds: Bounds, *, may_be_empty: bool) -> Rule:
    least = bounds.least or 0

    def rule(value: Any, where: str, strict: bool) -> Any:
        values = _items(value, where)
        items = [item(v, f"{where}[{i}]", strict) for i, v in enumerate(values)]
        if not items and not may_be_empty:  # unchecked too: the API cannot judge what is not sent
            raise empty_filter(where)
        if strict and not may_be_empty and "" in items:
            raise InvalidInputError(f"{where}[{items.index('')}] must not be empty.")
        if strict and len(items) < least:
            items_told = "1 item" if least == 1 else f"{least} items"
            raise InvalidInputError(f"{where} must have at least {items_told}.")
        if strict and bounds.most is not None and len(items) > bounds.most:
            raise InvalidInputError(
                f"{where} may have at most {bounds.most} items, not {len(items)}."
            )
        return items

    return rule


def _text_rule(bounds: Bounds) -> Rule:
    least = bounds.least or 0

    def rule(value: Any, where: str, strict: bool) -> Any:
        if not isinstance(value, str):
            raise InvalidInputError(f"{where} must be text, not {type(value).__name__}.")
        if strict and len(value) < least:
            raise InvalidInputError(
                f"{where} must not be empty."
                if least == 1
                else f"{where} must have at least {least} characters."
            )
        if strict and bounds.most is not None and len(value) > bounds.most:
            raise InvalidInputError(
                f"{where} may have at most {bounds.most} characters, not {len(value)}."
            )
        try:
            value.encode()
        except UnicodeEncodeError as exc:
            raise InvalidInputError(
                f"{where} has characters that cannot be encoded as UTF-8."
            ) from exc
        return str(value)

    return rule


def _whole_number_rule(bounds: Bounds) -> Rule:
    def rule(value: Any, where: str, strict: bool) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidInputError(f"{where} must be a whole number, not {shown(value)}.")
        if strict:
            check_range(value, where, bounds.least, bounds.most)
        return value

    return rule


def check_range(
    value: float | Decimal, where: str, least: float | None, most: float | None
) -> None:
    """Refuse a number outside a range.

    Raises:
        InvalidInputError: it lies outside.
    """
    if (least is None or value >= least) and (most is None or value <= most):
        return
    if most is None:
        allowed = f"at least {least}"
    elif least is None:
        allowed = f"at most {most}"
    else:
        allowed = f"from {least} to {most}"
    raise InvalidInputError(f"{where} must be {allowed}, not {value}.")


def _number_rule(bounds: Bounds) -> Rule:
    def rule(value: Any, where: str, strict: bool) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise InvalidInputError(f"{where} must be a number, not {shown(value)}.")
        if not Decimal(value).is_finite():
            raise InvalidInputError(f"{where} must be a finite number, not {value}.")
        if strict:
            check_range(value, where, bounds.least, bounds.most)
        return to_dict(value)

    return rule


def _boolean_rule(_: Bounds) -> Rule:
    def rule(value: Any, where: str, strict: bool) -> Any:
        if not isinstance(value, bool):
            raise InvalidInputError(f"{where} must be True or False, not {shown(value)}.")
        return value

    return rule


_SCALARS: Mapping[type, Callable[[Bounds], Rule]] = {
    str: _text_rule,
    int: _whole_number_rule,
    float: _number_rule,
    bool: _boolean_rule,
}
