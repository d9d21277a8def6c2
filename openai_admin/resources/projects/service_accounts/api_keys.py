"""API keys of service accounts: created here, then listed with the project's other keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import attrs
from annotated_types import Ge

from ...._declare.decorators import post
from ...._declare.effect import Effect, always
from ...._declare.resource import Mode, Resource
from ...._wire.fields import secret
from ...._wire.models import Entity
from ...common import Name


@attrs.frozen(kw_only=True)
class ServiceAccountAPIKey(Entity):
    """A newly created key of a service account: the only time that its value is shown.

    Attributes:
        id: its id, ``key_…``.
        name: its name.
        value: the key itself, a one-time secret: the API never shows it again.
        created_at: when it was created.
        expires_at: when it stops working; ``None`` if it does not.
    """

    id: str
    value: str = secret()
    created_at: datetime | None = None
    name: str | None = None
    expires_at: datetime | None = None
    object: str | None = "organization.project.service_account.api_key"


class ProjectServiceAccountAPIKeys(Resource[Mode], name="projects.service_accounts.api_keys"):
    """Create further keys of a service account; `projects.api_keys` lists and deletes them."""

    @post(
        "/organization/projects/{project_id}/service_accounts/{service_account_id}/api_keys",
        Effect.ADDS,
        grants=always,
    )
    def create(
        self,
        project_id: str,
        service_account_id: str,
        *,
        name: Name = ...,
        scopes: Iterable[str] = ...,
        expires_in_seconds: Annotated[int | None, Ge(1)] = ...,
    ) -> ServiceAccountAPIKey:
        """Create another API key of a service account; its value is shown only once.

        Args:
            service_account_id: the service account's id.
            name: the key's name.
            scopes: what the key may do, such as `api.files.read`; by default everything.
            expires_in_seconds: after how many seconds the key stops working, at least 1; by
                default never.

        Raises:
            BadRequestError: the project is archived.
            NotFoundError: there is no such project or service account.
        """
        ...
