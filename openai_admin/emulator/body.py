"""The JSON body as the API checks it before it does anything: names, presence, types, choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any

import attrs
import msgspec

from .._wire.types import (
    Anything,
    Array,
    Choice,
    Nullable,
    Object,
    OneOf,
    OpenChoice,
    Scalar,
    Type,
)
from .._wire.types import (
    Record as TypedDictionary,
)
from .replies import (
    bad_request,
    invalid_choice,
    invalid_type,
    json_type,
    missing,
    unknown_parameter,
)
from .table import Record

_SCALARS: Mapping[type, frozenset[type]] = {
    str: frozenset({str}),
    bool: frozenset({bool}),
    int: frozenset({int}),
    float: frozenset({int, float}),
}
_NAMES = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    list: "an array",
    dict: "an object",
    NoneType: "null",
}


def read_object(content: bytes) -> Record:
    """The JSON object in a request's body, empty if there is no body, or the API's 400."""
    if not content:
        return {}
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(
            "We could not parse the JSON body of your request. (HINT: This likely means you "
            "aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, "
            f"but what was sent was not valid JSON: {error}.)"
        ) from None
    if not isinstance(value, dict):
        raise bad_request(
            f"Invalid body: expected an object, but got {json_type(value)} instead.",
            code="invalid_type",
        )
    return value


class BodyRules:
    """What the body of one operation may and must have, read from its declaration once."""

    def __init__(self, types: Mapping[str, Type], *, required: Iterable[str]) -> None:
        self._shapes = {name: _shape(described) for name, described in types.items()}
        self._required = list(required)

    def check(self, body: Record) -> None:
        """Raise the API's 400 for the first thing that is wrong with a body."""
        for name in self._required:
            if name not in body:
                raise missing(name)
        for name, value in body.items():
            shape = self._shapes.get(name)
            if shape is None:
                raise unknown_parameter(name)
            shape.check(name, value)


NO_BODY = BodyRules({}, required=())
"""Of what takes no body."""


@attrs.frozen
class _Shape:
    """What JSON a value may be: its types, the choices of a text, the items of an array."""

    kinds: frozenset[type]
    choices: tuple[str, ...] = ()
    items: _Shape | None = None

    def check(self, name: str, value: Any) -> None:
        if type(value) not in self.kinds:
            raise invalid_type(name, self._expected(), value)
        if self.choices and isinstance(value, str) and value not in self.choices:
            raise invalid_choice(name, value, self.choices)
        if self.items is not None and isinstance(value, list):
            for index, item in enumerate(value):
                self.items.check(f"{name}[{index}]", item)

    def _expected(self) -> str:
        return " or ".join(text for kind, text in _NAMES.items() if kind in self.kinds)


def _shape(described: Type) -> _Shape:
    match described:
        case Nullable(of):
            shape = _shape(of)
            return attrs.evolve(shape, kinds=shape.kinds | {NoneType})
        case OneOf(members):
            return _union([_shape(member) for member in members])
        case Choice(values):
            texts = tuple(value for value in values if isinstance(value, str))
            return _Shape(frozenset(type(value) for value in values), texts)
        case OpenChoice():
            return _Shape(_SCALARS[str])
        case TypedDictionary() | Object():
            return _Shape(frozenset({dict}))
        case Array(item):
            return _Shape(frozenset({list}), items=_shape(item))
        case Scalar(kind) if kind in _SCALARS:
            return _Shape(_SCALARS[kind])
        case Anything():
            return _Shape(frozenset(_NAMES))
    raise TypeError(f"a body cannot contain the type {described}")


def _union(shapes: list[_Shape]) -> _Shape:
    with_text = [shape for shape in shapes if str in shape.kinds]
    closed = all(shape.choices for shape in with_text)
    with_items = [shape.items for shape in shapes if list in shape.kinds]
    return _Shape(
        kinds=frozenset(kind for shape in shapes for kind in shape.kinds),
        choices=tuple(c for shape in with_text for c in shape.choices) if closed else (),
        items=with_items[0] if len(with_items) == 1 else None,
    )
