"""How objects and unions are read from the wire: tolerantly, but never as something else.

Each ``structure_…`` makes a cattrs hook for the types that its ``is_…`` knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

from cattrs import Converter

from .mistakes import StructureError, kind_of
from .scalars import read_str
from .types import Anything, Array, Model, Nullable, Object, OneOf, alternatives, read, takes_text

T = TypeVar("T")

# Private: the attribute by which `tagged` marks a class.
_TAG = "__wire_tag__"


def as_object(value: Any, _: Any = dict) -> dict[str, Any]:
    """A decoded JSON object."""
    if not isinstance(value, dict):
        raise StructureError(f"expected an object, not {kind_of(value)}")
    return value


def is_open_choice(hint: Any) -> bool:
    """``Literal["a", "b"] | str``, perhaps with ``None`` or a list: documents known values."""
    described = read(hint)
    rest = [a for a in alternatives(described) if not takes_text(a) and not isinstance(a, Array)]
    return takes_text(described) and not rest


def structure_open_choice(hint: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """Text, known or not; the list where there may be one."""
    nullable = isinstance(read(hint), Nullable)
    several = next((a for a in get_args(hint) if is_list(a)), None)

    def structure(value: Any, _: Any) -> Any:
        if value is None and nullable:
            return None
        if several is not None and isinstance(value, list):
            return converter.structure(value, several)
        return read_str(value)

    return structure


def is_tagged(hint: Any) -> bool:
    """A union of models that a field of theirs tells apart (see `tagged`)."""
    return isinstance(read(hint), Nullable | OneOf) and bool(_variants(hint))


def _variants(hint: Any) -> dict[tuple[str, str], type]:
    models = [a.cls for a in alternatives(read(hint)) if isinstance(a, Model)]
    return {getattr(cls, _TAG): cls for cls in models if hasattr(cls, _TAG)}


def tagged(field: str, value: str) -> Callable[[type[T]], type[T]]:
    """Mark a model as the variant of a union whose ``field`` has this value on the wire.

    In a union of such models, a value that none of them claims is structured as the union's
    plain ``dict`` member.
    """

    def mark(cls: type[T]) -> type[T]:
        setattr(cls, _TAG, (field, value))
        return cls

    return mark


def structure_tagged(hint: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """The variant that the value's tag names, else the plain object."""
    variants = _variants(hint)
    fields = {field for field, _ in variants}
    nullable = isinstance(read(hint), Nullable)

    def structure(value: Any, _: Any) -> Any:
        if value is None and nullable:
            return None
        source = as_object(value)
        for field in fields:
            tag = source.get(field)
            variant = variants.get((field, tag)) if isinstance(tag, str) else None
            if variant is not None:
                return converter.structure(source, variant)
        return source

    return structure


def is_plain_mapping(hint: Any) -> bool:
    """An object without further description."""
    described = read(hint)
    return isinstance(described, Object) and isinstance(described.value, Anything)


def is_list(hint: Any) -> bool:
    """A list of anything."""
    return isinstance(read(hint), Array)
