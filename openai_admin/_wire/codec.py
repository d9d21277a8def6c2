"""Between an answer's bytes and models, and between models and what is sent.

Pages of usage are decoded by msgspec straight into the models, which costs about what a bare JSON
decode costs; what msgspec refuses is structured the tolerant way, as all else is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import attrs
import msgspec

from ..errors import APIResponseValidationError, InvalidInputError
from .answered import Answered
from .buckets import need_care, read_bucket
from .fields import aliases_of, fields_to_write, keyed_by
from .foreign import is_web_page
from .lenient import REFUSED, read_leniently
from .mistakes import StructureError
from .models import Entity, Page, Unreadable
from .parts import Rows, by_bucket, in_parts, loads_exact, object_in_parts
from .portable import WrittenAs
from .rows import Row
from .scalars import digits
from .structure import read_item, structure, structure_page

LARGE = 256 * 1024
"""Answers of more bytes are decoded beside the event loop."""
_VERY_LARGE = 4 * 2**20  # the decoder holds the interpreter for some 10 ms, in whatever thread

_WEB_PAGE = (
    "is a web page, not JSON: a proxy or a login page answered, or the base address is not the"
    " API's."
)

_loads = msgspec.json.Decoder()


def decode(
    raw: bytes,
    into: Any,
    *,
    operation: str = "",
    status: int = 200,
    request_id: str | None = None,
) -> Any:
    """Decode an answer's bytes into a model, or decoded JSON where ``into`` is ``Any``.

    What of a page cannot be read is in its `unreadable`; all else of it is there. An answer 204
    has no content: where any JSON will do, it is ``None``.

    Args:
        raw: the answer's bytes.
        into: the type.
        operation: the operation that was answered, for the error's sentence.
        status: the answer's status, for the error.
        request_id: the answer's request id, for the model or the error.

    Raises:
        APIResponseValidationError: the bytes are not valid JSON, or of another shape; ``place``
            says where.
    """
    if status == 204 and into is Any and not raw:
        return None
    value: Any = None
    answer = f"The response to {operation}" if operation else "The response"
    try:
        if get_origin(into) is Page:
            result = _decode_page(raw, into)
        else:
            value = decoded_json(raw)
            result = value if into is Any else structured(value, into)
        if request_id is not None and isinstance(result, Answered):
            object.__setattr__(result, "_request_id", request_id)
        return result
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        message, place, is_json = f"{answer} {_not_json(raw, exc)}", "$", False
        cause: Exception = exc
    except (StructureError, RecursionError) as exc:
        place = exc.place if isinstance(exc, StructureError) else "$"
        id = value.get("id") if isinstance(value, dict) else None
        which = f" (id {id!r})" if isinstance(id, str) else ""
        kind = getattr(into, "__name__", str(into))
        message = f"{answer} is not a valid {kind}{which}: {exc}."
        cause, is_json = exc, True
    raise APIResponseValidationError(
        message, body=raw, place=place, status=status, request_id=request_id, is_json=is_json
    ) from cause.with_traceback(None)


def _not_json(raw: bytes, refusal: Exception) -> str:
    """What an answer's bytes are instead of JSON."""
    if not raw.strip():
        return "is empty."
    return _WEB_PAGE if is_web_page(raw) else f"is not valid JSON: {refusal}."


def _decode_page(raw: bytes, into: Any) -> Any:
    page = decode_rows(raw, into)
    if page is None:
        is_usage = _decoder_of_rows(into) is not None
        page = _tolerantly(raw, into) if is_usage else structured(decoded_json(raw), into)
        object.__setattr__(page, "raw", raw)
    return page


def _tolerantly(raw: bytes, into: Any) -> Page[Any]:
    """A page of usage the tolerant way."""
    try:
        return by_bucket(raw, into)
    except REFUSED:  # text or a number that the strict parser refuses
        page: Page[Any] = structured(decoded_json(raw, exact=True), into)
        return page


def structured(value: Any, into: Any) -> Any:
    """Decoded JSON as a model; what of a page cannot be read is in its `unreadable`.

    Raises:
        StructureError: it is of another shape.
    """
    if get_origin(into) is not Page:
        return structure(value, into)
    if _decoder_of_rows(into) is None:
        return structure_page(value, into, read_item)
    return structure_page(value, into, read_bucket, nullable=True)


