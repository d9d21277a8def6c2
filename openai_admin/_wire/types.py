"""The one reader of type hints: what an annotation says, as a small description.

A hint is read once, where something is declared. Argument rules, structuring, the command line,
the MCP server's schemas, the emulator's bodies and the export's columns work from what `read`
gives, with ``match``. Its classes are structs, since attrs takes much longer to make that many
when this is imported.
"""

from __future__ import annotations

import itertools
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
import msgspec
from msgspec.structs import replace

M = TypeVar("M")

_NUMBERS = frozenset({int, float, Decimal})
_SCALARS = _NUMBERS | {str, bool, bytes, datetime, date}


class Bounds(msgspec.Struct, frozen=True):
    """The least and the most that are allowed, both inclusive; ``None`` leaves a side open."""

    least: float | None = None
    most: float | None = None


class Type(msgspec.Struct, frozen=True, kw_only=True):
    """What a value may be.

    Attributes:
        marks: what else an ``Annotated`` hint was given; bounds are not among them.
    """

    marks: tuple[Any, ...] = ()

    def mark(self, kind: type[M]) -> M | None:
        """The first mark of a class."""
        return next((m for m in self.marks if isinstance(m, kind)), None)


class Anything(Type, frozen=True):
    """Any value."""


class Null(Type, frozen=True):
    """``None`` alone."""


class Time(Type, frozen=True):
    """A moment in any of the forms that an argument takes; as a mark, its hint is read as this."""


class Scalar(Type, frozen=True):
    """One value of a class; bounds are of a number, or of how many characters a text has."""

    kind: type
    bounds: Bounds = Bounds()


class Choice(Type, frozen=True):
    """One of some values."""

    values: tuple[Any, ...]


class OpenChoice(Type, frozen=True):
    """Any text; some values are known."""

    values: tuple[str, ...]
    bounds: Bounds = Bounds()


class Array(Type, frozen=True):
    """A list; bounds are of how many items it has."""

    item: Type
    bounds: Bounds = Bounds()


class Tuple(Type, frozen=True):
    """A pair or the like, of a fixed length."""

    items: tuple[Type, ...]


class Object(Type, frozen=True):
    """A mapping from any names to values."""

    value: Type


class Record(Type, frozen=True):
    """A typed dictionary; `field_types` has its fields."""

    cls: Any

    @property
    def required(self) -> frozenset[str]:
        """The fields that it must have."""
        names: frozenset[str] = self.cls.__required_keys__
        return names


class Model(Type, frozen=True):
    """An attrs class, with its type arguments; `field_types` has its fields."""

    cls: type
    arguments: tuple[Type, ...] = ()


class Variable(Type, frozen=True):
    """A type that is an argument of a generic model."""

    variable: TypeVar


class Nullable(Type, frozen=True):
    """``None``, or what else it says."""

    of: Type


class OneOf(Type, frozen=True):
    """One of two or more types."""

    members: tuple[Type, ...]


class Unknown(Type, frozen=True):
    """A hint that nothing here can read."""

    hint: Any


