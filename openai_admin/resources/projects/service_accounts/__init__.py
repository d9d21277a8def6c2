"""Service accounts: members of a project that are software, not people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import attrs
from annotated_types import Ge

from ...._declare.decorators import delete, get, listing, post
from ...._declare.effect import Effect, always, when_owner
from ...._declare.pagination import Paging
from ...._declare.resource import Mode, Resource, part
from ...._wire.models import Entity, Page
from ....errors import InvalidInputError
from ...common import Deleted, Limit, Name
from .api_keys import ServiceAccountAPIKey

if TYPE_CHECKING:
    from .api_keys import ProjectServiceAccountAPIKeys


@attrs.frozen(kw_only=True)
class ProjectServiceAccount(Entity):
    """A service account of a project.

    Attributes:
        id: its id, ``svc_acct_…``.
        name: its name.
        role: ``owner`` or ``member`` of the project; ``none`` for an account that was created
            without a role.
        created_at: when it was created.
    """

    id: str
    created_at: datetime | None = None
    name: str | None = None
    role: Literal["owner", "member", "none"] | str | None = None
    object: str | None = "organization.project.service_account"


@attrs.frozen(kw_only=True)
class ServiceAccountCreateResponse(ProjectServiceAccount):
    """A newly created service account, with its first key.

    Attributes:
        api_key: the first key, whose value is shown only here; ``None`` for an account that was
            created without one.
    """

    api_key: ServiceAccountAPIKey | None = None


def _expires_only_with_a_key(arguments: Mapping[str, Any]) -> None:
    expires = arguments.get("expires_in_seconds") is not None
    if expires and arguments.get("create_service_account_only"):
        raise InvalidInputError(
            "expires_in_seconds is for the first key, and create_service_account_only creates none:"
            " pass one of them."
        )


class ProjectServiceAccounts(Resource[Mode], name="projects.service_accounts"):
    """Create, list, change and delete the service accounts of a project."""

    @part
    def api_keys(self) -> type[ProjectServiceAccountAPIKeys[Mode]]:
        """Further keys of a service account."""
        from .api_keys import ProjectServiceAccountAPIKeys

        return ProjectServiceAccountAPIKeys

    @listing("/organization/projects/{project_id}/service_accounts", paging=Paging.LAST_ID)
    def list(
        self, project_id: str, *, limit: Limit = None, after: str | None = None
    ) -> Page[ProjectServiceAccount]:
        """List the service accounts of a project."""
        ...

    @post(
        "/organization/projects/{project_id}/service_accounts",
        Effect.ADDS,
        grants=always,
        check=_expires_only_with_a_key,
    )
    def create(
        self,
        project_id: str,
        *,
        name: Name,
        create_service_account_only: bool | None = ...,
        expires_in_seconds: Annotated[int | None, Ge(1)] = ...,
    ) -> ServiceAccountCreateResponse:
        """Create a service account and its first API key, whose value is shown only once.

        Args:
            name: the account's name.
            create_service_account_only: create the account without a role and without a key.
            expires_in_seconds: after how many seconds the first key stops working, at least 1;
                by default never.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @get("/organization/projects/{project_id}/service_accounts/{service_account_id}")
    def retrieve(self, project_id: str, service_account_id: str) -> ProjectServiceAccount:
        """Retrieve a service account.

        Args:
            service_account_id: the service account's id.

        Raises:
            NotFoundError: there is no such project or service account.
        """
        ...

    @post(
        "/organization/projects/{project_id}/service_accounts/{service_account_id}",
        Effect.OVERWRITES,
        grants=when_owner,
    )
    def update(
        self,
        project_id: str,
        service_account_id: str,
        *,
        name: Name = ...,
        role: Literal["owner", "member"] = ...,
    ) -> ProjectServiceAccount:
        """Rename a service account or change its role in the project.

        Args:
            service_account_id: the service account's id.
            name: the new name.
            role: `member` or `owner`.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @delete("/organization/projects/{project_id}/service_accounts/{service_account_id}", final=True)
    def delete(self, project_id: str, service_account_id: str) -> Deleted:
        """Delete a service account and all its keys, which stop working at once.

        Args:
            service_account_id: the service account's id.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
