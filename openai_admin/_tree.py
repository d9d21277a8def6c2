"""The API's resources as a tree, which both clients have."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ._declare.resource import Mode, Resource

if TYPE_CHECKING:
    from .resources.admin_api_keys import AdminAPIKeys
    from .resources.audit_logs import AuditLogs
    from .resources.certificates import Certificates
    from .resources.data_retention import DataRetentions
    from .resources.external_keys import ExternalKeys
    from .resources.external_storage import ExternalStorage
    from .resources.fine_tuning import FineTuning
    from .resources.groups import Groups
    from .resources.invites import Invites
    from .resources.projects import Projects
    from .resources.roles import Roles
    from .resources.spend_alerts import SpendAlerts
    from .resources.spend_limit import SpendLimits
    from .resources.usage import Usage
    from .resources.users import Users
    from .resources.workload_identity_providers import WorkloadIdentityProviders


class AdminResources(Resource[Mode]):
    """The resources of the Admin API. Their modules are imported when they are first used."""

    @cached_property
    def admin_api_keys(self) -> AdminAPIKeys[Mode]:
        """The organization's admin API keys."""
        from .resources.admin_api_keys import AdminAPIKeys

        return self._part(AdminAPIKeys)

    @cached_property
    def audit_logs(self) -> AuditLogs[Mode]:
        """What was done in the organization, and by whom."""
        from .resources.audit_logs import AuditLogs

        return self._part(AuditLogs)

    @cached_property
    def certificates(self) -> Certificates[Mode]:
        """Client certificates for mutual TLS."""
        from .resources.certificates import Certificates

        return self._part(Certificates)

    @cached_property
    def data_retention(self) -> DataRetentions[Mode]:
        """How long the organization's data is kept."""
        from .resources.data_retention import DataRetentions

        return self._part(DataRetentions)

    @cached_property
    def external_keys(self) -> ExternalKeys[Mode]:
        """Encryption keys kept in an external key management service."""
        from .resources.external_keys import ExternalKeys

        return self._part(ExternalKeys)

    @cached_property
    def external_storage(self) -> ExternalStorage[Mode]:
        """The organization's own storage."""
        from .resources.external_storage import ExternalStorage

        return self._part(ExternalStorage)

    @cached_property
    def fine_tuning(self) -> FineTuning[Mode]:
        """Which projects may use the checkpoints of fine-tuned models."""
        from .resources.fine_tuning import FineTuning

        return self._part(FineTuning)

    @cached_property
    def groups(self) -> Groups[Mode]:
        """Groups of people, their members and roles."""
        from .resources.groups import Groups

        return self._part(Groups)

    @cached_property
    def invites(self) -> Invites[Mode]:
        """Invitations to the organization."""
        from .resources.invites import Invites

        return self._part(Invites)

    @cached_property
    def projects(self) -> Projects[Mode]:
        """Projects, and what belongs to each."""
        from .resources.projects import Projects

        return self._part(Projects)

    @cached_property
    def roles(self) -> Roles[Mode]:
        """Roles of the organization."""
        from .resources.roles import Roles

        return self._part(Roles)

    @cached_property
    def spend_alerts(self) -> SpendAlerts[Mode]:
        """Alerts on the organization's spend."""
        from .resources.spend_alerts import SpendAlerts

        return self._part(SpendAlerts)

    @cached_property
    def spend_limit(self) -> SpendLimits[Mode]:
        """The limit on the organization's spend."""
        from .resources.spend_limit import SpendLimits

        return self._part(SpendLimits)

    @cached_property
    def usage(self) -> Usage[Mode]:
        """Usage and costs."""
        from .resources.usage import Usage

        return self._part(Usage)

    @cached_property
    def users(self) -> Users[Mode]:
        """People of the organization, and their roles."""
        from .resources.users import Users

        return self._part(Users)

    @cached_property
    def workload_identity_providers(self) -> WorkloadIdentityProviders[Mode]:
        """Issuers of workload identities, and their federation rules."""
        from .resources.workload_identity_providers import WorkloadIdentityProviders

        return self._part(WorkloadIdentityProviders)
