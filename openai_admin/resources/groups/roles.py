"""Roles that a group has in the organization."""

from __future__ import annotations

from datetime import datetime

import attrs

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, always
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity, Page
from ..common import Deleted, Name, Order
from ..roles import AssignedRole, LongLimit, Role


@attrs.frozen(kw_only=True)
class GroupSummary(Entity):
    """A group as an assigned role names it.

    Attributes:
        id: the group's id.
        name: the group's name.
        created_at: when the group was created.
        scim_managed: whether an identity provider manages the group, through SCIM.
    """

    id: str
    created_at: datetime | None = None
    name: str | None = None
    scim_managed: bool | None = False
    object: str | None = "group"


@attrs.frozen(kw_only=True)
class GroupRoleAssignment(Entity):
    """A role that was assigned to a group, in the organization or in a project.

    Attributes:
        role: the role.
        group: the group that has it.
    """

    role: Role | None = None
    group: GroupSummary | None = None
    object: str | None = "group.role"


class GroupRoles(Resource[Mode], name="groups.roles"):
    """Assign roles in the organization to a group, and remove them."""

    @listing("/organization/groups/{group_id}/roles", paging=Paging.NEXT)
    def list(
        self,
        group_id: str,
        *,
        limit: LongLimit = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[AssignedRole]:
        """List the roles that a group has in the organization.

        Args:
            limit: items on one page, 0 to 1000.
        """
        ...

    # Repeatable, as an assignment is keyed by the two ids: a second time changes nothing.
    @post("/organization/groups/{group_id}/roles", Effect.ADDS, repeatable=True, grants=always)
    def create(self, group_id: str, *, role_id: Name) -> GroupRoleAssignment:
        """Assign a role of the organization to all users of a group.

        Raises:
            NotFoundError: the organization has no such group, or no such role.
        """
        ...

    @get("/organization/groups/{group_id}/roles/{role_id}")
    def retrieve(self, group_id: str, role_id: str) -> AssignedRole:
        """Retrieve a role that a group has in the organization.

        Raises:
            NotFoundError: the group does not have it.
        """
        ...

    @delete("/organization/groups/{group_id}/roles/{role_id}")
    def delete(self, group_id: str, role_id: str) -> Deleted:
        """Remove a role of the organization from a group.

        Raises:
            NotFoundError: the group does not have it.
        """
        ...
