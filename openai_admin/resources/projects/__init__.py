"""Projects: what usage, keys, people and limits are grouped by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ..._declare.decorators import get, listing, post
from ..._declare.effect import Effect
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource, part
from ..._wire.fields import also
from ..._wire.models import Entity, Page
from ...errors import InvalidInputError
from ..common import Limit, Name

if TYPE_CHECKING:
    from .api_keys import ProjectAPIKeys
    from .certificates import ProjectCertificates
    from .data_retention import ProjectDataRetentions
    from .groups import ProjectGroups
    from .hosted_tool_permissions import HostedToolPermissions
    from .model_permissions import ModelPermissions
    from .rate_limits import ProjectRateLimits
    from .roles import ProjectRoles
    from .service_accounts import ProjectServiceAccounts
    from .service_tier_settings import ServiceTierSettings
    from .spend_alerts import ProjectSpendAlerts
    from .spend_limit import ProjectSpendLimits
    from .users import ProjectUsers

Residency = Literal[
    "GLOBAL",
    "US_STORAGE_PROCESSING",
    "EU_STORAGE_PROCESSING",
    "JP_STORAGE",
    "JP_STORAGE_PROCESSING",
    "KR_STORAGE",
    "CA_STORAGE",
    "SG_STORAGE",
    "IN_STORAGE",
    "IN_STORAGE_PROCESSING",
    "AU_STORAGE",
    "AU_STORAGE_PROCESSING",
    "GB_STORAGE",
    "AE_STORAGE",
    "AE_STORAGE_PROCESSING",
]
"""Where a project's data is stored and processed."""


@attrs.frozen(kw_only=True)
class Project(Entity):
    """A project of the organization.

    Attributes:
        id: its id, ``proj_…``.
        name: the name shown in reports.
        created_at: when it was created.
        archived_at: when it was archived; ``None`` while it is active.
        status: ``active`` or ``archived``.
        residency: where its data is kept.
        external_key_id: the customer-managed encryption key it uses.
    """

    id: str
    created_at: datetime | None = also("created")
    name: str | None = also("title")
    status: Literal["active", "archived"] | str | None = None
    archived_at: datetime | None = None
    residency: Residency | str | None = None
    external_key_id: str | None = None
    object: str | None = "organization.project"


def _one_way_to_name_the_region(arguments: Mapping[str, Any]) -> None:
    if arguments.get("geography") is not None and arguments.get("residency") is not None:
        raise InvalidInputError("Pass residency or geography, not both; residency is the newer.")


class Projects(Resource[Mode], name="projects"):
    """Create, read, rename and archive projects. Nothing deletes a project."""

    @part
    def api_keys(self) -> type[ProjectAPIKeys[Mode]]:
        """API keys of a project."""
        from .api_keys import ProjectAPIKeys

        return ProjectAPIKeys

    @part
    def certificates(self) -> type[ProjectCertificates[Mode]]:
        """Certificates active in a project."""
        from .certificates import ProjectCertificates

        return ProjectCertificates

    @part
    def data_retention(self) -> type[ProjectDataRetentions[Mode]]:
        """How long a project's data is kept."""
        from .data_retention import ProjectDataRetentions

        return ProjectDataRetentions

    @part
    def groups(self) -> type[ProjectGroups[Mode]]:
        """Groups with access to a project, and their roles."""
        from .groups import ProjectGroups

        return ProjectGroups

    @part
    def hosted_tool_permissions(self) -> type[HostedToolPermissions[Mode]]:
        """Which hosted tools a project may use."""
        from .hosted_tool_permissions import HostedToolPermissions

        return HostedToolPermissions

    @part
    def model_permissions(self) -> type[ModelPermissions[Mode]]:
        """Which models a project may use."""
        from .model_permissions import ModelPermissions

        return ModelPermissions

    @part
    def rate_limits(self) -> type[ProjectRateLimits[Mode]]:
        """Rate limits of a project, by model."""
        from .rate_limits import ProjectRateLimits

        return ProjectRateLimits

    @part
    def roles(self) -> type[ProjectRoles[Mode]]:
        """Roles of a project."""
        from .roles import ProjectRoles

        return ProjectRoles

    @part
    def service_accounts(self) -> type[ProjectServiceAccounts[Mode]]:
        """Service accounts of a project, and their keys."""
        from .service_accounts import ProjectServiceAccounts

        return ProjectServiceAccounts

    @part
    def service_tier_settings(self) -> type[ServiceTierSettings[Mode]]:
        """Which service tiers a project may use."""
        from .service_tier_settings import ServiceTierSettings

        return ServiceTierSettings

    @part
    def spend_alerts(self) -> type[ProjectSpendAlerts[Mode]]:
        """Alerts on a project's spend."""
        from .spend_alerts import ProjectSpendAlerts

        return ProjectSpendAlerts

    @part
    def spend_limit(self) -> type[ProjectSpendLimits[Mode]]:
        """The limit on a project's spend."""
        from .spend_limit import ProjectSpendLimits

        return ProjectSpendLimits

    @part
    def users(self) -> type[ProjectUsers[Mode]]:
        """People of a project, and their roles."""
        from .users import ProjectUsers

        return ProjectUsers

    @listing("/organization/projects", paging=Paging.LAST_ID)
    def list(
        self,
        *,
        limit: Limit = None,
        after: str | None = None,
        include_archived: bool | None = None,
    ) -> Page[Project]:
        """List the projects, by default those that are not archived.

        Args:
            include_archived: also list archived projects.
        """
        ...

    @post("/organization/projects", Effect.ADDS, check=_one_way_to_name_the_region)
    def create(
        self,
        *,
        name: Name,
        geography: str | None = ...,
        residency: Residency | None = ...,
        external_key_id: str | None = ...,
    ) -> Project:
        """Create a project, optionally with data residency. It cannot be deleted later.

        Args:
            name: the name shown in reports; it need not be unique.
            geography: the older way to name the region of data residency, such as `EU`.
            residency: where data is stored and processed, fixed at creation, where the
                organization may choose.
            external_key_id: the customer-managed encryption key to use.
        """
        ...

    @get("/organization/projects/{project_id}")
    def retrieve(self, project_id: str) -> Project:
        """Retrieve a project, archived or not.

        Raises:
            NotFoundError: there is no such project.
        """
        ...

    @post("/organization/projects/{project_id}", Effect.OVERWRITES)
    def update(
        self,
        project_id: str,
        *,
        name: str | None = ...,
        external_key_id: str | None = ...,
        geography: str | None = ...,
    ) -> Project:
        """Rename a project or change its encryption key.

        Args:
            name: the new name.
            external_key_id: the customer-managed encryption key to use; `None` for none.
            geography: the region of data residency.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @post("/organization/projects/{project_id}/archive", Effect.REMOVES, final=True)
    def archive(self, project_id: str) -> Project:
        """Archive a project: its keys stop working, and it can be neither used nor changed."""
        ...
