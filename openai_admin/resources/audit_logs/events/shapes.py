"""What payloads of audit log events have in common.

There are about sixty kinds of payload and few shapes. A payload that only lends its name to a
shape is a plain subclass of it, with ``__slots__ = ()`` as attrs would have: attrs has nothing to
add to such a class, and making a class with attrs costs many times as much at import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs

from ...._wire.models import Entity

D = TypeVar("D")
EventT = TypeVar("EventT", bound="type[EventPayload]")

# Global: the registry that the decorator fills while the modules of this package are imported.
PAYLOADS: dict[str, type[EventPayload]] = {}
"""The payload's model, by the type of the event."""


class EventPayload(Entity):
    """What an audit log event reports; each kind of event has a subclass."""

    __slots__ = ()


def event(event_type: str) -> Callable[[EventT], EventT]:
    """Make a model the payload of events of this type."""

    def register(cls: EventT) -> EventT:
        PAYLOADS[event_type] = cls
        return cls

    return register


@attrs.frozen(kw_only=True)
class Subject(EventPayload):
    """A payload that only says what was acted on.

    Attributes:
        id: the id of what was acted on.
    """

    id: str | None = None


@attrs.frozen(kw_only=True)
class NamedSubject(Subject):
    """A payload that says what was acted on, with its name.

    Attributes:
        id: the id of what was acted on.
        name: its name.
    """

    name: str | None = None


@attrs.frozen(kw_only=True)
class Creation(Subject, Generic[D]):
    """A payload that says what something was created with.

    Attributes:
        id: the id of what was created.
        data: what it was created with.
    """

    data: D | None = None


@attrs.frozen(kw_only=True)
class Change(Subject, Generic[D]):
    """A payload that says what was to change.

    Attributes:
        id: the id of what was changed.
        changes_requested: the new values that were asked for.
    """

    changes_requested: D | None = None


@attrs.frozen(kw_only=True)
class FailurePayload(EventPayload):
    """A payload that says why a login or logout failed.

    Attributes:
        error_code: the reason, for programs.
        error_message: the reason, for people.
    """

    error_code: str | None = None
    error_message: str | None = None


@attrs.frozen(kw_only=True)
class EventReference(Entity):
    """Something that an event refers to.

    Attributes:
        id: its id.
        name: its name.
    """

    id: str | None = None
    name: str | None = None


@attrs.frozen(kw_only=True)
class EventRole(Entity):
    """The role that was given.

    Attributes:
        role: ``owner``, ``reader`` or ``member``, or the name of another role.
    """

    role: str | None = None


Untyped = dict[str, Any]
"""Values that the API does not describe."""
