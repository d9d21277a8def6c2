"""The one converter between the wire and the models: bytes → attrs model → wire dict.

Answers are read tolerantly: unknown fields are kept in ``extra``, unknown choices stay plain
strings, ``null`` becomes the default where there is one, and money may come as a number or as
text. Pages of usage are decoded by msgspec straight into the models, which costs about what a
bare JSON decode costs; what msgspec refuses is structured the tolerant way.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import attrs
import msgspec
from cattrs import Converter, transform_error
from cattrs.errors import AttributeValidationNote, BaseValidationError, ClassValidationError

from ..errors import APIResponseValidationError, InvalidInputError
from .fields import keyed_by, wire_fields, wire_name
from .rows import Row
from .scalars import (
    from_unix_seconds,
    read_bool,
    read_datetime,
    read_decimal,
    read_float,
    read_int,
    read_str,
)
from .types import Anything, Model, Nullable, OpenChoice, Scalar, Type, field_types
from .unions import (
    as_object,
    is_list,
    is_open_choice,
    is_plain_mapping,
    is_tagged,
    structure_list,
    structure_open_choice,
    structure_tagged,
)

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Entity:
    """A thing of the API, as the API described it.

    Attributes:
        extra: fields the API sent that this version does not know, as decoded JSON.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
    # Private: which known fields came as null, so that to_dict gives back just what came.
    _nulls: frozenset[str] = attrs.field(default=frozenset(), init=False, repr=False, eq=False)


@attrs.frozen(kw_only=True)
class Page(typing.Generic[T]):
    """One page of a listing.

    Attributes:
        data: the page's items.
        has_more: whether there are further pages; an empty page may have some.
        first_id: the id of the first item, where the listing gives it.
        last_id: the id of the last item, where the listing gives it.
        next: the next page's cursor, in listings that page by ``next``.
        next_page: the next page's cursor, in usage and costs.
        raw: the answer's bytes as they came.
    """

    data: list[T] = attrs.field(factory=list)
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None
    next: str | None = None
    next_page: str | None = None
    object: str = "list"
    raw: bytes = attrs.field(default=b"", repr=False, eq=False)

    def __iter__(self) -> typing.Iterator[T]:
        """Iterate this page's items (the pager walks the rest)."""
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def model_of(described: Type) -> type:
    """The model that a result is; of a page, that of its items.

    Raises:
        TypeError: a result of that type is not a model.
    """
    match described:
        case Model(cls, arguments=(item,)) if cls is Page:
            return model_of(item)
        case Model(cls):
            return cls
    raise TypeError(f"{described} is not a model")


