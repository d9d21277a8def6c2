"""Roles of a project: what its users and groups may do in it."""

from __future__ import annotations

from collections.abc import Iterable

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, when_passed
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Page
from ..common import Deleted, Name, Order
from ..roles import LongLimit, Role


class ProjectRoles(Resource[Mode], name="projects.roles"):
    """Define the roles that users and groups can have in one project."""

    @listing("/projects/{project_id}/roles", paging=Paging.NEXT)
    def list(
        self,
        project_id: str,
        *,
        limit: LongLimit = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[Role]:
        """List the roles of a project, the predefined ones included.

        Args:
            limit: items on one page, 0 to 1000, which is the API's default.
        """
        ...

    @post("/projects/{project_id}/roles", Effect.ADDS)
    def create(
        self,
        project_id: str,
        *,
        role_name: Name,
        permissions: Iterable[Name],
        description: str | None = ...,
    ) -> Role:
        """Create a role of a project.

        Args:
            role_name: its name, unique in the project.
            permissions: what it allows, such as `api.files.read`.
            description: what it is for.

        Raises:
            ConflictError: the project has a role of that name.
            BadRequestError: the project is archived.
        """
        ...

    @get("/projects/{project_id}/roles/{role_id}")
    def retrieve(self, project_id: str, role_id: str) -> Role:
        """Retrieve a role of a project."""
        ...

    @post(
        "/projects/{project_id}/roles/{role_id}",
        Effect.OVERWRITES,
        grants=when_passed("permissions"),
    )
    def update(
        self,
        project_id: str,
        role_id: str,
        *,
        role_name: Name | None = ...,
        permissions: Iterable[Name] | None = ...,
        description: str | None = ...,
    ) -> Role:
        """Change a role of a project, for everybody who has it.

        Args:
            role_name: the new name.
            permissions: everything it allows from now on, replacing what it allowed before.
            description: what it is for.

        Raises:
            BadRequestError: the role is predefined, or the project is archived.
        """
        ...

    @delete("/projects/{project_id}/roles/{role_id}", final=True)
    def delete(self, project_id: str, role_id: str) -> Deleted:
        """Delete a role of a project, and remove it from everybody who has it.

        Raises:
            BadRequestError: the role is predefined, or the project is archived.
        """
        ...
