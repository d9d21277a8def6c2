"""Text from the command line, turned into the values that operations take.

What cannot be read is passed on as it is: the operation's own rule then says what is allowed.
"""

from __future__ import annotations

import json
import re
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from .._declare.arguments import Timestamp
from ..errors import InvalidInputError
from .dates import TIME_HELP, period, span

# A comma with a space behind it belongs to the text, as in the line item "gpt-5, input".
_COMMA = re.compile(r",(?! )")

Read = Callable[[Any, str, datetime], Any]
"""``read(text or texts, option, now) -> value``."""


class Reader(NamedTuple):
    """How one argument is written on a command line.

    Attributes:
        read: turns what was written into the value.
        metavar: stands for the value in the help.
        hint: how to write it, for the help; empty where the metavar says all.
        choices: the known values, for completion.
        many: whether the option may be repeated.
        flag: whether it is a switch without a value.
    """

    read: Read
    metavar: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    many: bool = False
    flag: bool = False


def reader(annotation: Any, *, place: str) -> Reader:
    """The reader for an argument's annotation; ``place`` is where the argument goes."""
    members = _members(annotation)
    nullable = type(None) in members and place == "body"
    members = [m for m in members if m is not type(None)]
    made = _reader(members, files=place == "body")
    if not nullable or made.flag:
        return made
    hint = "; ".join(filter(None, (made.hint, "`null` for none")))
    return made._replace(read=_or_null(made.read), hint=hint)


def _reader(members: list[Any], *, files: bool) -> Reader:
    if any(m == Timestamp for m in members):
        return Reader(_time, "TIME", TIME_HELP)
    if members == [bool]:
        return Reader(_as_it_is, "", flag=True)
    sequences = [m for m in members if _is_a(m, Sequence) and get_origin(m) is not tuple]
    choices = tuple(str(c) for m in members for c in _literals(m))
    if sequences:
        (item,) = get_args(sequences[0])[:1]
        if _is_record(item):
            return Reader(
                _records(item), "OBJECT", f"{_record_hint(item)}; may be repeated", many=True
            )
        inner = tuple(str(c) for m in _members(item) for c in _literals(m))
        return Reader(
            _texts(choices),
            "A,B,…",
            _named(choices + inner),
            choices + inner,
            many=True,
        )
    records = [m for m in members if _is_record(m)]
    if records:
        if any(get_origin(m) is tuple for m in members):
            return Reader(_span, "PERIOD", f"A..B, or one of {TIME_HELP}")
        return Reader(_record(*records), "OBJECT", _record_hint(*records))
    if choices:
        open_ = str in members
        short = len(choices) <= 6
        metavar = "|".join(choices) if short else "CHOICE"
        hint = "" if short else f"one of {', '.join(choices)}"
        return Reader(_as_it_is, f"{metavar}|…" if open_ else metavar, hint, choices)
    if int in members:
        return Reader(_number, "N")
    return Reader(_file_or_text if files else _as_it_is, "TEXT")


# --- what an annotation is -------------------------------------------------------------------


def _members(annotation: Any) -> list[Any]:
    """The members of a union, without their constraints; a moment stays whole."""
    if annotation == Timestamp:
        return [annotation]
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [member for a in get_args(annotation) for member in _members(a)]
    return [annotation]


def _literals(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _is_a(annotation: Any, kind: type) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, kind)


def _is_record(annotation: Any) -> bool:
    return typing.is_typeddict(annotation) or _is_a(annotation, Mapping)


def _fields(*records: Any) -> dict[str, Any]:
    """The fields of typed dictionaries, all that any of them has."""
    fields: dict[str, Any] = {}
    for record in records:
        if typing.is_typeddict(record):
            fields.update(typing.get_type_hints(record, include_extras=True))
    return fields


def _named(choices: Sequence[str]) -> str:
    if not choices:
        return ""
    return ", ".join(choices) if len(choices) <= 20 else f"of {len(choices)} known values"


def _record_hint(*records: Any) -> str:
    names = ", ".join(_fields(*records))
    return f"JSON, @FILE, or key=value,…{' with ' if names else ''}{names}"


# --- readers ---------------------------------------------------------------------------------


def _as_it_is(text: Any, where: str, now: datetime) -> Any:
    return text


def _or_null(read: Read) -> Read:
    return lambda text, where, now: None if text in ("null", ["null"]) else read(text, where, now)


def _time(text: str, where: str, now: datetime) -> datetime:
    return period(text, where, now=now).start


def _span(text: str, where: str, now: datetime) -> Any:
    if "=" not in text and not text.lstrip().startswith("{"):
        return span(text, where, now=now)
    bounds = _object(text, where, {})
    return {k: _time(str(v), f"{where}.{k}", now) for k, v in bounds.items()}


def _number(text: str, where: str, now: datetime) -> Any:
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text.strip()) else text


def _file_or_text(text: str, where: str, now: datetime) -> str:
    if not text.startswith("@"):
        return text
    return text[1:] if text.startswith("@@") else _contents(text[1:], where)


def _contents(name: str, where: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is no UTF-8 text"
        raise InvalidInputError(
            f"{where}: the file {name!r} cannot be read: {reason}"
            " (for a text that begins with @, write @@)."
        ) from None


def _texts(choices: tuple[str, ...]) -> Read:
    def read(texts: Sequence[str], where: str, now: datetime) -> Any:
        items = [item for text in texts for item in _split(text, where)]
        return items[0] if len(items) == 1 and items[0] in choices else items

    return read


def _split(text: str, where: str) -> list[Any]:
    if text.lstrip().startswith("["):
        items = _json(text, where)
        return items if isinstance(items, list) else [items]
    return _COMMA.split(text) if text else []


def _record(*records: Any) -> Read:
    fields = _fields(*records)
    return lambda text, where, now: _object(text, where, fields)


def _records(record: Any) -> Read:
    fields = _fields(record)

    def read(texts: Sequence[str], where: str, now: datetime) -> Any:
        items: list[Any] = []
        for text in texts:
            if text.lstrip().startswith("["):
                items += _split(text, where)
            else:
                items.append(_object(text, where, fields))
        return items

    return read


def _object(text: str, where: str, fields: Mapping[str, Any]) -> Any:
    """An object, written as JSON, as the name of a file with JSON, or as ``key=value,…``."""
    if text.startswith("@"):
        return _json(_contents(text[1:], where), where)
    if text.lstrip().startswith("{"):
        return _json(text, where)
    result: dict[str, Any] = {}
    for pair in _COMMA.split(text) if text else ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInputError(
                f"{where} is written as key=value,… or as JSON; {pair!r} has no '='."
            )
        kinds = _members(fields.get(name, Any))
        if any(_is_a(k, Sequence) for k in kinds) and not value.startswith("["):
            result.setdefault(name, []).append(value)
        else:
            result[name] = value if str in kinds and value != "null" else _guess(value)
    return result


def _guess(text: str) -> Any:
    """A number, a truth value, null or nested JSON; else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise InvalidInputError(f"{where} is no JSON: {exc}.") from None
