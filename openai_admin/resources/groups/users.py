"""Users of a group."""

from __future__ import annotations

from typing import Literal

import attrs

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, always
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity, Page
from ..common import Deleted, Name, Order
from ..roles import LongLimit


@attrs.frozen(kw_only=True)
class GroupUser(Entity):
    """A user of a group.

    Attributes:
        id: the user's id.
        name: the person's name.
        email: the person's address.
        user_type: ``user`` or ``tenant_user``; a listing leaves it out.
        is_service_account: whether it is software rather than a person; a listing leaves it out.
        picture: the address of a picture; a listing leaves it out.
    """

    id: str
    name: str | None = None
    email: str | None = None
    user_type: Literal["user", "tenant_user"] | str | None = None
    is_service_account: bool | None = None
    picture: str | None = None


@attrs.frozen(kw_only=True)
class GroupMembership(Entity):
    """A user's membership of a group.

    Attributes:
        group_id: the group.
        user_id: the user.
    """

    group_id: str | None = None
    user_id: str | None = None
    object: str | None = "group.user"


class GroupUsers(Resource[Mode], name="groups.users"):
    """Add users to a group, and remove them."""

    @listing("/organization/groups/{group_id}/users", paging=Paging.NEXT)
    def list(
        self,
        group_id: str,
        *,
        limit: LongLimit = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[GroupUser]:
        """List the users of a group.

        Args:
            limit: items on one page, 0 to 1000; the API's default is 100.
            order: by time of joining, `asc` or `desc` (the API's default).
        """
        ...

    # Repeatable, as membership is keyed by the two ids: a second time changes nothing.
    @post("/organization/groups/{group_id}/users", Effect.ADDS, repeatable=True, grants=always)
    def create(self, group_id: str, *, user_id: Name) -> GroupMembership:
        """Add a member of the organization to a group.

        Raises:
            NotFoundError: the organization has no such group, or no such user.
            BadRequestError: an identity provider manages the group.
        """
        ...

    @get("/organization/groups/{group_id}/users/{user_id}")
    def retrieve(self, group_id: str, user_id: str) -> GroupUser:
        """Retrieve a user of a group.

        Raises:
            NotFoundError: the user is not in the group.
        """
        ...

    @delete("/organization/groups/{group_id}/users/{user_id}")
    def delete(self, group_id: str, user_id: str) -> Deleted:
        """Remove a user from a group; the user stays in the organization.

        Raises:
            NotFoundError: the user is not in the group.
            BadRequestError: an identity provider manages the group.
        """
        ...
