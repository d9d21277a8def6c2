"""The models of users."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from ..._wire.fields import also
from ..._wire.models import Entity


@attrs.frozen(kw_only=True)
class UserDetails(Entity):
    """The person who has a membership.

    Attributes:
        id: the user's id.
        name: the person's name.
        email: the person's address.
        picture: the address of a picture.
        enabled: whether the account can be used.
        banned: whether OpenAI has banned the account.
        banned_at: when it was banned.
    """

    id: str
    name: str | None = None
    email: str | None = None
    picture: str | None = None
    enabled: bool | None = None
    banned: bool | None = None
    banned_at: datetime | None = None
    object: str | None = "user"


@attrs.frozen(kw_only=True)
class UserProject(Entity):
    """A project that a user is in.

    Attributes:
        id: the project's id.
        name: the project's name.
        role: the user's role in it, ``owner``, ``member`` or ``viewer``.
    """

    id: str | None = None
    name: str | None = None
    role: Literal["owner", "member", "viewer"] | str | None = None


@attrs.frozen(kw_only=True)
class UserProjects(Entity):
    """The projects that a user is in.

    Attributes:
        data: the projects.
    """

    data: list[UserProject] | None = attrs.field(factory=list)
    object: str | None = "list"


@attrs.frozen(kw_only=True)
class OrganizationUser(Entity):
    """A member of the organization.

    Attributes:
        id: the user's id, ``user-…``.
        name: the person's name.
        email: the person's address.
        role: ``owner`` or ``reader``.
        added_at: when the user joined the organization.
        created: when the user's account was created.
        api_key_last_used_at: when a key of the user's was last used; ``None`` if never.
        projects: the projects that the user is in, where the API includes them.
        user: the person's account.
        is_default: whether this is the organization's default user.
        is_service_account: whether it is software rather than a person.
        is_scim_managed: whether an identity provider manages the user, through SCIM.
        is_scale_tier_authorized_purchaser: whether the user may buy Scale Tier.
        developer_persona: what kind of developer the user claims to be.
        technical_level: the technical level that the user gave.
    """

    id: str = also("user.id", default=attrs.NOTHING)
    added_at: datetime | None = also("created")
    name: str | None = also("user.name")
    email: str | None = also("user.email")
    role: Literal["owner", "reader"] | str | None = None
    created: datetime | None = None
    api_key_last_used_at: datetime | None = None
    projects: UserProjects | None = None
    user: UserDetails | None = None
    is_default: bool | None = None
    is_service_account: bool | None = None
    is_scim_managed: bool | None = None
    is_scale_tier_authorized_purchaser: bool | None = None
    developer_persona: str | None = None
    technical_level: str | None = None
    object: str | None = "organization.user"