def decoded_json(raw: bytes, *, exact: bool = False) -> Any:
    """Decoded JSON; one text or number that the strict parser refuses does not cost the rest."""
    decoder = loads_exact if exact else _loads
    try:
        return decoder.decode(raw) if len(raw) <= _VERY_LARGE else object_in_parts(raw, decoder)
    except REFUSED as refusal:
        try:
            return read_leniently(raw, exact=exact)
        except (ValueError, RecursionError):
            raise refusal from None


_RowsDecoder = msgspec.json.Decoder[Rows[Any]]
# Global: building a decoder walks the whole type. By the identity of the types, which are kept too:
# they are few, and those of `typing` compute their hash anew, in Python, each time they are asked.
_row_decoders: dict[int, tuple[Any, _RowsDecoder | None]] = {}
_MOST_DECODERS = 256


def _decoder_of_rows(into: Any) -> _RowsDecoder | None:
    """What decodes a page of buckets of usage the fast way; ``None`` for every other type."""
    known = _row_decoders.get(id(into))
    if known is None:
        if len(_row_decoders) >= _MOST_DECODERS:
            _row_decoders.clear()
        known = _row_decoders[id(into)] = into, _new_decoder_of_rows(into)
    return known[1]


def _new_decoder_of_rows(into: Any) -> _RowsDecoder | None:
    if get_origin(into) is not Page:
        return None
    (item,) = get_args(into)
    origin = get_origin(item) or item
    if not (isinstance(origin, type) and issubclass(origin, Row)):
        return None
    # strict=False lets Unix seconds become datetimes and quoted numbers numbers.
    return msgspec.json.Decoder(Rows[item], strict=False)  # type: ignore[valid-type]


def decode_rows(raw: bytes, into: Any, *, request_id: str | None = None) -> Page[Any] | None:
    """A page of usage the fast way, in which an error is noticed without a search for it.

    ``None`` for all other answers: one that is an error, that needs the tolerant way, or that is to
    become anything else.
    """
    decoder = _decoder_of_rows(into)
    if decoder is None:
        return None
    try:
        rows = decoder.decode(raw) if len(raw) <= _VERY_LARGE else in_parts(raw, into)
    except REFUSED:
        return None
    is_plain = rows.data and (rows.has_more or not rows.next_page) and rows.error is None
    if not is_plain or need_care(rows.data, raw):
        return None
    page: Page[Any] = Page(
        data=rows.data,
        has_more=rows.has_more,
        first_id=rows.first_id,
        last_id=rows.last_id,
        next=rows.next,
        next_page=rows.next_page,
        object=rows.object,
        raw=raw,
    )
    if request_id is not None:
        object.__setattr__(page, "_request_id", request_id)
    return page


# --- the way back --------------------------------------------------------------------------


Mode = Literal["wire", "read", "json"]
"""Which form `to_dict` writes."""
_MODES = frozenset(get_args(Mode))


_PLAIN = frozenset({str, int, float, bool, type(None)})
"""What is written as it is in every mode."""


def to_dict(model: Any, *, mode: Mode = "wire", secrets: bool = False) -> Any:
    """A model as plain data, under the names of the wire.

    Lists and plain values are accepted as well. A table is written as its rows, and the pager of
    the blocking client as its first page.

    Args:
        model: what to write.
        mode: ``wire`` is the form that came: Unix seconds, numbers, ``null`` where there was
            ``null``, nothing where there was nothing, and fields that are unknown or of another
            type than described in their places. ``read`` is what was read of it: a value stands in
            its declared field wherever it came, and a field that could not be read is ``null``.
            ``json`` is that as well, with times in ISO 8601, in UTC, and decimals as exact text.
        secrets: whether one-time secrets are written too; by default they are left out.

    Raises:
        InvalidInputError: there is no such mode.
    """
    if mode not in _MODES:
        raise InvalidInputError(f"mode must be 'wire', 'read' or 'json', not {mode!r}.")
    return written(model, mode, secrets=secrets)


def written(model: Any, mode: Mode | Literal["python"], *, secrets: bool = False) -> Any:
    """As `to_dict`; ``python`` is as ``read``, with times and decimals as they are."""
    if type(model) in _PLAIN:  # most of what there is
        return model
    if isinstance(model, Page):
        page = _model_to_dict(model, mode, secrets)
        return _with_unreadable(page, model.unreadable) if mode == "wire" else page
    if isinstance(model, WrittenAs):
        return written(model._written_as(), mode, secrets=secrets)
    if attrs.has(type(model)):
        return _model_to_dict(model, mode, secrets)
    if isinstance(model, Mapping):
        values = ((k, written(v, mode, secrets=secrets)) for k, v in model.items())
        return {_name(k) if mode == "json" else k: v for k, v in values}
    if isinstance(model, set | frozenset):
        model = sorted(model, key=str)  # so that it is the same each time
    if isinstance(model, list | tuple):
        return [written(v, mode, secrets=secrets) for v in model]
    if mode == "json":
        return plain(model)
    if mode == "python":
        return model
    if isinstance(model, datetime):
        return _seconds(model)
    return _number(model) if isinstance(model, Decimal) else model


