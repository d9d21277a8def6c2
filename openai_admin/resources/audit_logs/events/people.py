"""Events of people: users, invites, groups, logins and provisioning."""

from __future__ import annotations

import attrs

from ...._wire.models import Entity
from .shapes import Change, Creation, EventPayload, EventRole, FailurePayload, Subject, event


@event("user.added")
class UserAdded(Creation[EventRole]):
    """A user joined the organization."""


@event("user.updated")
class UserUpdated(Change[EventRole]):
    """A user's role was changed."""


@event("user.deleted")
class UserDeleted(Subject):
    """A user was removed from the organization."""


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


@event("invite.accepted")
class InviteAccepted(Subject):
    """An invite was accepted."""


@event("invite.deleted")
class InviteDeleted(Subject):
    """An invite was withdrawn."""


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


@event("group.updated")
class GroupUpdated(Change[GroupValues]):
    """A group was renamed."""


@event("group.deleted")
class GroupDeleted(Subject):
    """A group was deleted."""


@event("login.succeeded")
class LoginSucceeded(EventPayload):
    """Somebody logged in; nothing more is known."""


@event("login.failed")
class LoginFailed(FailurePayload):
    """Somebody failed to log in."""


@event("logout.succeeded")
class LogoutSucceeded(EventPayload):
    """Somebody logged out; nothing more is known."""


@event("logout.failed")
class LogoutFailed(FailurePayload):
    """Somebody failed to log out."""


@event("scim.enabled")
class ScimEnabled(Subject):
    """Provisioning from an identity provider (SCIM) was switched on."""


@event("scim.disabled")
class ScimDisabled(Subject):
    """Provisioning from an identity provider (SCIM) was switched off."""