# --- structuring ---------------------------------------------------------------------------


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
    """

    wire: str
    name: str
    exact: type | None
    convert: Callable[[Any], Any] | None
    hint: Any
    hook: Callable[[Any, Any], Any]
    takes_none: bool
    required: bool


_ABSENT: Any = object()


def _structure_class(cls: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """A structuring function for one attrs class: nulls, unknown fields, wire names.

    Most values are of the very type that is declared and are taken without a call, which makes a
    page of small things three times as quick.
    """
    origin = get_origin(cls) or cls
    under_keys = {a.name: key for a in wire_fields(origin) if (key := keyed_by(a))}
    fields = [_field(a, cls, converter) for a in wire_fields(origin) if a.name not in under_keys]
    known = frozenset(field.wire for field in fields)
    keeps = issubclass(origin, Entity)

    def structure(value: Any, _: Any) -> Any:
        source = value if type(value) is dict else as_object(value, origin)
        arguments: dict[str, Any] = {}
        nulls: list[str] = []
        errors: list[Exception] = []
        for wire, name, exact, convert, hint, hook, takes_none, required in fields:
            item = source.get(wire, _ABSENT)
            try:
                if type(item) is exact:
                    arguments[name] = item if convert is None else convert(item)
                elif item is _ABSENT:
                    if required:
                        raise KeyError(wire)
                elif item is None and (takes_none or not required):
                    nulls.append(wire)
                    if takes_none:
                        arguments[name] = None
                else:
                    arguments[name] = hook(item, hint)
            except Exception as exc:
                if not converter.detailed_validation:
                    raise
                exc.add_note(AttributeValidationNote(f"@ {name}", name, hint))
                errors.append(exc)
        if errors:
            raise ClassValidationError(origin.__name__, errors, origin)
        instance = origin(**arguments)
        if keeps:
            if not known.issuperset(source):
                extra = {k: v for k, v in source.items() if k not in known}
                object.__setattr__(instance, "extra", extra)
                for name, (by, variants) in under_keys.items():
                    _take_from_key(instance, extra, name, by, variants, converter)
            if nulls:
                object.__setattr__(instance, "_nulls", frozenset(nulls))
        return instance

    return structure


def _field(attribute: attrs.Attribute[Any], cls: Any, converter: Converter) -> _Field:
    origin = get_origin(cls) or cls
    hint = _filled_in(typing.get_type_hints(origin)[attribute.name], _type_arguments(cls))
    described = field_types(origin)[attribute.name]
    exact, convert = _direct(described)
    return _Field(
        wire=wire_name(attribute),
        name=attribute.name,
        exact=exact,
        convert=convert,
        hint=hint,
        hook=converter.get_structure_hook(hint),
        takes_none=isinstance(described, Nullable | Anything),
        required=attribute.default is attrs.NOTHING,
    )


def _direct(described: Type) -> tuple[type | None, Callable[[Any], Any] | None]:
    """The class whose values need no hook, and what makes the field's value of them."""
    match described:
        case Nullable(of):
            return _direct(of)
        case OpenChoice():
            return str, None
        case Scalar(kind) if kind in (str, int, float, bool):
            return kind, None
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
    """Move a `keyed` field's value from among the unknown fields to its place."""
    key = getattr(instance, by)
    value = extra.get(key)
    if value is None:  # a null stays where it is, so that to_dict gives it back
        return
    if key in variants:
        try:
            value = converter.structure(value, variants[key])
        except Exception as exc:
            if converter.detailed_validation:
                exc.add_note(AttributeValidationNote(f"@ {key}", key, variants[key]))
                raise ClassValidationError(key, [exc], type(instance)) from exc
            raise
    object.__setattr__(instance, name, value)
    del extra[key]


def _make_converter(*, detailed: bool) -> Converter:
    converter = Converter(detailed_validation=detailed)
    converter.register_structure_hook_factory(attrs.has, _structure_class)
    converter.register_structure_hook_func(is_plain_mapping, as_object)
    converter.register_structure_hook_factory(is_list, structure_list)
    converter.register_structure_hook_factory(is_tagged, structure_tagged)
    converter.register_structure_hook_factory(is_open_choice, structure_open_choice)
    converter.register_structure_hook(int, read_int)
    converter.register_structure_hook(float, read_float)
    converter.register_structure_hook(Decimal, read_decimal)
    converter.register_structure_hook(bool, read_bool)
    converter.register_structure_hook(str, read_str)
    converter.register_structure_hook(datetime, read_datetime)
    return converter


# Global: hooks are compiled once a type; the second converter only explains failures.
_converter = _make_converter(detailed=False)
_explaining = _make_converter(detailed=True)

_loads = msgspec.json.Decoder()
# Money is read from the digits on the wire, never through a binary float.
_loads_exact = msgspec.json.Decoder(float_hook=Decimal)


def structure(value: Any, into: Any) -> Any:
    """Structure decoded JSON into a model; raises what cattrs raises."""
    return _converter.structure(value, into)


def decode(raw: bytes, into: Any, *, status: int = 200, request_id: str | None = None) -> Any:
    """Decode an answer's bytes into a model, or decoded JSON where ``into`` is ``Any``.

    An answer 204 has no content: where any JSON will do, it is ``None``.

    Raises:
        APIResponseValidationError: the bytes are not valid JSON, or of another shape; ``path``
            tells where.
    """
    if status == 204 and into is Any and not raw:
        return None
    try:
        if get_origin(into) is Page:
            return _decode_page(raw, into)
        value = _loads.decode(raw)
        return value if into is Any else _converter.structure(value, into)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        message, path, is_json = f"The answer is not valid JSON: {exc}.", "$", False
        cause: Exception = exc
    except Exception as exc:  # noqa: BLE001 - cattrs without detail raises whatever a hook raises
        message, path = _explain(raw, into, exc)
        cause, is_json = exc, True
    raise APIResponseValidationError(
        message, body=raw, path=path, status=status, request_id=request_id, is_json=is_json
    ) from cause.with_traceback(None)


