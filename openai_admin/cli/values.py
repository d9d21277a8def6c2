"""Text from the command line, turned into the values that operations take.

What cannot be read is passed on as it is: the operation's own rule then says what is allowed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from .._declare.dates import TIME_HELP, period, span
from .._wire.types import (
    Anything,
    Array,
    Nullable,
    Object,
    Record,
    Scalar,
    Time,
    Tuple,
    Type,
    alternatives,
    field_types,
    known_values,
    takes_list,
    takes_text,
)
from ..errors import InvalidInputError
from .dates import BACK_HELP

# A comma followed by a space belongs to the text, as in the line item "gpt-5, input".
_COMMA = re.compile(r",(?! )")

Read = Callable[[Any, str, datetime], Any]
"""``read(text or texts, option, now) -> value``."""


class Reader(NamedTuple):
    """How one argument is written on a command line.

    Attributes:
        read: turns what was written into the value.
        metavar: represents the value in the help.
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

    def also(self, values: Sequence[str]) -> Reader:
        """The reader of a list that may have further known values."""
        known = tuple(dict.fromkeys((*self.choices, *values)))
        return self._replace(hint=_named(known), choices=known) if values else self


def reader(described: Type, *, place: str) -> Reader:
    """The reader for an argument's type; ``place`` is where the argument goes."""
    made = _reader(described, files=place == "body")
    if not isinstance(described, Nullable) or place != "body" or made.flag:
        return made
    hint = "; ".join(filter(None, (made.hint, "`null` for none")))
    return made._replace(read=_or_null(made.read), hint=hint)


def _reader(described: Type, *, files: bool) -> Reader:
    members = alternatives(described)
    scalars = {m.kind for m in members if isinstance(m, Scalar)}
    choices = tuple(str(value) for value in known_values(described))
    records = [m for m in members if isinstance(m, Record | Object)]
    arrays = [m for m in members if isinstance(m, Array)]
    if any(isinstance(m, Time) for m in members):
        return Reader(_time, "TIME", TIME_HELP)
    if scalars == {bool} and len(members) == 1:
        return Reader(_as_it_is, "", flag=True)
    if arrays:
        return _list_reader(arrays[0].item, choices)
    if records:
        if any(isinstance(m, Tuple) for m in members):
            hint = f"A..B, which is to the end of B, or one of {TIME_HELP}. {BACK_HELP}"
            return Reader(_span, "PERIOD", hint.rstrip("."))
        return Reader(_record(*records), "OBJECT", _record_hint(*records))
    if choices:
        short = len(choices) <= 6
        metavar = "|".join(choices) if short else "CHOICE"
        hint = "" if short else f"one of {', '.join(choices)}"
        more = "|…" if takes_text(described) else ""
        return Reader(_as_it_is, f"{metavar}{more}", hint, choices)
    if int in scalars:
        return Reader(_number, "N")
    return Reader(_file_or_text if files else _as_it_is, "TEXT")


def _list_reader(item: Type, choices: tuple[str, ...]) -> Reader:
    """The reader of a list, instead of which there may be one of some choices."""
    if isinstance(item, Record | Object):
        return Reader(_records(item), "OBJECT", f"{_record_hint(item)}; may be repeated", many=True)
    known = choices + tuple(str(value) for value in known_values(item))
    return Reader(_texts(choices), "A,B,…", _named(known), known, many=True)


def record_fields(described: Type) -> frozenset[str]:
    """The fields of the typed dictionaries that an argument is, or is a list of."""
    members = alternatives(described)
    items = [m.item for m in members if isinstance(m, Array)]
    return frozenset(_fields(*members, *items))


def _fields(*records: Type) -> dict[str, Type]:
    """The fields of typed dictionaries, all that any of them has."""
    fields: dict[str, Type] = {}
    for record in records:
        if isinstance(record, Record):
            fields.update(field_types(record.cls))
    return fields


def _named(choices: Sequence[str]) -> str:
    if not choices:
        return ""
    return ", ".join(choices) if len(choices) <= 20 else f"of {len(choices)} known values"


def _record_hint(*records: Type) -> str:
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
    return {k: _bound(k, str(v), f"{where}.{k}", now) for k, v in bounds.items()}


def _bound(name: str, text: str, where: str, now: datetime) -> datetime:
    """A bound of a range: what is after a period, or up to it, is so with regard to all of it."""
    found = period(text, where, now=now, whole_days=False)
    if found.end is None or name in ("gte", "lt"):
        return found.start
    return found.end - timedelta(seconds=1)  # the last that the API can tell from the next


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
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise InvalidInputError(
            f"{where}: the file {name!r} cannot be read: {reason}"
            " (for a text that begins with @, write @@)."
        ) from None


def _texts(choices: tuple[str, ...]) -> Read:
    def read(texts: Sequence[str], where: str, now: datetime) -> Any:
        items = [item for text in texts for item in split(text, where)]
        return items[0] if len(items) == 1 and items[0] in choices else items

    return read


def split(text: str, where: str) -> list[Any]:
    """What a text has that may be several: ``A,B``, or a list in JSON."""
    if text.lstrip().startswith("["):
        items = _json(text, where)
        return items if isinstance(items, list) else [items]
    return _COMMA.split(text) if text else []


def _record(*records: Type) -> Read:
    fields = _fields(*records)
    return lambda text, where, now: _object(text, where, fields)


def _records(record: Type) -> Read:
    fields = _fields(record)

    def read(texts: Sequence[str], where: str, now: datetime) -> Any:
        items: list[Any] = []
        for text in texts:
            if text.lstrip().startswith("["):
                items += split(text, where)
            else:
                items.append(_object(text, where, fields))
        return items

    return read


def _object(text: str, where: str, fields: Mapping[str, Type]) -> Any:
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
        field = fields.get(name, Anything())
        if takes_list(field) and not value.startswith("["):
            result.setdefault(name, []).append(value)
        else:
            result[name] = value if takes_text(field) and value != "null" else _guess(value)
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
        raise InvalidInputError(f"{where} is not valid JSON: {exc}.") from None