def json_default(value: Any) -> Any:
    """What `json.dumps` takes as its ``default``: writes what this package gives as JSON.

    Models and pages are written as ``to_dict(…, mode="json")`` writes them, a table as its rows,
    times in ISO 8601, and decimals as exact text. One-time secrets are left out.

    Raises:
        TypeError: it is something else, that JSON does not have either.
    """
    text = to_dict(value, mode="json")
    if text is value:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return text


def plain(value: Any) -> Any:
    """A value as CSV and JSON show it: an error is its message."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return digits(value)
    return str(value) if isinstance(value, Exception) else value


def _name(key: Any) -> Any:
    """A key as JSON can have it; of several parts, with commas between them."""
    return ",".join(str(_name(part)) for part in key) if isinstance(key, tuple) else plain(key)


def _model_to_dict(model: Any, mode: Mode | Literal["python"], secrets: bool) -> dict[str, Any]:
    entity = model if isinstance(model, Entity) else None
    has = _has_come if mode == "wire" else _has_a_place
    result: dict[str, Any] = {}
    for attribute, name, key, shown_once in fields_to_write(type(model)):
        if shown_once and not secrets:
            continue
        value = getattr(model, attribute.name)
        if key is not None:
            name = getattr(model, key)
        if entity is None or has(entity, attribute, name, value):
            came_null = mode == "wire" and entity is not None and name in entity._nulls
            result[name] = None if came_null else written(value, mode, secrets=secrets)
    if entity is not None:
        extra = entity.extra.items()
        result |= dict(extra) if mode == "wire" else {k: v for k, v in extra if k not in result}
    return result


def _has_come(entity: Entity, attribute: attrs.Attribute[Any], name: str, value: Any) -> bool:
    """Whether a field has come in its own place."""
    return name in entity._nulls or (value is not None and attribute.name not in entity._not_sent)


def _has_a_place(entity: Entity, attribute: attrs.Attribute[Any], name: str, value: Any) -> bool:
    """Whether a field has come at all, read or not; a default has not."""
    if value is None:
        return name in entity._nulls or (name in entity.extra and keyed_by(attribute) is None)
    return attribute.name not in entity._not_sent or bool(aliases_of(attribute))


def _with_unreadable(page: dict[str, Any], parts: Sequence[Unreadable]) -> dict[str, Any]:
    """Put what could not be read back into its places in a page, as it came."""
    for part in parts:  # in the page's order, so that each place is right once it is reached
        *way, last = part.path
        inner: Any = page
        for step in way:
            inner = inner[step]
        if isinstance(last, str):  # what came in place of the list of items
            inner[last] = part.raw
        elif part.field is None:
            inner.insert(last, part.raw)
        elif part.field in part.raw:
            inner[last][part.field] = part.value
    return page


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def iso(moment: datetime) -> str:
    """A moment in ISO 8601, in UTC: ``2026-11-01T00:00:00Z``, with the parts of a second it has."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _seconds(moment: datetime) -> int | float:
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def body_json(value: Any) -> bytes:
    """JSON bytes of a body that a user made, in which models, times and decimals may be.

    Raises:
        InvalidInputError: a name in it is not text, or a value cannot be written as JSON.
    """
    wire = to_dict(value, secrets=True)
    _check_json(wire)
    return to_json(wire)


def _check_json(value: Any) -> None:
    """Refuse what the encoder would write as something else."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInputError(f"The body cannot be written as JSON: {value} is not a number.")
    if isinstance(value, dict):
        if other := next((name for name in value if not isinstance(name, str)), None):
            raise InvalidInputError(f"A name in the body must be text, not {other!r}.")
        for each in value.values():
            _check_json(each)
    elif isinstance(value, list):
        for each in value:
            _check_json(each)


def to_json(value: Any) -> bytes:
    """JSON bytes of wire values.

    Raises:
        InvalidInputError: a value cannot be written as JSON.
    """
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as exc:
        raise InvalidInputError(f"The body cannot be written as JSON: {exc}.") from exc
