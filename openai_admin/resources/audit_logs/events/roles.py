"""Events of roles and of their assignments."""

from __future__ import annotations

from typing import Literal

import attrs

from ...._wire.models import Entity
from .shapes import Change, Subject, Untyped, event


@event("role.created")
@attrs.frozen(kw_only=True)
class RoleCreated(Subject):
    """A role was created.

    Attributes:
        id: the role's id.
        role_name: its name.
        permissions: what it allows.
        resource_type: the kind of resource it is a role of.
        resource_id: the resource it is a role of.
    """

    role_name: str | None = None
    permissions: list[str] | None = None
    resource_type: str | None = None
    resource_id: str | None = None


@attrs.frozen(kw_only=True)
class RoleChanges(Entity):
    """What was to change in a role.

    Attributes:
        role_name: its name.
        description: its description.
        permissions_added: what it allows from then on.
        permissions_removed: what it no longer allows.
        resource_type: the kind of resource it is a role of.
        resource_id: the resource it is a role of.
        metadata: what else is stored with it.
    """

    role_name: str | None = None
    description: str | None = None
    permissions_added: list[str] | None = None
    permissions_removed: list[str] | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    metadata: Untyped | None = None


@event("role.updated")
class RoleUpdated(Change[RoleChanges]):
    """A role was changed."""

    __slots__ = ()


@event("role.deleted")
class RoleDeleted(Subject):
    """A role was deleted."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class Assignment(Subject):
    """A role that somebody has.

    Attributes:
        id: the id of the assignment.
        principal_type: whether it is a ``user`` or a ``group`` that has the role.
        principal_id: the user or the group.
        resource_type: the kind of resource that the role is for.
        resource_id: the resource that the role is for.
    """

    principal_type: str | None = None
    principal_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None


@event("role.assignment.created")
class RoleAssignmentCreated(Assignment):
    """A role was assigned to a user or a group."""

    __slots__ = ()


@event("role.assignment.deleted")
class RoleAssignmentDeleted(Assignment):
    """A role was taken from a user or a group."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class RoleBinding(Subject):
    """A role and a resource that it is bound to; an event of the tenant.

    Attributes:
        id: the resource's id; of a workspace connector ``<workspace id>__<connector id>``.
        role_id: the role.
        resource_type: the kind of resource.
        resource_id: the resource's id.
        permissions: what the role allows on the resource.
        source: how the change was made.
        enabled: whether the connector is enabled for the role.
        connector_id: the workspace connector.
        connector_name: the connector's name, or its id where it has none.
        workspace_id: the workspace that the connector belongs to.
    """

    role_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    permissions: list[str] | None = None
    source: (
        Literal[
            "role_toggle",
            "role_connector_update",
            "role_delete",
            "workspace_permissions",
            "connector_publish",
        ]
        | str
        | None
    ) = None
    enabled: bool | None = None
    connector_id: str | None = None
    connector_name: str | None = None
    workspace_id: str | None = None


@event("role.bound_to_resource")
class RoleBoundToResource(RoleBinding):
    """A role was bound to a resource."""

    __slots__ = ()


@event("role.unbound_from_resource")
class RoleUnboundFromResource(RoleBinding):
    """A role was unbound from a resource."""

    __slots__ = ()
