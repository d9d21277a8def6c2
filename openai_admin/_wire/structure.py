"""Decoded JSON into models, tolerantly: what cattrs does with each type of field.

Unknown fields are kept in ``extra``, unknown choices stay plain text, and ``null`` becomes the
default where there is one. A field that cannot be read costs itself, unless it identifies.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import attrs
from cattrs import Converter

from .fields import Alias, aliases_of, keyed_by, secrets_in, wire_fields, wire_name
from .mistakes import StructureError, kind_of
from .models import Entity, Page, Unreadable
from .scalars import (
    from_unix_seconds,
    read_bool,
    read_datetime,
    read_decimal,
    read_float,
    read_int,
    read_str,
)
from .types import Anything, Nullable, OpenChoice, Scalar, Type, field_types, read
from .unions import (
    as_object,
    is_list,
    is_open_choice,
    is_plain_mapping,
    is_tagged,
    structure_open_choice,
    structure_tagged,
)

Hook = Callable[[Any, Any], Any]
"""Reads a value of a type: called with the value and the type."""
Path = tuple[str | int, ...]
ItemReader = Callable[[Any, Any, Hook, Path, list[Unreadable]], Any]
"""Reads an item of a page: its JSON, its type, the type's hook, its path, and where to note it."""

_CURSORS = ("first_id", "last_id", "next", "next_page")


class _Field(NamedTuple):
    """How one field of a model is read; private, made once a class.

    Attributes:
        wire: its name on the wire.
        name: its name in Python.
        exact: the class of a value that needs no hook.
        convert: makes the field's value of such a one; ``None`` where it is taken as it is.
        hint: its type.
        hook: reads any other value.
        takes_none: whether ``None`` is a value of it.
        required: whether it must be there.
        others: where else its value has been found.
    """

    wire: str
    name: str
    exact: type | None
    convert: Callable[[Any], Any] | None
    hint: Any
    hook: Callable[[Any, Any], Any]
    takes_none: bool
    required: bool
    others: tuple[Alias, ...]


_ABSENT: Any = object()


