"""Between an answer's bytes and models, and between models and what is sent.

Pages of usage are decoded by msgspec straight into the models, which costs about what a bare JSON
decode costs; what msgspec refuses is structured the tolerant way, as all else is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_args, get_origin

import attrs
import msgspec

from ..errors import APIResponseValidationError, InvalidInputError
from .fields import keyed_by, wire_fields, wire_name
from .mistakes import StructureError
from .models import Entity, Page, Unreadable
from .rows import Row
from .structure import structure

_loads = msgspec.json.Decoder()
# Money is read from the digits on the wire, never through a binary float.
_loads_exact = msgspec.json.Decoder(float_hook=Decimal)


def decode(raw: bytes, into: Any, *, status: int = 200, request_id: str | None = None) -> Any:
    """Decode an answer's bytes into a model, or decoded JSON where ``into`` is ``Any``.

    An answer 204 has no content: where any JSON will do, it is ``None``.

    Raises:
        APIResponseValidationError: the bytes are not valid JSON, or of another shape; ``path``
            says where.
    """
    if status == 204 and into is Any and not raw:
        return None
    try:
        if get_origin(into) is Page:
            return _decode_page(raw, into)
        value = _loads.decode(raw)
        return value if into is Any else structure(value, into)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        message, path, is_json = f"The response is not valid JSON: {exc}.", "$", False
        cause: Exception = exc
    except (StructureError, RecursionError) as exc:
        path = exc.place if isinstance(exc, StructureError) else "$"
        message = f"The response is not a valid {getattr(into, '__name__', str(into))}: {exc}."
        cause, is_json = exc, True
    raise APIResponseValidationError(
        message, body=raw, path=path, status=status, request_id=request_id, is_json=is_json
    ) from cause.with_traceback(None)


def _decode_page(raw: bytes, into: Any) -> Any:
    (item,) = get_args(into)
    fast = _fast_decoder(into) if _is_row(item) else None
    if fast is not None:
        try:
            page = fast.decode(raw)
        except msgspec.ValidationError:
            page = None
        # `result` for `results` is a name the fast way does not know: it would find no rows.
        plain = page is not None and b'"result"' not in raw
        if plain and page.data and (page.has_more or not page.next_page):
            object.__setattr__(page, "raw", raw)
            return page
    value = (_loads_exact if fast is not None else _loads).decode(raw)
    items = _items_of(value)
    page = structure({**value, "data": []}, into)
    data, unreadable = _read_items(items, item)
    for name, found in (
        ("data", data),
        ("unreadable", unreadable),
        ("raw", raw),
        ("_ends", (_id_in(items[0]), _id_in(items[-1])) if items else (None, None)),
    ):
        object.__setattr__(page, name, found)
    if value.get("has_more") is None and (page.last_id or page.next or page.next_page):
        object.__setattr__(page, "has_more", True)  # a cursor alone says that there may be more
    return page


def _items_of(value: Any) -> list[Any]:
    """The items of a page, as decoded JSON; ``null`` is none."""
    if not isinstance(value, dict) or "data" not in value:
        raise StructureError("it has no data")  # not the answer asked for, rather than the end
    items = value["data"]
    if items is None:
        return []
    if not isinstance(items, list):
        raise StructureError(f"expected a list, not {type(items).__name__}", "data")
    return items


def _read_items(items: list[Any], into: Any) -> tuple[list[Any], list[Unreadable]]:
    """The items of a page that can be read, and those that cannot: one costs itself alone."""
    read = _read_bucket if _is_row(into) else _read_item
    data: list[Any] = []
    unreadable: list[Unreadable] = []
    for index, item in enumerate(items):
        try:
            data.append(read(item, into, index, unreadable))
        except StructureError as error:
            unreadable.append(_unreadable(item, error, "data", index))
    return data, unreadable


def _read_item(item: Any, into: Any, index: int, unreadable: list[Unreadable]) -> Any:
    return structure(item, into)


def _read_bucket(item: Any, into: Any, index: int, unreadable: list[Unreadable]) -> Any:
    """A bucket with the rows that can be read."""
    (row,) = get_args(into) or (Any,)
    bucket = structure({**item, "results": []} if isinstance(item, dict) else item, into)
    name = "results" if item.get("results") is not None else "result"
    rows = item.get(name)
    if rows is None:
        return bucket
    if not isinstance(rows, list):
        raise StructureError(f"expected a list, not {type(rows).__name__}", name)
    readable = []
    for number, each in enumerate(rows):
        try:
            readable.append(structure(each, row))
        except StructureError as error:
            unreadable.append(_unreadable(each, error, "data", index, name, number))
    return msgspec.structs.replace(bucket, results=readable)


def _unreadable(raw: Any, error: StructureError, *path: str | int) -> Unreadable:
    place = StructureError(error.reason, *path, *error.path).place
    return Unreadable(raw=raw, reason=error.reason, place=place, id=_id_in(raw))


def _id_in(item: Any) -> str | None:
    found = item.get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) else None


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

    What was received as ``null`` is ``null`` again; an optional field that was absent is left out;
    unknown fields are back in their places. Lists and plain values are accepted as well.
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
        elif entity is not None and attribute.name in entity._elsewhere:
            continue
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
        InvalidInputError: a value cannot be written as JSON.
    """
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as exc:
        raise InvalidInputError(f"The body cannot be written as JSON: {exc}.") from exc
