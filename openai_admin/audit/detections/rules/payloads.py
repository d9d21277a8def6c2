"""What is in an event's payload, whichever of the shapes that have been seen it came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...event import AuditEvent

_ASKED = ("data", "changes_requested")
_DEEPEST = 6
_MOST = 2_000  # values of one payload: more is no setting that somebody changed


def objects(event: AuditEvent) -> Iterator[Mapping[str, Any]]:
    """The objects that say what was asked for and of what, the asked ones first."""
    payload = event.payload
    whole = payload if isinstance(payload, list) else [payload]
    found = [part for part in whole[:_MOST] if isinstance(part, dict)]
    for name in _ASKED:
        for part in found:
            if isinstance(part.get(name), dict):
                yield part[name]
    yield from found


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
    """The texts in a text, in a list of them, or in objects with an `id` and a `name`."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, dict):
        return tuple(t for name in ("id", "name") for t in texts(value.get(name)))
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


def target(event: AuditEvent) -> str | None:
    """The id of what was acted on, of a payload that is a list or a text as well."""
    if isinstance(event.payload, str):
        return event.payload or None
    return event.target_id or text(event, "id")


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
        for name, inner in list(value.items())[:_MOST]:
            here = (*path, str(name).lower())
            yield here, inner
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
