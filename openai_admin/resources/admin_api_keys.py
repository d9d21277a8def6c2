"""Admin API keys: the keys that this very API is called with."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import datetime
from typing import Annotated

import attrs
from annotated_types import Interval

from .._declare.decorators import delete, get, listing, post
from .._declare.effect import Effect, always
from .._declare.pagination import Paging
from .._declare.resource import Mode, Resource
from .._wire.fields import also, secret
from .._wire.models import Entity, Page
from .common import Deleted, Limit, Name, Order

YEAR = 365 * 24 * 60 * 60
"""Seconds; the longest that a key with an expiry may live."""

_PREFIX = "sk-admin"
_OF_PROJECTS = ("sk-proj", "sk-svcacct")
_GAP = re.compile(r"\.\.+|[*…•]")  # what stands for the characters that are not shown


@attrs.frozen(kw_only=True)
class AdminAPIKeyOwner(Entity):
    """The owner of the organization who has an admin key.

    Attributes:
        id: the user's id, ``user-…``.
        type: ``user``.
        name: the person's name.
        role: ``owner`` of the organization.
        created_at: when the person joined.
        object: ``organization.user``.
    """

    id: str | None = also("user.id", "service_account.id")
    type: str | None = None
    name: str | None = also("user.name", "service_account.name")
    role: str | None = also("user.role", "service_account.role")
    created_at: datetime | None = also("user.created_at", "service_account.created_at")
    object: str | None = None


@attrs.frozen(kw_only=True)
class AdminAPIKey(Entity):
    """An admin key, without its value.

    The API has listed keys of projects among them; `is_admin_key` tells them apart.

    Attributes:
        id: its id, ``key_…``.
        name: its name.
        redacted_value: its first and last characters, to recognize it by.
        created_at: when it was created.
        last_used_at: when it was last used; ``None`` if it never was, or (`is_unknown`) the API
            does not say.
        expires_at: when it stops working; ``None`` if it does not.
        owner: the owner of the organization who has it.
    """

    id: str
    created_at: datetime | None = None
    owner: AdminAPIKeyOwner | None = None
    name: str | None = None
    redacted_value: str | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    object: str | None = "organization.admin_api_key"

    def is_admin_key(
        self, project_key_ids: Container[str] = (), *, are_all: bool = False
    ) -> bool | None:
        """Whether it is an admin key and not a project's; ``None`` where that is not known.

        It is a project's only where something says so: its id; its value's first characters,
        ``sk-proj`` or ``sk-svcacct``; or others than those of an admin key where a service account
        has it. Its owner alone does not tell, since service accounts have admin keys too, nor does
        a value of which the first characters are not shown.

        Args:
            project_key_ids: the ids of projects' keys, which they have in this listing as well.
            are_all: whether these are the keys of all projects, so that any other is an admin key.
        """
        if self.id in project_key_ids:
            return False
        shown = _GAP.split(self.redacted_value or "", maxsplit=1)[0].casefold()
        if shown.startswith(_PREFIX):
            return True
        is_of_account = self.owner is not None and self.owner.type == "service_account"
        is_other = shown.startswith("sk-") and not _PREFIX.startswith(shown)
        if shown.startswith(_OF_PROJECTS) or (is_of_account and is_other):
            return False
        return True if are_all else None


@attrs.frozen(kw_only=True)
class AdminAPIKeyCreateResponse(AdminAPIKey):
    """A newly created admin key: the only time that its value is shown.

    Attributes:
        value: the key itself, a one-time secret: the API never shows it again.
    """

    value: str = secret()


class AdminAPIKeys(Resource[Mode], name="admin_api_keys"):
    """Create, list and delete admin keys; only owners of the organization have such keys."""

    @listing("/organization/admin_api_keys", paging=Paging.LAST_ITEM)
    def list(
        self, *, limit: Limit = None, after: str | None = None, order: Order | None = None
    ) -> Page[AdminAPIKey]:
        """List the admin keys, by default the oldest first.

        The API has listed keys of projects too: `AdminAPIKey.is_admin_key` tells them apart.
        """
        ...

    @post("/organization/admin_api_keys", Effect.ADDS, grants=always)
    def create(
        self, *, name: Name, expires_in_seconds: Annotated[int, Interval(ge=1, le=YEAR)] = ...
    ) -> AdminAPIKeyCreateResponse:
        """Create an admin key for the caller; its value is shown only once.

        Args:
            name: the key's name.
            expires_in_seconds: after how many seconds the key stops working, 1 to 31,536,000 (a
                year); by default never.
        """
        ...

    @get("/organization/admin_api_keys/{key_id}")
    def retrieve(self, key_id: str) -> AdminAPIKey:
        """Retrieve an admin key, without its value.

        Args:
            key_id: the key's id.

        Raises:
            NotFoundError: there is no such key.
        """
        ...

    @delete("/organization/admin_api_keys/{key_id}", final=True)
    def delete(self, key_id: str) -> Deleted:
        """Delete an admin key, which stops working at once, even if it is the caller's own.

        Args:
            key_id: the key's id.
        """
        ...
