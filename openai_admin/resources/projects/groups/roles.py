"""Roles that a group has in a project."""

from __future__ import annotations

from ...._declare.decorators import delete, get, listing, post
from ...._declare.effect import Effect, always
from ...._declare.pagination import Paging
from ...._declare.resource import Mode, Resource
from ...._wire.models import Page
from ...common import Deleted, Name, Order
from ...groups.roles import GroupRoleAssignment
from ...roles import AssignedRole, LongLimit


class ProjectGroupRoles(Resource[Mode], name="projects.groups.roles"):
    """Assign roles in a project to a group, and remove them."""

    @listing("/projects/{project_id}/groups/{group_id}/roles", paging=Paging.NEXT)
    def list(
        self,
        project_id: str,
        group_id: str,
        *,
        limit: LongLimit = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[AssignedRole]:
        """List the roles that a group has in a project.

        Args:
            limit: items on one page, 0 to 1000.
        """
        ...

    # Repeatable, as an assignment is keyed by the ids: a second time changes nothing.
    @post(
        "/projects/{project_id}/groups/{group_id}/roles",
        Effect.ADDS,
        repeatable=True,
        grants=always,
    )
    def create(self, project_id: str, group_id: str, *, role_id: Name) -> GroupRoleAssignment:
        """Assign a role of a project to a group that has access to it.

        Raises:
            NotFoundError: the project has no such group, or no such role.
            BadRequestError: the project is archived.
        """
        ...

    @get("/projects/{project_id}/groups/{group_id}/roles/{role_id}")
    def retrieve(self, project_id: str, group_id: str, role_id: str) -> AssignedRole:
        """Retrieve a role that a group has in a project.

        Raises:
            NotFoundError: the group does not have it.
        """
        ...

    @delete("/projects/{project_id}/groups/{group_id}/roles/{role_id}")
    def delete(self, project_id: str, group_id: str, role_id: str) -> Deleted:
        """Remove a role of a project from a group.

        Raises:
            NotFoundError: the group does not have it.
            BadRequestError: the project is archived.
        """
        ...
