"""The JSON body as the API checks it before it does anything: names, presence, types, choices."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import attrs
import msgspec

from .._declare.operation import Parameter
from .replies import (
    bad_request,
    invalid_choice,
    invalid_type,
    json_type,
    missing,
    unknown_parameter,
)
from .table import Record

_SCALARS: dict[Any, frozenset[type]] = {
    str: frozenset({str}),
    bool: frozenset({bool}),
    int: frozenset({int}),
    float: frozenset({int, float}),
    Decimal: frozenset({int, float}),
    datetime: frozenset({int}),
    date: frozenset({int}),
    type(None): frozenset({type(None)}),
    Any: frozenset({str, bool, int, float, type(None), list, dict}),
}
_NAMES = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    list: "an array",
    dict: "an object",
    type(None): "null",
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

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        parameters = list(parameters)
        self._shapes = {p.wire: _shape(p.annotation) for p in parameters}
        self._required = [p.wire for p in parameters if p.required]

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


def _shape(annotation: Any) -> _Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0])
    if origin in (Union, types.UnionType):
        return _union([_shape(argument) for argument in arguments])
    if origin is Literal:
        texts = tuple(choice for choice in arguments if isinstance(choice, str))
        return _Shape(frozenset(type(choice) for choice in arguments), texts)
    kind = origin or annotation
    if typing.is_typeddict(kind) or (isinstance(kind, type) and issubclass(kind, Mapping)):
        return _Shape(frozenset({dict}))
    if isinstance(kind, type) and issubclass(kind, Sequence) and kind is not str:
        return _Shape(frozenset({list}), items=_shape(arguments[0]) if arguments else None)
    return _Shape(_SCALARS[kind])


def _union(shapes: list[_Shape]) -> _Shape:
    with_text = [shape for shape in shapes if str in shape.kinds]
    closed = all(shape.choices for shape in with_text)
    with_items = [shape.items for shape in shapes if list in shape.kinds]
    return _Shape(
        kinds=frozenset(kind for shape in shapes for kind in shape.kinds),
        choices=tuple(c for shape in with_text for c in shape.choices) if closed else (),
        items=with_items[0] if len(with_items) == 1 else None,
    )