def _explain(raw: bytes, into: Any, error: Exception) -> tuple[str, str]:
    """What is wrong with an answer and where, found by structuring it again with detail."""
    name = getattr(into, "__name__", str(into))
    try:
        _explaining.structure(_loads.decode(raw), into)
    except BaseValidationError as exc:
        complaints = transform_error(exc)
        what, _, where = complaints[0].rpartition(" @ ")
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        return (
            f"The answer is not a valid {name}: {what or 'it cannot be read'} at {where}{more}.",
            where,
        )
    except Exception as exc:  # noqa: BLE001 - the same hooks, without detail
        error = exc
    return f"The answer is not a valid {name}: {error} at $.", "$"


def _decode_page(raw: bytes, into: Any) -> Any:
    (item,) = get_args(into)
    fast = _fast_decoder(into) if _is_row(item) else None
    if fast is not None:
        try:
            page = fast.decode(raw)
        except msgspec.ValidationError:
            page = None
        if page is not None and page.data and (page.has_more or not page.next_page):
            object.__setattr__(page, "raw", raw)
            return page
    value = (_loads_exact if fast is not None else _loads).decode(raw)
    page = _converter.structure(value, into)
    if "data" not in value:  # another answer than was asked for, not the end of the listing
        raise TypeError("it has no data")
    if value.get("has_more") is None and (page.last_id or page.next or page.next_page):
        object.__setattr__(page, "has_more", True)  # a cursor alone says that there may be more
    object.__setattr__(page, "raw", raw)
    return page


def _is_row(item: Any) -> bool:
    origin = get_origin(item) or item
    return isinstance(origin, type) and issubclass(origin, Row)


@lru_cache(maxsize=64)  # building a decoder walks the whole type; there are a dozen of them
def _fast_decoder(into: Any) -> msgspec.json.Decoder[Any]:
    # strict=False lets Unix seconds become datetimes and quoted numbers numbers.
    return msgspec.json.Decoder(into, strict=False)


# --- the way back --------------------------------------------------------------------------


def to_dict(model: Any) -> Any:
    """The wire form of a model: wire names, Unix seconds, numbers.

    What came as ``null`` is ``null`` again; an optional field that did not come is left out;
    unknown fields are back in their places. Lists and plain values are taken as well.
    """
    if attrs.has(type(model)):
        return _model_to_dict(model)
    if isinstance(model, Mapping):
        return {k: to_dict(v) for k, v in model.items()}
    if isinstance(model, list | tuple):
        return [to_dict(v) for v in model]
    if isinstance(model, datetime):
        return _seconds(model)
    if isinstance(model, Decimal):
        return int(model) if model == model.to_integral_value() else float(model)
    return model


def _model_to_dict(model: Any) -> dict[str, Any]:
    entity = model if isinstance(model, Entity) else None
    nulls = entity._nulls if entity is not None else frozenset()
    result: dict[str, Any] = {}
    for attribute in wire_fields(type(model)):
        value = getattr(model, attribute.name)
        key = keyed_by(attribute)
        name = getattr(model, key[0]) if key else wire_name(attribute)
        if name in nulls:
            result[name] = None
        elif value is not None or entity is None:
            result[name] = to_dict(value)
    if entity is not None:
        result.update(entity.extra)
    return result


def _seconds(moment: datetime) -> int | float:
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def to_json(value: Any) -> bytes:
    """JSON bytes of wire values.

    Raises:
        InvalidInputError: a value has no form in JSON.
    """
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as exc:
        raise InvalidInputError(f"The body cannot be written as JSON: {exc}.") from exc