def _structure_class(cls: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """A structuring function for one attrs class: nulls, unknown fields, wire names.

    Most values are of the very type that is declared and are taken without a call, which makes a
    page of small things three times as quick. A field of another type than declared costs itself:
    it is ``None``, and its value is kept in ``extra``. Only what is required must be right, and
    what has a one-time secret in it, which must not end among the fields that are shown.
    """
    origin = get_origin(cls) or cls
    under_keys = {a.name: key for a in wire_fields(origin) if (key := keyed_by(a))}
    fields = [_field(a, cls, converter) for a in wire_fields(origin) if a.name not in under_keys]
    known = frozenset(field.wire for field in fields)
    keeps = issubclass(origin, Entity)

    def structure(value: Any, _: Any) -> Any:
        source = value if type(value) is dict else as_object(value)
        arguments: dict[str, Any] = {}
        nulls: list[str] = []
        odd: dict[str, Any] = {}
        not_sent: list[str] = []
        for (
            wire,
            name,
            exact,
            convert,
            hint,
            hook,
            takes_none,
            required,
            others,
        ) in fields:
            item = source.get(wire, _ABSENT)
            if others and (item is _ABSENT or item is None):
                found = next((v for other in others if (v := other(source)) is not None), None)
                if found is not None:
                    not_sent.append(name)
                    if item is None:
                        nulls.append(wire)
                    item = found
            try:
                if type(item) is exact:
                    arguments[name] = item if convert is None else convert(item)
                elif item is _ABSENT:
                    if required:
                        raise StructureError("required field missing")
                    not_sent.append(name)
                elif item is None and (takes_none or not required):
                    nulls.append(wire)
                    if takes_none:
                        arguments[name] = None
                else:
                    arguments[name] = hook(item, hint)
            except Exception as exc:  # noqa: BLE001 - hooks raise whatever they raise
                # What identifies may be absent here and there, but is never something else.
                fatal = required or name == "id" or not keeps
                if fatal or any(secrets_in(item, read(hint))):
                    raise StructureError.of(exc, hint, wire) from None
                arguments[name] = None
                if source.get(wire) is not None:
                    odd[wire] = source[wire]
        instance = origin(**arguments)
        if keeps:
            if odd or not known.issuperset(source):
                extra = {k: v for k, v in source.items() if k not in known} | odd
                object.__setattr__(instance, "extra", extra)
                for name, (by, variants) in under_keys.items():
                    _take_from_key(instance, extra, name, by, variants, converter)
            if nulls:
                object.__setattr__(instance, "_nulls", frozenset(nulls))
            if not_sent:
                object.__setattr__(instance, "_not_sent", frozenset(not_sent))
        return instance

    return structure


def filled_hints(cls: Any) -> dict[str, Any]:
    """The types of a model's fields, with its type arguments in place of its type variables."""
    given = _type_arguments(cls)
    hints = typing.get_type_hints(get_origin(cls) or cls)
    return {name: _filled_in(hint, given) for name, hint in hints.items()}


def _field(attribute: attrs.Attribute[Any], cls: Any, converter: Converter) -> _Field:
    origin = get_origin(cls) or cls
    hint = _filled_in(typing.get_type_hints(origin)[attribute.name], _type_arguments(cls))
    described = field_types(origin)[attribute.name]
    exact, convert = _direct(described)
    defaults = attribute.default not in (None, attrs.NOTHING)
    return _Field(
        wire=wire_name(attribute),
        name=attribute.name,
        exact=exact,
        convert=convert,
        hint=hint,
        hook=converter.get_structure_hook(hint),
        takes_none=isinstance(described, Nullable | Anything) and not defaults,
        required=attribute.default is attrs.NOTHING,
        others=aliases_of(attribute),
    )


def _direct(described: Type) -> tuple[type | None, Callable[[Any], Any] | None]:
    """The class whose values need no hook, and what makes the field's value of them."""
    match described:
        case Nullable(of):
            return _direct(of)
        case OpenChoice():
            return str, None
        case Scalar(kind) if kind in (str, float, bool):
            return kind, None
        case Scalar(kind) if kind is int:
            return int, read_int
        case Scalar(kind) if kind is datetime:
            return int, from_unix_seconds
    return None, None


def _type_arguments(cls: Any) -> dict[Any, Any]:
    """What a class, and each of its bases, was given for its type variables."""
    given: dict[Any, Any] = {}
    bases = [cls]
    for base in bases:
        origin = get_origin(base) or base
        variables = getattr(origin, "__parameters__", ())
        given |= dict(zip(variables, (given.get(a, a) for a in get_args(base)), strict=False))
        bases += getattr(origin, "__orig_bases__", ())
    return given


def _filled_in(hint: Any, given: Mapping[Any, Any]) -> Any:
    """A field's type with its class's type arguments; what none was given for may be anything."""
    if isinstance(hint, TypeVar):
        return given.get(hint, Any)
    variables = getattr(hint, "__parameters__", ())
    return hint[tuple(given.get(v, Any) for v in variables)] if variables else hint


def _take_from_key(
    instance: Any,
    extra: dict[str, Any],
    name: str,
    by: str,
    variants: Mapping[str, Any],
    converter: Converter,
) -> None:
    """Move a `keyed` field's value from among the unknown fields to its place.

    A value that is not what the key says stays where it is.
    """
    key = getattr(instance, by)
    value = extra.get(key)
    if value is None:  # a null stays where it is, so that to_dict gives it back
        return
    if key in variants:
        try:
            value = converter.structure(value, variants[key])
        except Exception:  # noqa: BLE001 - hooks raise whatever they raise
            return
    object.__setattr__(instance, name, value)
    del extra[key]


def _structure_list(hint: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """A list, and nothing else that could be iterated: a text, an object."""
    item = (get_args(hint) or (Any,))[0]
    hook = converter.get_structure_hook(item)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise StructureError(f"expected a list, not {kind_of(value)}")
        items = []
        for index, each in enumerate(value):
            try:
                items.append(hook(each, item))
            except Exception as exc:  # noqa: BLE001 - hooks raise whatever they raise
                raise StructureError.of(exc, item, index) from None
        return items

    return structure


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_structure_hook_factory(attrs.has, _structure_class)
    converter.register_structure_hook_func(is_plain_mapping, as_object)
    converter.register_structure_hook_factory(is_list, _structure_list)
    converter.register_structure_hook_factory(is_tagged, structure_tagged)
    converter.register_structure_hook_factory(is_open_choice, structure_open_choice)
    converter.register_structure_hook(int, read_int)
    converter.register_structure_hook(float, read_float)
    converter.register_structure_hook(Decimal, read_decimal)
    converter.register_structure_hook(bool, read_bool)
    converter.register_structure_hook(str, read_str)
    converter.register_structure_hook(datetime, read_datetime)
    return converter


# Global: hooks are compiled once a type.
_converter = _make_converter()


def hook_of(hint: Any) -> Hook:
    """What reads values of a type."""
    return _converter.get_structure_hook(hint)


def structure(value: Any, into: Any) -> Any:
    """Structure decoded JSON into a model.

    Raises:
        StructureError: it lacks what identifies it, or is of another shape altogether.
    """
    try:
        return _converter.structure(value, into)
    except RecursionError:
        raise
    except Exception as exc:  # noqa: BLE001 - hooks raise whatever they raise
        raise StructureError.of(exc, into) from None


# --- pages -----------------------------------------------------------------------------------


def structure_page(
    value: Any, into: Any, read_item: ItemReader, *, nullable: bool = False
) -> Page[Any]:
    """Structure the decoded JSON of a page, item by item.

    Args:
        value: the decoded JSON.
        into: the page's type.
        read_item: reads an item.
        nullable: whether null in place of the items is known to happen, and dealt with by whoever
            walks the pages; else it is noted, since it does not say that there are no items.

    Raises:
        StructureError: it is not a page: an object with ``data``, a list or null.
    """
    if not isinstance(value, dict) or "data" not in value:
        raise StructureError("it has no data")  # not the answer asked for, rather than the end
    items = value["data"]
    if items is not None and not isinstance(items, list):
        raise StructureError(f"expected a list, not {kind_of(items)}", "data")
    notes: list[Unreadable] = []
    if items is None and not nullable:
        notes.append(Unreadable(raw=None, reason="null in place of a list", path=("data",)))
    (item,) = get_args(into)
    hook = hook_of(item)
    data = []
    for index, each in enumerate(items or ()):
        found = read_item(each, item, hook, ("data", index), notes)
        if found is not None:
            data.append(found)
    page: Page[Any] = Page(data=data, has_more=False, unreadable=notes)
    fields: dict[str, Any] = {name: _text(value.get(name)) for name in _CURSORS}
    kind = _text(value.get("object"))
    if kind is not None:
        fields["object"] = kind
    return attrs.evolve(page, has_more=_has_more(value, fields), **fields)


def _has_more(value: dict[str, Any], fields: dict[str, Any]) -> bool:
    """Whether more follows; where the page does not say so, a cursor says that there may be."""
    more = value.get("has_more")
    if isinstance(more, str):
        more = {"true": True, "false": False}.get(more.lower())
    if isinstance(more, bool):
        return more
    return any(fields[name] for name in ("last_id", "next", "next_page"))


def _text(value: Any) -> str | None:
    """A cursor or a name; what is neither text nor a number is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def read_item(value: Any, hint: Any, hook: Hook, path: Path, notes: list[Unreadable]) -> Any:
    """An item of a page; one that cannot be read is noted, and ``None``."""
    try:
        return hook(value, hint)
    except RecursionError:
        raise
    except Exception as exc:  # noqa: BLE001 - hooks raise whatever they raise
        error = StructureError.of(exc, hint)
        within = "" if not error.path else f" at {error.place.removeprefix('$.')}"
        id = value.get("id") if isinstance(value, dict) else None
        notes.append(
            Unreadable(
                raw=value,
                reason=error.reason + within,
                path=path,
                id=id if isinstance(id, str) else None,
            )
        )
        return None
