"""API keys of a project: those of its people and those of its service accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import attrs
from annotated_types import Ge

from ..._declare.decorators import delete, get, listing, post
from ..._declare.effect import Effect, when_passed
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.fields import Alias, also
from ..._wire.models import Entity, Page
from ...errors import InvalidInputError
from ..common import Deleted, Limit


@attrs.frozen(kw_only=True)
class ProjectAPIKeyOwnerUser(Entity):
    """The person who has a project key.

    Attributes:
        id: the user's id, ``user-…``.
        name: the person's name.
        email: the person's address.
        role: ``owner`` or ``member`` of the project.
        created_at: when the person joined.
    """

    id: str
    name: str | None = None
    email: str | None = None
    role: str | None = None
    created_at: datetime | None = None


@attrs.frozen(kw_only=True)
class ProjectAPIKeyOwnerServiceAccount(Entity):
    """The service account that has a project key.

    Attributes:
        id: its id, ``svc_acct_…``.
        name: its name.
        role: its role in the project.
        created_at: when it was created.
    """

    id: str
    name: str | None = None
    role: str | None = None
    created_at: datetime | None = None


def _flat(kind: str) -> Alias:
    """An owner whose fields have come beside its type, and not under a name of their own."""

    def find(source: Mapping[str, Any]) -> Any:
        return source if source.get("type") == kind and "id" in source else None

    return find


@attrs.frozen(kw_only=True)
class ProjectAPIKeyOwner(Entity):
    """Who has a project key.

    Attributes:
        type: ``user`` or ``service_account``; the attribute of that name is set.
        user: the person, of a personal key.
        service_account: the service account, of its key.
    """

    type: Literal["user", "service_account"] | str | None = None
    user: ProjectAPIKeyOwnerUser | None = also(_flat("user"))
    service_account: ProjectAPIKeyOwnerServiceAccount | None = also(_flat("service_account"))

    @property
    def holder(self) -> ProjectAPIKeyOwnerUser | ProjectAPIKeyOwnerServiceAccount | None:
        """The person or the service account; ``None`` where the API names neither."""
        return self.user or self.service_account


@attrs.frozen(kw_only=True)
class ProjectAPIKey(Entity):
    """An API key of a project, without its value.

    Attributes:
        id: its id, ``key_…``.
        name: its name.
        redacted_value: its first and last characters, to recognize it by.
        created_at: when it was created.
        last_used_at: when it was last used; ``None`` if it never was.
        expires_at: when it stops working; ``None`` if it does not.
        owner: the person or service account that has it.
        owner_project_access: whether the owner now has access to the project, ``active`` or
            ``inactive``.
    """

    id: str
    created_at: datetime | None = None
    owner: ProjectAPIKeyOwner | None = None
    name: str | None = None
    redacted_value: str | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    owner_project_access: Literal["active", "inactive"] | str | None = None
    object: str | None = "organization.project.api_key"


def _changes_something(arguments: Mapping[str, Any]) -> None:
    if "scopes" not in arguments and "expires_in_seconds" not in arguments:
        raise InvalidInputError("Pass what to change: scopes, expires_in_seconds, or both.")


class ProjectAPIKeys(Resource[Mode], name="projects.api_keys"):
    """List, change and delete the keys of a project; their values are never shown."""

    @listing("/organization/projects/{project_id}/api_keys", paging=Paging.LAST_ID)
    def list(
        self,
        project_id: str,
        *,
        limit: Limit = None,
        after: str | None = None,
        owner_project_access: Literal["active", "inactive", "any"] | None = None,
    ) -> Page[ProjectAPIKey]:
        """List the keys of a project.

        The API leaves out some keys that still work, those of people who are not in the project
        (any more), unless `owner_project_access` asks for them.

        Args:
            owner_project_access: only keys whose owners now have access to the project
                (`active`), or do not (`inactive`), or every key (`any`).
        """
        ...

    @get("/organization/projects/{project_id}/api_keys/{api_key_id}")
    def retrieve(self, project_id: str, api_key_id: str) -> ProjectAPIKey:
        """Retrieve a key of a project, without its value.

        Args:
            api_key_id: the key's id.

        Raises:
            NotFoundError: there is no such project or key.
        """
        ...

    # Repeatable: a second request sets the same scopes, and an expiry later by the time between.
    @post(
        "/organization/projects/{project_id}/api_keys/{api_key_id}",
        Effect.OVERWRITES,
        grants=when_passed("scopes"),
        check=_changes_something,
    )
    def update(
        self,
        project_id: str,
        api_key_id: str,
        *,
        scopes: Iterable[str] = ...,
        expires_in_seconds: Annotated[int, Ge(1)] = ...,
    ) -> ProjectAPIKey:
        """Change what a key may do, or when it expires, or both together.

        Args:
            api_key_id: the key's id.
            scopes: what the key may do from now on, such as `api.files.read`;
                `["api.all.read"]` makes it read-only, and an empty list lifts every
                restriction.
            expires_in_seconds: how many seconds from now the key stops working, at least 1.

        Raises:
            BadRequestError: the key has already expired, or the project is archived.
        """
        ...

    @delete("/organization/projects/{project_id}/api_keys/{api_key_id}", final=True)
    def delete(self, project_id: str, api_key_id: str) -> Deleted:
        """Delete a key, which stops working at once; a service account keeps its other keys.

        Args:
            api_key_id: the key's id.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
