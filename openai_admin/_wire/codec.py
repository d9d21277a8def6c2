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
from .fields import is_secret, keyed_by, wire_fields, wire_name
from .mistakes import StructureError
from .models import Entity, Page
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
        plain = page is not None and (
            all(bucket.results for bucket in page.data) or b'"result"' not in raw
        )
        if plain and page.data and (page.has_more or not page.next_page):
            object.__setattr__(page, "raw", raw)
            return page
    value = (_loads_exact if fast is not None else _loads).decode(raw)
    if not isinstance(value, dict) or "data" not in value:
        raise StructureError("it has no data")  # not the answer asked for, rather than the end
    if fast is not None:
        _read_result_as_results(value["data"])
    page = structure(value, into)
    if value.get("has_more") is None and (page.last_id or page.next or page.next_page):
        object.__setattr__(page, "has_more", True)  # a cursor alone says that there may be more
    object.__setattr__(page, "raw", raw)
    return page


def _read_result_as_results(buckets: Any) -> None:
    """Let buckets have their rows under ``results``; they have come under ``result`` too."""
    for bucket in buckets if isinstance(buckets, list) else ():
        if isinstance(bucket, dict) and bucket.get("results") is None and "result" in bucket:
            bucket["results"] = bucket["result"]


def _is_row(item: Any) -> bool:
    origin = get_origin(item) or item
    return isinstance(origin, type) and issubclass(origin, Row)


@lru_cache(maxsize=64)  # building a decoder walks the whole type; there are a dozen of them
def _fast_decoder(into: Any) -> msgspec.json.Decoder[Any]:
    # strict=False lets Unix seconds become datetimes and quoted numbers numbers.
    return msgspec.json.Decoder(into, strict=False)


# --- the way back --------------------------------------------------------------------------


def to_dict(model: Any, *, secrets: bool = False) -> Any:
    """The wire form of a model: wire names, Unix seconds, numbers.

    What was received as ``null`` is ``null`` again; what was absent is left out; unknown fields,
    and those of another type than described, are back in their places. Lists and plain values are
    accepted as well.

    Args:
        model: what to write.
        secrets: whether one-time secrets are written too; by default they are left out.
    """
    if attrs.has(type(model)):
        return _model_to_dict(model, secrets)
    if isinstance(model, Mapping):
        return {k: to_dict(v, secrets=secrets) for k, v in model.items()}
    if isinstance(model, list | tuple):
        return [to_dict(v, secrets=secrets) for v in model]
    if isinstance(model, datetime):
        return _seconds(model)
    if isinstance(model, Decimal):
        return int(model) if model == model.to_integral_value() else float(model)
    return model


def _model_to_dict(model: Any, secrets: bool) -> dict[str, Any]:
    entity = model if isinstance(model, Entity) else None
    nulls = entity._nulls if entity is not None else frozenset()
    not_sent = entity._not_sent if entity is not None else frozenset()
    result: dict[str, Any] = {}
    for attribute in wire_fields(type(model)):
        if not secrets and is_secret(attribute):
            continue
        value = getattr(model, attribute.name)
        key = keyed_by(attribute)
        name = getattr(model, key[0]) if key else wire_name(attribute)
        if name in nulls:
            result[name] = None
        elif entity is None or (value is not None and attribute.name not in not_sent):
            result[name] = to_dict(value, secrets=secrets)
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
