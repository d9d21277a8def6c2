"""Users: the people who are members of the organization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, when_owner
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource, part
from ..._wire.models import Page
from ..common import Deleted, Limit, Name
from .model import OrganizationUser

if TYPE_CHECKING:
    from .roles import UserRoles


def _gives_role(arguments: Mapping[str, Any]) -> bool:
    return when_owner(arguments) or arguments.get("role_id") is not None


class Users(Resource[Mode], name="users"):
    """Read, change and remove members of the organization. They join by an invite."""

    @part
    def roles(self) -> type[UserRoles[Mode]]:
        """Roles of a user in the organization."""
        from .roles import UserRoles

        return UserRoles

    @listing("/organization/users", paging=Paging.LAST_ID)
    def list(
        self,
        *,
        limit: Limit = None,
        after: str | None = None,
        emails: Iterable[Name] | None = None,
    ) -> Page[OrganizationUser]:
        """List the members of the organization.

        Args:
            emails: only the members with these addresses.
        """
        ...

    @get("/organization/users/{user_id}")
    def retrieve(self, user_id: str) -> OrganizationUser:
        """Retrieve a member of the organization."""
        ...

    @post("/organization/users/{user_id}", Effect.OVERWRITES, grants=_gives_role)
    def update(
        self,
        user_id: str,
        *,
        role: Literal["owner", "reader"] | str | None = ...,
        role_id: str | None = ...,
        developer_persona: str | None = ...,
        technical_level: str | None = ...,
    ) -> OrganizationUser:
        """Change a member's role in the organization, or what the member said about themselves.

        Args:
            role: `owner` or `reader`.
            role_id: the id of a role to assign to the member.
            developer_persona: what kind of developer the member is.
            technical_level: the member's technical level.

        Raises:
            BadRequestError: the last owner would become a reader.
        """
        ...

    @delete("/organization/users/{user_id}", final=True)
    def delete(self, user_id: str) -> Deleted:
        """Remove a member from the organization, with all memberships in projects and groups.

        The keys that the user created in projects stay listed under their name.

        Raises:
            BadRequestError: the user is the last owner.
        """
        ...
