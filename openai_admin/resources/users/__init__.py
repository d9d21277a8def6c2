"""Users: the people who are members of the organization."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import attrs

from ...codec import Entity
from ...pagination import Paging
from ...resource import Mode, Resource, delete, get, listing, post
from ..common import Deleted, Limit, Name

if TYPE_CHECKING:
    from .roles import UserRoles


@attrs.frozen(kw_only=True)
class UserDetails(Entity):
    """The person behind a membership.

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
    object: str = "user"


@attrs.frozen(kw_only=True)
class UserProject(Entity):
    """A project that a user is in.

    Attributes:
        id: the project's id.
        name: the project's name.
        role: the user's role in it, ``owner`` or ``member``.
    """

    id: str | None = None
    name: str | None = None
    role: Literal["owner", "member"] | str | None = None


@attrs.frozen(kw_only=True)
class UserProjects(Entity):
    """The projects that a user is in.

    Attributes:
        data: the projects.
    """

    data: list[UserProject] = attrs.field(factory=list)
    object: str = "list"


@attrs.frozen(kw_only=True)
class OrganizationUser(Entity):
    """A member of the organization.

    Attributes:
        id: the user's id, ``user-…``.
        name: the person's name.
        email: the person's address.
        role: ``owner`` or ``reader``.
        added_at: when the user joined the organization.
        created: when the user's account was made.
        api_key_last_used_at: when a key of the user's was last used; ``None`` if never.
        projects: the projects that the user is in, where the API includes them.
        user: the person's account.
        is_default: whether this is the organization's default user.
        is_service_account: whether it is software rather than a person.
        is_scim_managed: whether an identity provider manages the user, through SCIM.
        is_scale_tier_authorized_purchaser: whether the user may buy Scale Tier.
        developer_persona: what kind of developer the user said to be.
        technical_level: the technical level that the user gave.
    """

    id: str
    added_at: datetime
    name: str | None = None
    email: str | None = None
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
    object: str = "organization.user"


class Users(Resource[Mode], name="users"):
    """Read, change and remove members of the organization. They join by an invite."""

    @property
    def roles(self) -> UserRoles[Mode]:
        """Roles of a user in the organization."""
        from .roles import UserRoles

        return UserRoles(self._caller, self._portal)

    @listing("/organization/users", paging=Paging.LAST_ID)
    def list(
        self,
        *,
        limit: Limit = None,
        after: str | None = None,
        emails: Sequence[Name] | None = None,
    ) -> OrganizationUser:
        """List the members of the organization.

        Args:
            emails: only the members with these addresses.
        """
        ...

    @get("/organization/users/{user_id}")
    def retrieve(self, user_id: str) -> OrganizationUser:
        """Retrieve a member of the organization."""
        ...

    @post("/organization/users/{user_id}", idempotent=True)
    def update(
        self,
        user_id: str,
        *,
        role: Literal["owner", "reader"] | str | None = ...,
        role_id: str | None = ...,
        developer_persona: str | None = ...,
        technical_level: str | None = ...,
    ) -> OrganizationUser:
        """Change a member's role in the organization, or what the member said of themselves.

        Args:
            role: `owner` or `reader`.
            role_id: the id of a role to give to the member.
            developer_persona: what kind of developer the member is.
            technical_level: the member's technical level.

        Raises:
            BadRequestError: the last owner would become a reader.
        """
        ...

    @delete("/organization/users/{user_id}")
    def delete(self, user_id: str) -> Deleted:
        """Remove a member from the organization, with all memberships of projects and groups.

        The keys that the user made in projects stay listed under their name.

        Raises:
            BadRequestError: the user is the last owner.
        """
        ...
