"""Groups that have access to a project."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import attrs
from annotated_types import Interval

from ...._declare.decorators import delete, get, listing, post
from ...._declare.effect import Effect, always
from ...._declare.pagination import Paging
from ...._declare.resource import Mode, Resource, part
from ...._wire.models import Entity, Page
from ...common import Deleted, Name, Order
from ...groups import GroupType

if TYPE_CHECKING:
    from .roles import ProjectGroupRoles


@attrs.frozen(kw_only=True)
class ProjectGroup(Entity):
    """A group that has access to a project.

    Attributes:
        project_id: the project.
        group_id: the group.
        group_name: the group's name.
        group_type: ``group`` or ``tenant_group``.
        created_at: when the group was given access.
    """

    project_id: str | None = None
    group_id: str
    created_at: datetime | None = None
    group_name: str | None = None
    group_type: GroupType | str | None = None
    object: str | None = "project.group"


class ProjectGroups(Resource[Mode], name="projects.groups"):
    """Give groups access to a project, and remove it."""

    @part
    def roles(self) -> type[ProjectGroupRoles[Mode]]:
        """Roles of a group in a project."""
        from .roles import ProjectGroupRoles

        return ProjectGroupRoles

    @listing("/organization/projects/{project_id}/groups", paging=Paging.NEXT)
    def list(
        self,
        project_id: str,
        *,
        limit: Annotated[int | None, Interval(ge=0, le=100)] = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[ProjectGroup]:
        """List the groups that have access to a project.

        Args:
            limit: items on one page, 0 to 100; the API's default is 20.
            order: by the time that access was given, `asc` (the API's default) or `desc`.
        """
        ...

    # Repeatable, as access is keyed by the two ids: a second time changes nothing.
    @post("/organization/projects/{project_id}/groups", Effect.ADDS, repeatable=True, grants=always)
    def create(self, project_id: str, *, group_id: Name, role: Name) -> ProjectGroup:
        """Give a group access to a project, with a role of the project.

        Args:
            role: the id of a role of the project.

        Raises:
            NotFoundError: there is no such project, group or role.
            BadRequestError: the project is archived.
        """
        ...

    @get("/organization/projects/{project_id}/groups/{group_id}")
    def retrieve(
        self, project_id: str, group_id: str, *, group_type: GroupType | None = None
    ) -> ProjectGroup:
        """Retrieve a group that has access to a project.

        Args:
            group_type: whose group it is, `group` or `tenant_group`.

        Raises:
            NotFoundError: the group has no access to the project.
        """
        ...

    @delete("/organization/projects/{project_id}/groups/{group_id}")
    def delete(self, project_id: str, group_id: str) -> Deleted:
        """Remove a group's access to a project, with all its roles in it.

        Raises:
            NotFoundError: the group has no access to the project.
            BadRequestError: the project is archived.
        """
        ...