def read(hint: Any) -> Type:
    """What a type hint says.

    Raises:
        TypeError: it has a bound that no reader knows, such as one that excludes its own value.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(read(arguments[0]), arguments[1:])
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is Literal:
        return Choice(arguments)
    if hint is Any or hint is object:
        return Anything()
    if isinstance(hint, TypeVar):
        return Variable(hint)
    return _of_class(hint, origin or hint, [read(a) for a in arguments if a is not ...])


def _of_class(hint: Any, cls: Any, arguments: Sequence[Type]) -> Type:
    if not isinstance(cls, type):
        return Unknown(hint)
    if cls in _SCALARS:
        return Scalar(cls)
    if cls is types.NoneType:
        return Null()
    if typing.is_typeddict(cls):
        return Record(cls)
    if attrs.has(cls):
        return Model(cls, tuple(arguments))
    if issubclass(cls, tuple) and ... not in get_args(hint):
        return Tuple(tuple(arguments))
    if issubclass(cls, Mapping):
        return Object(arguments[1] if arguments else Anything())
    if cls is Iterable or issubclass(cls, Sequence):
        return Array(arguments[0] if arguments else Anything())
    return Unknown(hint)


def _union(hints: Sequence[Any]) -> Type:
    members = [read(h) for h in hints if h is not types.NoneType]
    if Scalar(str) in members:  # beside text, choices only document
        known = tuple(v for m in members if isinstance(m, Choice) for v in m.values)
        rest = [m for m in members if m != Scalar(str) and not isinstance(m, Choice)]
        members = [OpenChoice(known) if known else Scalar(str), *rest]
    made = members[0] if len(members) == 1 else OneOf(tuple(members))
    return Nullable(made) if types.NoneType in hints else made


def _annotated(inner: Type, marks: Sequence[Any]) -> Type:
    # Imported here, for its classes take time to make; who sets bounds has imported it.
    from annotated_types import BaseMetadata, Ge, Interval, Le, Len, MaxLen, MinLen

    size: dict[str, Any] = {}
    length: dict[str, Any] = {}
    others: list[Any] = []
    grouped = (m if isinstance(m, Interval | Len) else (m,) for m in marks)
    for mark in itertools.chain.from_iterable(grouped):
        match mark:
            case Time():
                inner = mark
            case Ge(ge=least):
                size["least"] = least
            case Le(le=most):
                size["most"] = most
            case MinLen(min_length=least):
                length["least"] = least
            case MaxLen(max_length=most):
                length["most"] = most
            case BaseMetadata():
                raise TypeError(f"{mark} cannot be read: use Ge, Le, MinLen or MaxLen")
            case _:
                others.append(mark)
    if size or length:
        inner = _bounded(inner, Bounds(**size), Bounds(**length))
    return replace(inner, marks=(*inner.marks, *others))


def _bounded(inner: Type, size: Bounds, length: Bounds) -> Type:
    match inner:
        case Nullable(of):
            return replace(inner, of=_bounded(of, size, length))
        case OneOf(members):
            return replace(inner, members=tuple(_bounded(m, size, length) for m in members))
        case Scalar(kind) if kind in _NUMBERS:
            return replace(inner, bounds=size)
        case Scalar() | OpenChoice() | Array():
            return replace(inner, bounds=length)
        case _:
            return inner


@cache  # resolving names costs more than all else here, and a class does not change
def field_types(cls: Any) -> Mapping[str, Type]:
    """What the fields of a typed dictionary or of a model may be, by their names in Python."""
    return {n: read(h) for n, h in typing.get_type_hints(cls, include_extras=True).items()}


def not_empty(described: Type) -> Type:
    """The type, with at least one item where it is a list."""
    match described:
        case Nullable(of):
            return replace(described, of=not_empty(of))
        case Array(bounds=Bounds(least=None) as bounds):
            return replace(described, bounds=replace(bounds, least=1))
        case _:
            return described


def alternatives(described: Type) -> tuple[Type, ...]:
    """The types that a value may be one of, ``None`` left out."""
    match described:
        case Nullable(of):
            return alternatives(of)
        case OneOf(members):
            return tuple(a for m in members for a in alternatives(m))
        case _:
            return (described,)


def known_values(described: Type) -> tuple[Any, ...]:
    """The values that a type names, not counting those of a list's items."""
    named = [a for a in alternatives(described) if isinstance(a, Choice | OpenChoice)]
    return tuple(v for a in named for v in a.values)


def takes_text(described: Type) -> bool:
    """Whether any text will do."""
    return any(
        isinstance(a, OpenChoice) or (isinstance(a, Scalar) and a.kind is str)
        for a in alternatives(described)
    )


def takes_list(described: Type) -> bool:
    """Whether a list will do."""
    return any(isinstance(a, Array) for a in alternatives(described))
