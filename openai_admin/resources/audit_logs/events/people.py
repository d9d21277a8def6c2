"""Events of people: users, invites, groups, logins and provisioning."""

from __future__ import annotations

import attrs

from ...._wire.models import Entity
from .shapes import Change, Creation, EventPayload, EventRole, FailurePayload, Subject, event


@event("user.added")
class UserAdded(Creation[EventRole]):
    """A user joined the organization."""

    __slots__ = ()


@event("user.updated")
class UserUpdated(Change[EventRole]):
    """A user's role was changed."""

    __slots__ = ()


@event("user.deleted")
class UserDeleted(Subject):
    """A user was removed from the organization."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class InviteSentData(Entity):
    """Whom an invite was sent to.

    Attributes:
        email: the address it went to.
        role: the role it grants.
    """

    email: str | None = None
    role: str | None = None


@event("invite.sent")
class InviteSent(Creation[InviteSentData]):
    """An invite was sent."""

    __slots__ = ()


@event("invite.accepted")
class InviteAccepted(Subject):
    """An invite was accepted."""

    __slots__ = ()


@event("invite.deleted")
class InviteDeleted(Subject):
    """An invite was withdrawn."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class GroupValues(Entity):
    """What is known about a group.

    Attributes:
        group_name: its name.
    """

    group_name: str | None = None


@event("group.created")
class GroupCreated(Creation[GroupValues]):
    """A group was created."""

    __slots__ = ()


@event("group.updated")
class GroupUpdated(Change[GroupValues]):
    """A group was renamed."""

    __slots__ = ()


@event("group.deleted")
class GroupDeleted(Subject):
    """A group was deleted."""

    __slots__ = ()


@event("login.succeeded")
class LoginSucceeded(EventPayload):
    """Somebody logged in; nothing more is known."""

    __slots__ = ()


@event("login.failed")
class LoginFailed(FailurePayload):
    """Somebody failed to log in."""

    __slots__ = ()


@event("logout.succeeded")
class LogoutSucceeded(EventPayload):
    """Somebody logged out; nothing more is known."""

    __slots__ = ()


@event("logout.failed")
class LogoutFailed(FailurePayload):
    """Somebody failed to log out."""

    __slots__ = ()


@event("scim.enabled")
class ScimEnabled(Subject):
    """Provisioning from an identity provider (SCIM) was switched on."""

    __slots__ = ()


@event("scim.disabled")
class ScimDisabled(Subject):
    """Provisioning from an identity provider (SCIM) was switched off."""

    __slots__ = ()
