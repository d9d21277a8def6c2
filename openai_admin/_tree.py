"""The API's resources as a tree, which both clients have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._declare.resource import Mode, Resource, part

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

    @part
    def admin_api_keys(self) -> type[AdminAPIKeys[Mode]]:
        """The organization's admin API keys."""
        from .resources.admin_api_keys import AdminAPIKeys

        return AdminAPIKeys

    @part
    def audit_logs(self) -> type[AuditLogs[Mode]]:
        """What was done in the organization, and by whom."""
        from .resources.audit_logs import AuditLogs

        return AuditLogs

    @part
    def certificates(self) -> type[Certificates[Mode]]:
        """Client certificates for mutual TLS."""
        from .resources.certificates import Certificates

        return Certificates

    @part
    def data_retention(self) -> type[DataRetentions[Mode]]:
        """How long the organization's data is kept."""
        from .resources.data_retention import DataRetentions

        return DataRetentions

    @part
    def external_keys(self) -> type[ExternalKeys[Mode]]:
        """Encryption keys kept in an external key management service."""
        from .resources.external_keys import ExternalKeys

        return ExternalKeys

    @part
    def external_storage(self) -> type[ExternalStorage[Mode]]:
        """The organization's own storage."""
        from .resources.external_storage import ExternalStorage

        return ExternalStorage

    @part
    def fine_tuning(self) -> type[FineTuning[Mode]]:
        """Which projects may use the checkpoints of fine-tuned models."""
        from .resources.fine_tuning import FineTuning

        return FineTuning

    @part
    def groups(self) -> type[Groups[Mode]]:
        """Groups of people, their members and roles."""
        from .resources.groups import Groups

        return Groups

    @part
    def invites(self) -> type[Invites[Mode]]:
        """Invitations to the organization."""
        from .resources.invites import Invites

        return Invites

    @part
    def projects(self) -> type[Projects[Mode]]:
        """Projects, and what belongs to each."""
        from .resources.projects import Projects

        return Projects

    @part
    def roles(self) -> type[Roles[Mode]]:
        """Roles of the organization."""
        from .resources.roles import Roles

        return Roles

    @part
    def spend_alerts(self) -> type[SpendAlerts[Mode]]:
        """Alerts on the organization's spend."""
        from .resources.spend_alerts import SpendAlerts

        return SpendAlerts

    @part
    def spend_limit(self) -> type[SpendLimits[Mode]]:
        """The limit on the organization's spend."""
        from .resources.spend_limit import SpendLimits

        return SpendLimits

    @part
    def usage(self) -> type[Usage[Mode]]:
        """Usage and costs."""
        from .resources.usage import Usage

        return Usage

    @part
    def users(self) -> type[Users[Mode]]:
        """People of the organization, and their roles."""
        from .resources.users import Users

        return Users

    @part
    def workload_identity_providers(self) -> type[WorkloadIdentityProviders[Mode]]:
        """Issuers of workload identities, and their federation rules."""
        from .resources.workload_identity_providers import WorkloadIdentityProviders

        return WorkloadIdentityProviders
