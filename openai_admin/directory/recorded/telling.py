"""An event in words, by names that are known: from the log itself first, then from listings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..lookup import Wanted
from .event import AuditEvent
from .told import Told

_NAMES = ("name", "email", "role_name", "group_name", "title")
_PARTS = ("data", "changes_requested")
_MOST_SHOWN = 160  # characters of changes
_MOST_LISTED = 4  # values of a list


def tell(event: AuditEvent, names: Mapping[str, str]) -> Told:
    """An event in words.

    Args:
        event: the event.
        names: names by id.
    """
    actor = event.actor
    actor_id = actor.identity
    target_ids = event.target_ids
    return Told(
        at=event.at,
        actor=actor.email or _named(actor_id, names) or actor.via,
        type=event.type,
        target=_target(event, names),
        project=event.project_name or _named(event.project_id, names),
        changes=changes_of(event, names),
        ip=actor.origin.ip,
        country=actor.origin.country,
        via=actor.via,
        key=_named(actor.key_id, names),
        id=event.id,
        actor_id=actor_id,
        target_id=target_ids[0] if len(target_ids) == 1 else None,
        project_id=event.project_id,
        event=event.raw,
    )


def changes_of(event: AuditEvent, names: Mapping[str, str]) -> str:
    """What an event asked for, as ``role: owner; name: Search``, to a length that a line holds."""
    payload = _only(event.payload)
    if not isinstance(payload, dict):
        is_target = payload is None or (payload,) == event.target_ids
        return "" if is_target else _cut(_value(payload, names))
    told = []
    for key, value in payload.items():
        if key == "id":
            continue
        value = _only(value) if key in _PARTS else value
        if key in _PARTS and isinstance(value, dict):
            told += [f"{name}: {_value(each, names)}" for name, each in value.items()]
        else:
            told.append(f"{key}: {_value(value, names)}")
    return _cut("; ".join(told))


def names_told(events: Iterable[AuditEvent]) -> dict[str, str]:
    """Names by id that events tell themselves: who acted, which project, what was made."""
    names: dict[str, str] = {}
    for event in events:
        actor = event.actor
        for id, name in (
            (actor.user_id, actor.email),
            (event.project_id, event.project_name),
            (_text(_details(event).get("id")), _own_name(event)),
        ):
            if id is not None and name is not None:
                names.setdefault(id, name)
    return names


def wanted_names(events: Iterable[AuditEvent]) -> Wanted:
    """The ids of events whose names listings may tell, as far as their forms say what they are."""
    projects: set[str] = set()
    groups: set[str] = set()
    users: dict[str, set[str]] = {}
    keys: dict[str, set[str]] = {}
    for event in events:
        places = set() if event.project_id is None else {event.project_id}
        for id in _ids_in(event):
            if id.startswith(("user-", "user_", "svc_acct_")):
                users.setdefault(id, set()).update(places)
            elif id.startswith(("key-", "key_")):
                keys.setdefault(id, set()).update(places)
            elif id.startswith(("proj-", "proj_")):
                projects.add(id)
            elif id.startswith(("group-", "group_")):
                groups.add(id)
    return Wanted(projects=projects, groups=groups, users=users, keys=keys)


def wanted_roles(events: Iterable[AuditEvent], known: Mapping[str, str]) -> set[str | None]:
    """The projects that have roles without a name; ``None`` is the organization."""
    return {
        event.project_id
        for event in events
        if any(id.startswith(("role-", "role_")) and id not in known for id in _ids_in(event))
    }


def _ids_in(event: AuditEvent) -> Iterator[str]:
    actor = event.actor
    yield from filter(None, (actor.user_id, actor.service_account_id, actor.key_id))
    if event.project_id is not None:
        yield event.project_id
    for id in event.target_ids:
        yield from id.split(":")
    for key, value in _details(event).items():
        if isinstance(value, str) and key.endswith("_id"):
            yield from value.split(":")


def _target(event: AuditEvent, names: Mapping[str, str]) -> str | None:
    own = _own_name(event)
    if own is not None:
        return own
    return _value([*event.target_ids], names) if event.target_ids else None


def _own_name(event: AuditEvent) -> str | None:
    """The name of what an event is about, where the event says it."""
    details = _details(event)
    asked = next(
        (found for key in _PARTS if isinstance(found := _only(details.get(key)), dict)), {}
    )
    names = (_text(part.get(key)) for part in (details, asked) for key in _NAMES)
    return next(filter(None, names), None)


def _details(event: AuditEvent) -> Mapping[str, Any]:
    """The payload where it is an object, alone in a list or not; else an empty one."""
    payload = _only(event.payload)
    return payload if isinstance(payload, dict) else {}


def _only(value: Any) -> Any:
    """What is alone in a list; all else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _named(id: str | None, names: Mapping[str, str]) -> str | None:
    return None if id is None else names.get(id, id)


def _value(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return ":".join(names.get(part, part) for part in value.split(":"))
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, list):
        listed = [_value(each, names) for each in value[:_MOST_LISTED]]
        if len(value) > _MOST_LISTED:
            listed.append(f"{len(value) - _MOST_LISTED} more")
        return ", ".join(listed) if listed else "none"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_value(v, names)}" for k, v in value.items()) + "}"
    return str(value)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
