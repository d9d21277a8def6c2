"""Members of a project: people of the organization who may use it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ...._declare.decorators import delete, get, listing, post
from ...._declare.effect import Effect, when_owner
from ...._declare.pagination import Paging
from ...._declare.resource import Mode, Resource, part
from ...._wire.models import Entity, Page
from ....errors import InvalidInputError
from ...common import Deleted, Limit

if TYPE_CHECKING:
    from .roles import ProjectUserRoles

ProjectRole = Literal["owner", "member", "viewer"]
"""A person's role in a project: an `owner` manages it, a `member` uses it, a `viewer` sees it.

The contract has any text here; these are the roles that every project has.
"""


@attrs.frozen(kw_only=True)
class ProjectUser(Entity):
    """A member of a project.

    Attributes:
        id: the user's id, ``user-…``, the same as in the organization.
        name: the person's name.
        email: the person's address.
        role: ``owner``, ``member`` or ``viewer`` of the project.
        added_at: when the person was added to the project.
    """

    __slots__ = ()

    id: str
    added_at: datetime | None = None
    role: ProjectRole | str | None = None
    name: str | None = None
    email: str | None = None
    object: str | None = "organization.project.user"


def _names_a_user(arguments: Mapping[str, Any]) -> None:
    if not arguments.get("user_id") and not arguments.get("email"):
        raise InvalidInputError("Name the user to add: pass user_id or email.")


class ProjectUsers(Resource[Mode], name="projects.users"):
    """List, add, change and remove the members of a project."""

    @part
    def roles(self) -> type[ProjectUserRoles[Mode]]:
        """The roles that a user was assigned in a project."""
        from .roles import ProjectUserRoles

        return ProjectUserRoles

    @listing("/organization/projects/{project_id}/users", paging=Paging.LAST_ID)
    def list(
        self, project_id: str, *, limit: Limit = None, after: str | None = None
    ) -> Page[ProjectUser]:
        """List the members of a project."""
        ...

    # Repeatable: the member is known by the user's id, so a second request adds nobody.
    @post(
        "/organization/projects/{project_id}/users",
        Effect.ADDS,
        repeatable=True,
        grants=when_owner,
        check=_names_a_user,
    )
    def create(
        self,
        project_id: str,
        *,
        role: ProjectRole | str,
        user_id: str | None = ...,
        email: str | None = ...,
    ) -> ProjectUser:
        """Add a member of the organization to a project.

        Args:
            role: `owner`, `member` or `viewer`.
            user_id: the id of the user to add; either this or `email` is needed.
            email: the address of the user to add.

        Raises:
            BadRequestError: the organization has no such user, or the project is archived.
        """
        ...

    @get("/organization/projects/{project_id}/users/{user_id}")
    def retrieve(self, project_id: str, user_id: str) -> ProjectUser:
        """Retrieve a member of a project.

        Raises:
            NotFoundError: there is no such project, or the user is not in it.
        """
        ...

    @post(
        "/organization/projects/{project_id}/users/{user_id}", Effect.OVERWRITES, grants=when_owner
    )
    def update(
        self, project_id: str, user_id: str, *, role: ProjectRole | str | None = ...
    ) -> ProjectUser:
        """Change a member's role in a project.

        Args:
            role: `owner`, `member` or `viewer`.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @delete("/organization/projects/{project_id}/users/{user_id}")
    def delete(self, project_id: str, user_id: str) -> Deleted:
        """Remove a member from a project; the person stays in the organization.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
