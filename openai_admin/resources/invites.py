"""Invites: how people join the organization."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, TypedDict

import attrs

from .._declare.decorators import delete, get, listing, post
from .._declare.effect import Effect, when_owner
from .._declare.pagination import Paging
from .._declare.resource import Mode, Resource
from .._wire.fields import also
from .._wire.models import Entity, Page
from ..errors import InvalidInputError
from .common import Deleted, Limit, Name


@attrs.frozen(kw_only=True)
class InviteProject(Entity):
    """A project that an invite grants.

    Attributes:
        id: the project's id.
        role: the role in it, ``member`` or ``owner``.
    """

    id: str
    role: Literal["owner", "member"] | str | None = None


@attrs.frozen(kw_only=True)
class Invite(Entity):
    """An invite to the organization.

    Attributes:
        id: its id, ``invite-…``.
        email: the address it was sent to.
        role: the role in the organization that it grants, ``owner`` or ``reader``.
        status: ``pending``, ``accepted`` or ``expired``.
        created_at: when it was sent.
        expires_at: when it can no longer be accepted.
        accepted_at: when it was accepted.
        projects: the projects that it grants.
    """

    id: str
    created_at: datetime | None = also("invited_at")
    email: str | None = None
    role: Literal["owner", "reader"] | str | None = None
    status: Literal["accepted", "expired", "pending"] | str | None = None
    expires_at: datetime | None = None
    accepted_at: datetime | None = None
    projects: list[InviteProject] | None = attrs.field(factory=list)
    object: str | None = "organization.invite"


class InviteProjectParam(TypedDict):
    """A project that an invite is to grant, and the role in it.

    Attributes:
        id: the project's id.
        role: the role in it, `member` or `owner`.
    """

    id: Name
    role: Literal["owner", "member"]


def _check_address(arguments: Mapping[str, Any]) -> None:
    address = arguments["email"]
    if not re.fullmatch(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+", address):
        raise InvalidInputError(
            f"email must be one address, such as 'user@example.com', not {address[:80]!r}."
        )


def _invites_owner(arguments: Mapping[str, Any]) -> bool:
    """Whether an invite makes somebody an owner, of the organization or of a project."""
    return when_owner(arguments) or any(when_owner(p) for p in arguments.get("projects") or ())


class Invites(Resource[Mode], name="invites"):
    """Invite people to the organization, and withdraw invites."""

    @listing("/organization/invites", paging=Paging.LAST_ID)
    def list(self, *, limit: Limit = None, after: str | None = None) -> Page[Invite]:
        """List the invites of the organization, in every state."""
        ...

    @post("/organization/invites", Effect.ADDS, grants=_invites_owner, check=_check_address)
    def create(
        self,
        *,
        email: Name,
        role: Literal["owner", "reader"],
        projects: Iterable[InviteProjectParam] = ...,
    ) -> Invite:
        """Invite somebody to the organization, who becomes a member by accepting.

        Args:
            email: the address to send it to.
            role: the role in the organization, `reader` or `owner`.
            projects: the projects to grant, each with an `id` and a `role` (`member` or
                `owner`). Left out, the API grants the default project; an empty list grants none.

        Raises:
            NotFoundError: there is no such project.
        """
        ...

    @get("/organization/invites/{invite_id}")
    def retrieve(self, invite_id: str) -> Invite:
        """Retrieve an invite.

        Args:
            invite_id: the invite's id, such as `invite-abc`.
        """
        ...

    @delete("/organization/invites/{invite_id}")
    def delete(self, invite_id: str) -> Deleted:
        """Delete an invite, so that it can no longer be accepted.

        Args:
            invite_id: the invite's id, such as `invite-abc`.

        Raises:
            BadRequestError: it was already accepted.
        """
        ...
