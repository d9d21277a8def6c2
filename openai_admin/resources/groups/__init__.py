"""Groups: users who are assigned roles together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import attrs
from annotated_types import Len

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource, part
from ..._wire.models import Entity, Page
from ..common import Deleted, Order
from ..roles import LongLimit

if TYPE_CHECKING:
    from .roles import GroupRoles
    from .users import GroupUsers

GroupName = Annotated[str, Len(1, 255)]
"""A group's name: 1 to 255 characters."""

GroupType = Literal["group", "tenant_group"]
"""Whose group it is: the organization's, or its tenant's."""


@attrs.frozen(kw_only=True)
class Group(Entity):
    """A group of users of the organization.

    Attributes:
        id: its id.
        name: the name shown.
        created_at: when it was created.
        is_scim_managed: whether an identity provider manages it, through SCIM.
        group_type: ``group`` or ``tenant_group``; the response to an update leaves it out.
    """

    id: str
    created_at: datetime | None = None
    name: str | None = None
    is_scim_managed: bool | None = False
    group_type: GroupType | str | None = None


class Groups(Resource[Mode], name="groups"):
    """Create, read, rename and delete groups of users."""

    @part
    def users(self) -> type[GroupUsers[Mode]]:
        """Users of a group."""
        from .users import GroupUsers

        return GroupUsers

    @part
    def roles(self) -> type[GroupRoles[Mode]]:
        """Roles of a group in the organization."""
        from .roles import GroupRoles

        return GroupRoles

    @listing("/organization/groups", paging=Paging.NEXT)
    def list(
        self, *, limit: LongLimit = None, after: str | None = None, order: Order | None = None
    ) -> Page[Group]:
        """List the groups of the organization.

        Args:
            limit: items on one page, 0 to 1000; the API's default is 100.
            order: by time of creation, `asc` (the API's default) or `desc`.
        """
        ...

    @post("/organization/groups", Effect.ADDS)
    def create(self, *, name: GroupName) -> Group:
        """Create a group.

        Args:
            name: the name shown, 1 to 255 characters; it need not be unique.
        """
        ...

    @get("/organization/groups/{group_id}")
    def retrieve(self, group_id: str) -> Group:
        """Retrieve a group."""
        ...

    @post("/organization/groups/{group_id}", Effect.OVERWRITES)
    def update(self, group_id: str, *, name: GroupName) -> Group:
        """Rename a group.

        Args:
            name: the new name, 1 to 255 characters.

        Raises:
            BadRequestError: an identity provider manages the group.
        """
        ...

    @delete("/organization/groups/{group_id}", final=True)
    def delete(self, group_id: str) -> Deleted:
        """Delete a group; its users lose the roles they had through it.

        Raises:
            BadRequestError: an identity provider manages the group.
        """
        ...
