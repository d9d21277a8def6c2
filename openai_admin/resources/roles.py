"""Roles of the organization: named sets of permissions, and how an assigned one is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import attrs
from annotated_types import Interval

from .._declare.decorators import delete, get, listing, post
from .._declare.effect import Effect, when_passed
from .._declare.pagination import Paging
from .._declare.resource import Mode, Resource
from .._wire.models import Entity, Page
from .common import Deleted, Name, Order

LongLimit = Annotated[int | None, Interval(ge=0, le=1000)]
"""Items on one page of roles, groups and their members: 0 to 1000, by the API's descriptions."""


@attrs.frozen(kw_only=True)
class Role(Entity):
    """A role: a named set of permissions, in the organization or in one project.

    Attributes:
        id: its id.
        name: its name, unique in the organization, or in the project.
        description: what it is for.
        permissions: what it allows, such as ``api.audit_logs.read``.
        predefined_role: whether it is OpenAI's own, and can be neither changed nor deleted.
        resource_type: what it is bound to: ``api.organization`` or ``api.project``.
    """

    id: str
    name: str | None = None
    permissions: list[str] | None = attrs.field(factory=list)
    predefined_role: bool | None = False
    resource_type: str | None = None
    description: str | None = None
    object: str | None = "role"


@attrs.frozen(kw_only=True)
class AssignmentSource(Entity):
    """Where a role comes from that was not assigned directly.

    Attributes:
        principal_id: the id of the group that has the role.
        principal_type: what has it, such as ``group``.
    """

    principal_id: str | None = None
    principal_type: str | None = None


@attrs.frozen(kw_only=True)
class AssignedRole(Entity):
    """A role that a user or a group has.

    Attributes:
        id: the role's id.
        name: the role's name.
        description: what the role is for.
        permissions: what the role allows.
        predefined_role: whether the role is OpenAI's own.
        resource_type: what the role is bound to: ``api.organization`` or ``api.project``.
        assignment_sources: the groups that it is inherited from, where there are any.
        created_at: when the role was created.
        created_by: the id of the actor who created the role.
        created_by_user_obj: what is known about that actor.
        updated_at: when the role was last changed.
        metadata: whatever is stored with the role.
    """

    id: str
    name: str | None = None
    permissions: list[str] | None = attrs.field(factory=list)
    predefined_role: bool | None = False
    resource_type: str | None = None
    description: str | None = None
    assignment_sources: list[AssignmentSource] | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    created_by_user_obj: Mapping[str, Any] | None = None
    updated_at: datetime | None = None
    metadata: Mapping[str, Any] | None = None


class Roles(Resource[Mode], name="roles"):
    """Define the roles that the organization's users and groups can have."""

    @listing("/organization/roles", paging=Paging.NEXT)
    def list(
        self, *, limit: LongLimit = None, after: str | None = None, order: Order | None = None
    ) -> Page[Role]:
        """List the organization's roles, the predefined ones included.

        Args:
            limit: items on one page, 0 to 1000, which is the API's default.
        """
        ...

    @post("/organization/roles", Effect.ADDS)
    def create(
        self, *, role_name: Name, permissions: Iterable[Name], description: str | None = ...
    ) -> Role:
        """Create a role of the organization.

        Args:
            role_name: its name, unique in the organization.
            permissions: what it allows, such as `api.audit_logs.read`.
            description: what it is for.

        Raises:
            ConflictError: the organization has a role of that name.
        """
        ...

    @get("/organization/roles/{role_id}")
    def retrieve(self, role_id: str) -> Role:
        """Retrieve a role of the organization."""
        ...

    @post("/organization/roles/{role_id}", Effect.OVERWRITES, grants=when_passed("permissions"))
    def update(
        self,
        role_id: str,
        *,
        role_name: Name | None = ...,
        permissions: Iterable[Name] | None = ...,
        description: str | None = ...,
    ) -> Role:
        """Change a role of the organization, for everybody who has it.

        Args:
            role_name: the new name.
            permissions: everything it allows from now on, replacing what it allowed before.
            description: what it is for.

        Raises:
            BadRequestError: the role is predefined.
        """
        ...

    @delete("/organization/roles/{role_id}", final=True)
    def delete(self, role_id: str) -> Deleted:
        """Delete a role of the organization, and remove it from everybody who has it.

        Raises:
            BadRequestError: the role is predefined.
        """
        ...
