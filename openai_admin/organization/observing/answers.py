"""What came of a reading, in the API's models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from ...resources.admin_api_keys import AdminAPIKey
from ...resources.certificates import Certificate
from ...resources.data_retention import OrganizationDataRetention
from ...resources.external_keys import ExternalKey
from ...resources.external_storage import ExternalStorageConfiguration
from ...resources.groups import Group
from ...resources.groups.users import GroupUser
from ...resources.invites import Invite
from ...resources.projects import Project
from ...resources.projects.service_accounts import ProjectServiceAccount
from ...resources.roles import AssignedRole, Role
from ...resources.spend import SpendAlert, SpendLimit
from ...resources.users.model import OrganizationUser
from ...resources.workload_identity_providers import WorkloadIdentityProvider
from ...resources.workload_identity_providers.federation_rules import FederationRule
from .parts import Part


@attrs.define
class Answers:
    """What came; ``None``, or missing in a mapping, is what was not asked for or did not come.

    Attributes:
        people: the organization's users.
        invites: the invites, in every state.
        groups: the groups.
        roles: the organization's roles.
        projects: the projects, archived ones too.
        admin_keys: the admin keys.
        certificates: the organization's certificates.
        external_keys: the external keys.
        external_storage: the external storage of all projects.
        providers: the identity providers.
        spend_limit: the organization's limit, in a list that is empty where there is none.
        spend_alerts: the organization's alerts.
        data_retention: the organization's retention.
        into: the ids of the projects that are read.
        users_of_groups: by group.
        roles_of_groups: likewise, those of the organization.
        roles_of_people: likewise, by user.
        parts: what came of each project, by what it is and the project.
        roles_of_members: by project and user.
        roles_of_project_groups: by project and group.
        accounts: the service accounts of projects that are not read but that rules name.
        rules: by identity provider.
        contents: the text of certificates.
    """

    people: list[OrganizationUser] | None = None
    invites: list[Invite] | None = None
    groups: list[Group] | None = None
    roles: list[Role] | None = None
    projects: list[Project] | None = None
    admin_keys: list[AdminAPIKey] | None = None
    certificates: list[Certificate] | None = None
    external_keys: list[ExternalKey] | None = None
    external_storage: list[ExternalStorageConfiguration] | None = None
    providers: list[WorkloadIdentityProvider] | None = None
    spend_limit: Sequence[SpendLimit] | None = None
    spend_alerts: Sequence[SpendAlert] | None = None
    data_retention: OrganizationDataRetention | None = None
    into: frozenset[str] = frozenset()
    users_of_groups: dict[str, list[GroupUser]] = attrs.field(factory=dict)
    roles_of_groups: dict[str, list[AssignedRole]] = attrs.field(factory=dict)
    roles_of_people: dict[str, list[AssignedRole]] = attrs.field(factory=dict)
    parts: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    roles_of_members: dict[tuple[str, str], list[AssignedRole]] = attrs.field(factory=dict)
    roles_of_project_groups: dict[tuple[str, str], list[AssignedRole]] = attrs.field(factory=dict)
    accounts: dict[str, list[ProjectServiceAccount]] = attrs.field(factory=dict)
    rules: dict[str, list[FederationRule]] = attrs.field(factory=dict)
    contents: dict[str, str] = attrs.field(factory=dict)

    def part(self, part: Part, project_id: str) -> Any:
        """A part of a project; ``None`` where it is not known."""
        return self.parts.get(part.kind, {}).get(project_id)

    def keep(self, part: Part, project_id: str, found: Any) -> None:
        """Keep a part of a project that came."""
        self.parts.setdefault(part.kind, {})[project_id] = found

    def active(self) -> list[Project]:
        """The projects that are not archived, as far as they are known."""
        return [project for project in self.projects or () if project.status != "archived"]
