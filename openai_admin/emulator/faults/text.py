"""Faults as text, for command lines: `KIND[:GLOB[:OPTION,…]]`.

::

    latency:*:seconds=200ms,jitter=100ms
    503:projects.*:times=2,body=html
    rate-limit:usage.*:limit=8,window=60s,headers
    drop:projects.create:rate=0.2,after-effect
    reset::only=2+5
    odd:invites.list:invited_at
    odd:audit_logs.list:payload_list,actor_text,share=0.01
    lookback:usage.costs:days=90
    grouping:usage.costs:fields=user_id+api_source,param=no
    other-refusal:projects.*:code=project_archived,status=404
    not-yet-visible:projects.*:seconds=2s,in-listings=no
    unseen-at-first::looks=2
    late-events::seconds=5m,share=0.1
    future-events:audit_logs.list:seconds=1h,share=0.02

A kind is a status or one of `KINDS`. The glob is over operation names, all if it is empty. The
options are the fault's own fields, with hyphens; a flag needs no value. Those of `odd` are the
names of `ODD_ANSWERS` as well; without one it is all that an operation can give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ..._wire.types import Array, Choice, Nullable, Scalar, Type, field_types
from ...errors import InvalidInputError
from .broken_bodies import BadChunks, BrokenGzip, Stall, Truncate, WrongLength
from .connection import Drop, Refuse, Reset
from .cursors import ExpiredCursor, MissingCursor, RepeatedCursor, StrictCursor
from .event_times import FutureEvents, LateEvents
from .fault import TEXT, WORDS, Fault
from .odd import Odd
from .owners import OwnerLeft, UndeletableKeys
from .payloads import (
    CutJSON,
    Nulls,
    OtherShape,
    StringAmounts,
    UnknownEvents,
    UnknownFields,
    UnknownValues,
)
from .rate_limit import RateLimit
from .refusals import (
    FeatureOff,
    Grouping,
    Lookback,
    MissingScope,
    OtherRefusal,
    ProjectFails,
    TooWide,
)
from .status import Redirect, Status
from .timing import ClockSkew, Latency
from .visibility import NotYetVisible, UnseenAtFirst

KINDS: Mapping[str, type[Fault]] = {
    "bad-chunks": BadChunks,
    "broken-gzip": BrokenGzip,
    "clock-skew": ClockSkew,
    "cut-json": CutJSON,
    "drop": Drop,
    "expired-cursor": ExpiredCursor,
    "feature-off": FeatureOff,
    "future-events": FutureEvents,
    "grouping": Grouping,
    "late-events": LateEvents,
    "latency": Latency,
    "lookback": Lookback,
    "missing-cursor": MissingCursor,
    "missing-scope": MissingScope,
    "not-yet-visible": NotYetVisible,
    "nulls": Nulls,
    "odd": Odd,
    "other-refusal": OtherRefusal,
    "other-shape": OtherShape,
    "owner-left": OwnerLeft,
    "project-fails": ProjectFails,
    "rate-limit": RateLimit,
    "redirect": Redirect,
    "refuse": Refuse,
    "repeated-cursor": RepeatedCursor,
    "reset": Reset,
    "stall": Stall,
    "strict-cursor": StrictCursor,
    "string-amounts": StringAmounts,
    "too-wide": TooWide,
    "truncate": Truncate,
    "undeletable-keys": UndeletableKeys,
    "unknown-events": UnknownEvents,
    "unknown-fields": UnknownFields,
    "unknown-values": UnknownValues,
    "unseen-at-first": UnseenAtFirst,
    "wrong-length": WrongLength,
}
"""The faults by their names in text; `Status` is named by its number."""

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(ms|s|m|h|d|)")
_WORDS = {"yes": True, "no": False, "true": True, "false": False}


def parse_fault(text: str) -> Fault:
    """The fault that a text describes.

    Raises:
        InvalidInputError: it is not a fault; the message is one sentence that names the choices.
    """
    kind, _, rest = text.strip().partition(":")
    glob, options = _split(rest)
    values: dict[str, Any] = {"match": glob} if glob else {}
    if re.fullmatch(r"[2-5]\d\d", kind):
        cls: type[Fault] = Status
        values["status"] = int(kind)
    elif kind in KINDS:
        cls = KINDS[kind]
    else:
        raise InvalidInputError(
            f"There is no fault {kind!r}: give a status such as 503, or one of {_listed(KINDS)}."
        )
    fields = _options(cls)
    words = next((f for f in attrs.fields(cls) if WORDS in f.metadata), None)
    for option in filter(None, options.split(",")):
        name, given, value = option.partition("=")
        name = name.strip()
        if words is not None and name not in fields:
            values[words.name] = (*values.get(words.name, ()), _word(words, kind, glob, name))
            continue
        if name not in fields:
            raise InvalidInputError(
                f"The fault {kind!r} has no option {name!r}: give {_listed(fields)}."
            )
        field, described = fields[name]
        if field.name in values:
            raise InvalidInputError(f"The fault {kind!r} has the option {name!r} twice.")
        try:
            values[field.name] = _value(field, described, value.strip() if given else None)
        except ValueError as error:
            raise InvalidInputError(f"{name} of the fault {kind!r} must be {error}.") from None
    for name, (field, _) in fields.items():
        if field.default is attrs.NOTHING and field.name not in values:
            raise InvalidInputError(
                f"The fault {kind!r} needs {name}: write {kind}:{glob or '*'}:{name}=VALUE."
            )
    try:
        return cls(**values)
    except ValueError as error:
        raise InvalidInputError(f"The fault {text!r} is not valid: {error.args[0]}.") from None


def _word(field: attrs.Attribute[Any], kind: str, glob: str, word: str) -> str:
    known = field.metadata[WORDS](glob or "*")
    if word not in known:
        which = f" of {glob}" if glob else ""
        raise InvalidInputError(
            f"The fault {kind!r}{which} has no option {word!r}: give {_listed(known)}."
        )
    return word


def _split(rest: str) -> tuple[str, str]:
    glob, _, options = rest.partition(":")
    if "=" in glob or "," in glob:
        raise InvalidInputError(
            f"{glob!r} is not a glob over operation names: write KIND:GLOB:OPTION=VALUE."
        )
    return glob.strip(), options


def _options(cls: type[Fault]) -> dict[str, tuple[attrs.Attribute[Any], Type]]:
    """The fields that text can set, by their names in it."""
    types = field_types(cls)
    return {
        field.name.replace("_", "-"): (field, types[field.name])
        for field in sorted(attrs.fields(cls), key=lambda field: field.name)
        if field.metadata.get(TEXT) != {}
    }


def shared_options() -> list[str]:
    """The names in text of the options that every fault has."""
    return sorted(f.name for f in attrs.fields(Fault) if f.metadata.get(TEXT) != {})


def own_options(cls: type[Fault]) -> list[str]:
    """The names in text of the options that a fault has beside those."""
    return [name for name in _options(cls) if name not in shared_options()]


def _value(field: attrs.Attribute[Any], described: Type, text: str | None) -> Any:
    """What an option means; a `ValueError` says what it must be."""
    if TEXT in field.metadata:
        return field.metadata[TEXT][_one_of(text, field.metadata[TEXT])]
    match described:
        case Nullable(of):
            return _value(field, of, text)
        case Choice(values):
            return _one_of(text, values)
        case Scalar(kind) if kind is bool:
            return True if text is None else _WORDS[_one_of(text.lower(), _WORDS)]
        case Scalar() | Array() if not text:
            raise ValueError("given a value")
        case Array(item=Scalar(kind)):
            return tuple(_scalar(kind, part) for part in (text or "").split("+"))
        case Scalar(kind):
            return _scalar(kind, text or "")
    raise TypeError(f"the option {field.name} cannot be given as text: it is {described}")


def _scalar(kind: type, text: str) -> Any:
    if kind is int:
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise ValueError(f"a whole number, not {text!r}")
        return int(text)
    if kind is float:
        number = _NUMBER.fullmatch(text)
        if number is None:
            raise ValueError(f"a number, for a time with ms, s, m, h or d, not {text!r}")
        return float(number[1]) * _UNITS[number[2]]
    return text


def _one_of(text: str | None, choices: Iterable[str]) -> str:
    known = list(choices)
    if text not in known:
        raise ValueError(f"one of {_listed(known)}, not {text!r}")
    return text


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
