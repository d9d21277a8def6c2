"""Roles that a user has in a project."""

from __future__ import annotations

from ...._declare.decorators import delete, get, listing, post
from ...._declare.effect import Effect, always
from ...._declare.pagination import Paging
from ...._declare.resource import Mode, Resource
from ...._wire.models import Page
from ...common import Deleted, Name, Order
from ...roles import AssignedRole, LongLimit
from ...users.roles import UserRoleAssignment


class ProjectUserRoles(Resource[Mode], name="projects.users.roles"):
    """Assign roles in a project to a user, and remove them."""

    @listing("/projects/{project_id}/users/{user_id}/roles", paging=Paging.NEXT)
    def list(
        self,
        project_id: str,
        user_id: str,
        *,
        limit: LongLimit = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[AssignedRole]:
        """List the roles that a user has in a project, including those through groups.

        Args:
            limit: items on one page, 0 to 1000.
        """
        ...

    # Repeatable, as an assignment is keyed by the ids: a second time changes nothing.
    @post(
        "/projects/{project_id}/users/{user_id}/roles", Effect.ADDS, repeatable=True, grants=always
    )
    def create(self, project_id: str, user_id: str, *, role_id: Name) -> UserRoleAssignment:
        """Assign a role of a project to a user who is in it.

        Raises:
            NotFoundError: the project has no such user, or no such role.
            BadRequestError: the project is archived.
        """
        ...

    @get("/projects/{project_id}/users/{user_id}/roles/{role_id}")
    def retrieve(self, project_id: str, user_id: str, role_id: str) -> AssignedRole:
        """Retrieve a role that a user has in a project.

        Raises:
            NotFoundError: the user does not have it.
        """
        ...

    @delete("/projects/{project_id}/users/{user_id}/roles/{role_id}")
    def delete(self, project_id: str, user_id: str, role_id: str) -> Deleted:
        """Remove a role of a project from a user.

        Raises:
            NotFoundError: it was not assigned to the user.
            BadRequestError: the role comes with membership, or the project is archived.
        """
        ...
