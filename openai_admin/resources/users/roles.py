"""Roles that a user has in the organization."""

from __future__ import annotations

import attrs

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, always
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity, Page
from ..common import Deleted, Name, Order
from ..roles import AssignedRole, LongLimit, Role
from .model import OrganizationUser


@attrs.frozen(kw_only=True)
class UserRoleAssignment(Entity):
    """A role that was assigned to a user, in the organization or in a project.

    Attributes:
        role: the role.
        user: the user who has it.
    """

    role: Role | None = None
    user: OrganizationUser | None = None
    object: str | None = "user.role"


class UserRoles(Resource[Mode], name="users.roles"):
    """Assign roles in the organization to a user, and remove them."""

    @listing("/organization/users/{user_id}/roles", paging=Paging.NEXT)
    def list(
        self,
        user_id: str,
        *,
        limit: LongLimit = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[AssignedRole]:
        """List the roles that a user has in the organization, including those through groups.

        Args:
            limit: items on one page, 0 to 1000.
        """
        ...

    # Repeatable, as an assignment is keyed by the two ids: a second time changes nothing.
    @post("/organization/users/{user_id}/roles", Effect.ADDS, repeatable=True, grants=always)
    def create(self, user_id: str, *, role_id: Name) -> UserRoleAssignment:
        """Assign a role of the organization to a user.

        Raises:
            NotFoundError: the organization has no such user, or no such role.
        """
        ...

    @get("/organization/users/{user_id}/roles/{role_id}")
    def retrieve(self, user_id: str, role_id: str) -> AssignedRole:
        """Retrieve a role that a user has in the organization.

        Raises:
            NotFoundError: the user does not have it.
        """
        ...

    @delete("/organization/users/{user_id}/roles/{role_id}")
    def delete(self, user_id: str, role_id: str) -> Deleted:
        """Remove a role of the organization from a user.

        Raises:
            NotFoundError: it was not assigned to the user.
            BadRequestError: it is the owner's role of the last owner, or comes with membership.
        """
        ...
