"""Who did what an audit log event tells of."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ...codec import Entity, tagged


@attrs.frozen(kw_only=True)
class ActorUser(Entity):
    """The user who acted.

    Attributes:
        id: the user's id.
        email: the user's address.
    """

    id: str | None = None
    email: str | None = None


@attrs.frozen(kw_only=True)
class ActorServiceAccount(Entity):
    """The service account that acted.

    Attributes:
        id: its id.
    """

    id: str | None = None


@attrs.frozen(kw_only=True)
class ActorSession(Entity):
    """The session of a person in a browser.

    Attributes:
        ip_address: the address from which the person acted.
        user: the person.
    """

    ip_address: str | None = None
    user: ActorUser | None = None


@attrs.frozen(kw_only=True)
class ActorAPIKey(Entity):
    """The API key that was used.

    Attributes:
        id: the key's tracking id.
        type: what the key belongs to.
        user: the user it belongs to, if it is one's.
        service_account: the service account it belongs to, if it is one's.
    """

    id: str | None = None
    type: Literal["user", "service_account"] | str | None = None
    user: ActorUser | None = None
    service_account: ActorServiceAccount | None = None


@tagged("type", "session")
@attrs.frozen(kw_only=True)
class SessionActor(Entity):
    """A person who acted in a browser.

    Attributes:
        session: the person's session.
    """

    session: ActorSession | None = None
    type: str = "session"


@tagged("type", "api_key")
@attrs.frozen(kw_only=True)
class APIKeyActor(Entity):
    """A program that acted with an API key.

    Attributes:
        api_key: the key, and whose it is.
    """

    api_key: ActorAPIKey | None = None
    type: str = "api_key"


Actor = SessionActor | APIKeyActor | dict[str, Any]
"""Who acted; of a kind not known yet, the actor as it came."""
