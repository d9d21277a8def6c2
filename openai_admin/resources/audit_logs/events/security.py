"""Events of certificates, address lists, encryption keys, storage and workload identities."""

from __future__ import annotations

from typing import Any

import attrs

from ...._wire.models import Entity
from ...external_storage import (
    AwsExternalStorageProvider,
    AzureExternalStorageProvider,
    GcpExternalStorageProvider,
    OciExternalStorageProvider,
)
from .shapes import (
    Change,
    Creation,
    EventPayload,
    EventReference,
    NamedSubject,
    Subject,
    Untyped,
    event,
)


@event("certificate.created")
class CertificateCreated(NamedSubject):
    """A certificate was uploaded."""

    __slots__ = ()


@event("certificate.updated")
class CertificateUpdated(NamedSubject):
    """A certificate was renamed."""

    __slots__ = ()


@event("certificate.deleted")
@attrs.frozen(kw_only=True)
class CertificateDeleted(NamedSubject):
    """A certificate was deleted.

    Attributes:
        id: its id.
        name: its name.
        certificate: its content in PEM.
    """

    certificate: str | None = None


@attrs.frozen(kw_only=True)
class CertificateList(EventPayload):
    """The certificates that an event is about.

    Attributes:
        certificates: the certificates.
    """

    certificates: list[EventReference] | None = None


@event("certificates.activated")
class CertificatesActivated(CertificateList):
    """Certificates were activated."""

    __slots__ = ()


@event("certificates.deactivated")
class CertificatesDeactivated(CertificateList):
    """Certificates were deactivated."""

    __slots__ = ()


@event("ip_allowlist.updated")
@attrs.frozen(kw_only=True)
class IPAllowlistUpdated(Subject):
    """A list of allowed addresses was changed.

    Attributes:
        id: the list's id.
        allowed_ips: the addresses and networks on it.
    """

    allowed_ips: list[str] | None = None


@attrs.frozen(kw_only=True)
class IPAllowlist(NamedSubject):
    """A list of allowed addresses.

    Attributes:
        id: the list's id.
        name: its name.
        allowed_ips: the addresses and networks on it.
    """

    allowed_ips: list[str] | None = None


@event("ip_allowlist.created")
class IPAllowlistCreated(IPAllowlist):
    """A list of allowed addresses was created."""

    __slots__ = ()


@event("ip_allowlist.deleted")
class IPAllowlistDeleted(IPAllowlist):
    """A list of allowed addresses was deleted."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class IPAllowlistConfigs(EventPayload):
    """The lists of allowed addresses that an event is about.

    Attributes:
        configs: the lists.
    """

    configs: list[EventReference] | None = None


@event("ip_allowlist.config.activated")
class IPAllowlistConfigActivated(IPAllowlistConfigs):
    """Lists of allowed addresses were activated."""

    __slots__ = ()


@event("ip_allowlist.config.deactivated")
class IPAllowlistConfigDeactivated(IPAllowlistConfigs):
    """Lists of allowed addresses were deactivated."""

    __slots__ = ()


@event("external_key.registered")
class ExternalKeyRegistered(Creation[Untyped]):
    """A customer-managed encryption key was registered."""

    __slots__ = ()


@event("external_key.removed")
class ExternalKeyRemoved(Subject):
    """A customer-managed encryption key was removed."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class ExternalStorageData(Entity):
    """What an external storage was registered with.

    Attributes:
        geography: the region it lies in, as the API names it.
        provider: where it is; unchanged for a provider not known yet.
    """

    geography: str | None = None
    provider: (
        AwsExternalStorageProvider
        | AzureExternalStorageProvider
        | GcpExternalStorageProvider
        | OciExternalStorageProvider
        | dict[str, Any]
        | None
    ) = None


@event("external_storage.registered")
class ExternalStorageRegistered(Creation[ExternalStorageData]):
    """An external storage was registered."""

    __slots__ = ()


@event("external_storage.removed")
class ExternalStorageRemoved(Subject):
    """An external storage was removed."""

    __slots__ = ()


@event("workload_identity_provider.created")
class WorkloadIdentityProviderCreated(Creation[Untyped]):
    """A workload identity provider was created."""

    __slots__ = ()


@event("workload_identity_provider.updated")
class WorkloadIdentityProviderUpdated(Change[Untyped]):
    """A workload identity provider was changed."""

    __slots__ = ()


@event("workload_identity_provider.deleted")
class WorkloadIdentityProviderDeleted(NamedSubject):
    """A workload identity provider was deleted."""

    __slots__ = ()


@event("workload_identity_provider_mapping.created")
@attrs.frozen(kw_only=True)
class WorkloadIdentityProviderMappingCreated(Creation[Untyped]):
    """A mapping of a workload identity provider was created.

    Attributes:
        id: the mapping's id.
        data: what it was created with.
        identity_provider_id: the provider.
    """

    identity_provider_id: str | None = None


@event("workload_identity_provider_mapping.updated")
@attrs.frozen(kw_only=True)
class WorkloadIdentityProviderMappingUpdated(Change[Untyped]):
    """A mapping of a workload identity provider was changed.

    Attributes:
        id: the mapping's id.
        changes_requested: the new values that were asked for.
        identity_provider_id: the provider.
    """

    identity_provider_id: str | None = None


@event("workload_identity_provider_mapping.deleted")
@attrs.frozen(kw_only=True)
class WorkloadIdentityProviderMappingDeleted(Subject):
    """A mapping of a workload identity provider was deleted.

    Attributes:
        id: the mapping's id.
        identity_provider_id: the provider.
        project_id: the project that it gave access to.
        service_account_id: the service account that it gave access to.
    """

    identity_provider_id: str | None = None
    project_id: str | None = None
    service_account_id: str | None = None
