"""What is in an event's payload, whichever of the shapes that have been seen it came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...event import AuditEvent

_ASKED = ("data", "changes_requested")
_FIELDS = ("field", "key", "property", "attribute", "setting", "path")
_NEW = ("new", "to", "new_value", "value", "after")
_OLD = ("old", "from", "old_value", "previous", "before")
_ADDRESSES = ("cidr", "ip", "address", "ip_address", "network", "range", "value")
_LISTED = (
    *("added", "add", "new", "to", "ips", "allowed_ips", "addresses", "cidrs", "entries", "items"),
)
_DEEPEST = 6
_MOST = 2_000  # values of one payload; nobody changes a setting that has more


def objects(event: AuditEvent) -> Iterator[Mapping[str, Any]]:
    """The objects that say what was asked for and of what, the asked ones first."""
    found = list(_dicts(event.payload))
    for name in _ASKED:
        for part in found:
            for asked in _dicts(part.get(name)):
                yield asked
                change = _change(asked)
                if change is not None:
                    field, new, _ = change
                    yield {field: new}
    yield from found


def _dicts(value: Any) -> Iterator[Mapping[str, Any]]:
    """An object, or those of a list."""
    for part in value[:_MOST] if isinstance(value, list) else [value]:
        if isinstance(part, dict):
            yield part


def _change(part: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """The field, its new value and the one before of an object that tells of one change, as
    ``{"field": "role", "old": "reader", "new": "owner"}``.
    """
    field = next((part[name] for name in _FIELDS if isinstance(part.get(name), str)), None)
    new = next((name for name in _NEW if name in part), None)
    if not field or new is None:
        return None
    return field, part[new], next((part[name] for name in _OLD if name in part), None)


def value(event: AuditEvent, *names: str) -> Any:
    """The first value that is not null under one of these names."""
    for part in objects(event):
        for name in names:
            if part.get(name) is not None:
                return part[name]
    return None


def text(event: AuditEvent, *names: str) -> str | None:
    """Likewise, the first of the texts there."""
    return next(iter(texts(value(event, *names))), None)


def texts(value: Any) -> tuple[str, ...]:
    """The texts in a text, in a list of them, or in objects with an `id` and a `name`, or with
    what is new.
    """
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, dict):
        own = tuple(t for name in ("id", "name") for t in texts(value.get(name)))
        return own or tuple(t for name in _NEW for t in texts(value.get(name)))
    if isinstance(value, list):
        return tuple(t for one in value[:_MOST] for t in texts(one))
    return ()


def split(value: Any) -> tuple[str, ...]:
    """The texts there, each cut at commas, semicolons and blanks."""
    return tuple(
        part
        for one in texts(value)
        for part in one.replace(",", " ").replace(";", " ").split()
        if part
    )


def addresses(value: Any) -> tuple[str, ...]:
    """The addresses and networks in a text, in objects that have one each, or in those added."""
    if isinstance(value, list):
        return tuple(found for one in value[:_MOST] for found in addresses(one))
    if isinstance(value, dict):
        own = tuple(found for name in _ADDRESSES for found in split(value.get(name)))
        listed = tuple(found for name in _LISTED for found in addresses(value.get(name)))
        return own + listed or split(value)  # a name may be “all” beside an address
    return split(value)


def target(event: AuditEvent) -> str | None:
    """The id of what was acted on, of a payload that is a list or a text as well."""
    return next(iter(event.target_ids), None) or text(event, "id")


def scope(event: AuditEvent) -> str:
    """The id of the project it happened in, or ``organization``."""
    return event.project_id or "organization"


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value in nested objects and lists with the names that lead to it, each object before
    what is in it.
    """
    if len(path) > _DEEPEST:
        return
    if isinstance(value, dict):
        change = _change(value)
        if change is not None:
            field, new, old = change
            yield from walk({field: new}, path)
            yield from walk({} if old is None else {field: {"previous": old}}, path)
        for name, inner in list(value.items())[:_MOST]:
            here = (*path, str(name).lower())
            yield here, inner
            if isinstance(inner, dict) and not set(_OLD).isdisjoint(inner):
                yield from ((here, inner[key]) for key in _NEW if key in inner)
            yield from walk(inner, here)
    elif isinstance(value, list):
        for inner in value[:_MOST]:
            if isinstance(inner, dict | list):
                yield from walk(inner, path)


def settings(event: AuditEvent) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The settings that were asked for, with the names that lead to each, as `walk` gives them."""
    payload = event.payload
    for part in payload if isinstance(payload, list) else [payload]:
        yield from walk(part)
