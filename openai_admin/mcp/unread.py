"""What of an answer could not be read: it stands apart, so that the rest is as the schema says.

An official client refuses a result that its tool's schema does not allow, and the whole page with
it. So an item or a field that came as something else than described is not in its place, but in
``unreadable``, as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import msgspec

from .._wire.codec import to_dict
from .._wire.fields import wire_fields, wire_name
from .._wire.mistakes import kind_of
from .._wire.models import Page, Unreadable
from ..directory.wording import unread
from .schema import Schema, takes_null
from .texts import quoted
from .tool import Answer

UNREADABLE: Schema = {
    "type": "object",
    "description": "What could not be read, as it came; absent where there is nothing.",
    "properties": {
        "count": {"type": "integer"},
        "parts": {"type": "array", "items": {"type": "object"}},
    },
}
"""The schema of ``unreadable``."""

_MOST_BYTES = 8_000  # of all parts: a page may have a hundred
_NAMED = 10
_MOST_CHARACTERS = 400
_encode = msgspec.json.Encoder().encode


def telling(answer: Answer, parts: Sequence[Unreadable]) -> Answer:
    """An answer that says what could not be read, in its structured part and in its texts."""
    if not parts:
        return answer
    fields = sum(_is_field(part) for part in parts)
    told = f"{unread(len(parts) - fields, fields)}; unreadable has them as they came."
    lines = [*_lines(parts[:_NAMED])]
    if len(parts) > _NAMED:
        lines.append(f"- and {len(parts) - _NAMED} more that could not be read")
    return attrs.evolve(
        answer,
        structured={
            **answer.structured,
            "unreadable": {"count": len(parts), "parts": [*_that_fit(parts)]},
        },
        summary=f"{answer.summary} {told}",
        names="\n".join([*([answer.names] if answer.names else []), *lines]),
    )


def _is_field(part: Unreadable) -> bool:
    return part.field is not None or not isinstance(part.path[-1], int)


def _raw(part: Unreadable) -> Any:
    return part.raw if part.field is None else part.raw[part.field]


def _that_fit(parts: Sequence[Unreadable]) -> Iterator[dict[str, Any]]:
    room = _MOST_BYTES
    for part in parts:
        made = {"place": part.place, "reason": part.reason, "raw": _raw(part)}
        if part.id is not None:
            made["id"] = part.id
        room -= len(_encode(made))
        if room >= 0:
            yield made


def _lines(parts: Sequence[Unreadable]) -> Iterator[str]:
    for part in parts:
        which = f" of {quoted(part.id)}" if part.id is not None else ""
        raw = quoted(json.dumps(_raw(part), ensure_ascii=False), most=_MOST_CHARACTERS)
        yield f"- {part.place}{which} could not be read ({part.reason}): {raw}"


# --- taking apart ----------------------------------------------------------------------------


def apart(page: Page[Any], schema: Schema) -> tuple[dict[str, Any], list[Unreadable]]:
    """A page's JSON without what does not fit, and that with what was not read at all.

    Args:
        page: the page.
        schema: that of the tool's result.
    """
    gone = {part.path[1] for part in page.unreadable if len(part.path) == 2}
    places = (i for i in range(len(page.data) + len(gone)) if i not in gone)
    items_schema = schema["properties"]["data"]["items"]
    found = list(page.unreadable)
    items = []
    for place, item in zip(places, page.data, strict=True):
        fitting, odd = fitted(written(item), items_schema, ("data", place))
        if fitting is not None:
            items.append(fitting)
        found += odd
    return {**to_dict(attrs.evolve(page, data=[], unreadable=[])), "data": items}, found


def written(thing: Any) -> dict[str, Any]:
    """The JSON of a thing of the API; what identifies it is in its place, wherever it came."""
    made: dict[str, Any] = to_dict(thing)
    for attribute in wire_fields(type(thing)):
        if attribute.default is attrs.NOTHING:
            made.setdefault(wire_name(attribute), to_dict(getattr(thing, attribute.name)))
    return made


def fitted(
    value: dict[str, Any], schema: Schema, path: tuple[str | int, ...] = ()
) -> tuple[dict[str, Any] | None, list[Unreadable]]:
    """A thing's JSON without what its schema does not allow, and that.

    Args:
        value: the JSON.
        schema: its schema.
        path: where it is.

    Returns:
        ``None`` for the thing where nothing of it fits.
    """
    odd: list[Unreadable] = []
    made = _fit(value, schema, path, odd)
    if made is _MISFIT:
        return None, [_misfit(value, path)]
    id = value.get("id")
    return made, [attrs.evolve(part, id=id) for part in odd] if isinstance(id, str) else odd


_MISFIT: Any = object()


def _fit(value: Any, schema: Schema, path: tuple[str | int, ...], odd: list[Unreadable]) -> Any:
    """A value as far as a schema allows it; `_MISFIT` where it does not at all."""
    if "anyOf" in schema:
        return _fit_any(value, schema["anyOf"], path, odd)
    if not _is_kind(value, schema):
        return _MISFIT
    if isinstance(value, dict) and "properties" in schema:
        return _fit_object(value, schema, path, odd)
    if isinstance(value, list) and schema.get("items"):
        items = []
        for index, item in enumerate(value):
            made = _fit(item, schema["items"], (*path, index), odd)
            if made is _MISFIT:
                odd.append(_misfit(item, (*path, index)))
            else:
                items.append(made)
        return items
    return value


def _fit_any(
    value: Any, schemas: Sequence[Schema], path: tuple[str | int, ...], odd: list[Unreadable]
) -> Any:
    best, least = _MISFIT, odd
    for schema in schemas:
        found: list[Unreadable] = []
        made = _fit(value, schema, path, found)
        if made is not _MISFIT and (best is _MISFIT or len(found) < len(least)):
            best, least = made, found
    if best is not _MISFIT:
        odd += least
    return best


def _fit_object(
    value: dict[str, Any], schema: Schema, path: tuple[str | int, ...], odd: list[Unreadable]
) -> Any:
    required = schema.get("required", ())
    made: dict[str, Any] = {}
    for name, each in value.items():
        known = schema["properties"].get(name)
        fitting = each if known is None else _fit(each, known, (*path, name), odd)
        if fitting is not _MISFIT:
            made[name] = fitting
            continue
        odd.append(_misfit(each, (*path, name)))
        if takes_null(known):
            made[name] = None
    return made if made.keys() >= set(required) else _MISFIT


def _misfit(value: Any, path: tuple[str | int, ...]) -> Unreadable:
    return Unreadable(raw=value, reason=f"{kind_of(value)} is not what is described", path=path)


def _is_kind(value: Any, schema: Schema) -> bool:
    """Whether a value is of a schema's type, not looking into it."""
    if "enum" in schema and value not in schema["enum"]:
        return False
    match schema.get("type"):
        case None:
            return True
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "integer":
            whole = isinstance(value, float) and value.is_integer()
            return whole or (isinstance(value, int) and not isinstance(value, bool))
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "array":
            return isinstance(value, list)
    return isinstance(value, dict)
