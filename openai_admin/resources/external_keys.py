"""External keys: encryption keys that the customer manages in their own cloud (EKM)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from .._declare.decorators import delete, get, listing, post
from .._declare.effect import Effect
from .._declare.pagination import Paging
from .._declare.resource import Mode, Resource
from .._wire.models import Entity, Page
from ..errors import InvalidInputError
from .common import Limit, Name, Order

ExternalKeyPurpose = Literal["ekm", "psp_decryption"]
"""What a key is for: encrypting stored data, or PSP decryption."""

EXTERNAL_KEY_FIELDS: Mapping[str, tuple[str, ...]] = {
    "aws": ("external_id", "kms_arn", "role_arn"),
    "gcp": (
        "audience",
        "kms_project_id",
        "kms_key_location",
        "kms_key_ring_name",
        "kms_key_name",
        "workload_identity_project_number",
        "workload_identity_pool_id",
        "workload_identity_provider_id",
    ),
    "azure": ("tenant_id", "vault_uri", "key_name"),
    "oci": ("region", "vault_ocid", "key_ocid"),
}
"""What a key of each ``type`` needs, besides its ``name``."""

EXTERNAL_KEY_VERSION: Mapping[str, str] = {
    "gcp": "kms_key_version",
    "azure": "key_version",
    "oci": "key_version_ocid",
}
"""What a key of each ``type`` may also have: its exact version, for PSP decryption."""


@attrs.frozen(kw_only=True)
class ExternalKey(Entity):
    """An encryption key in the customer's cloud; the key itself never leaves it.

    Attributes:
        id: its id here.
        created_at: when it was registered.
        name: the name it was given.
        type: the cloud: ``aws``, ``gcp``, ``azure`` or ``oci``.
        purpose: what it is for, ``ekm`` or ``psp_decryption``.
        workspace_id: the workspace it belongs to.
        api_project_ids: the projects that use it.
        external_id: AWS: the ExternalID that is passed when the role is assumed.
        kms_arn: AWS: the key's ARN.
        role_arn: AWS: the ARN of the role that is assumed.
        audience: GCP: the ``aud`` of the identity token that is passed.
        kms_project_id: GCP: the name of the key's cloud project.
        kms_key_location: GCP: the key's region.
        kms_key_ring_name: GCP: the key's ring.
        kms_key_name: GCP: the key's name.
        kms_key_version: GCP: the exact version, for PSP decryption.
        workload_identity_project_number: GCP: the number of the identity pool's cloud project.
        workload_identity_pool_id: GCP: the identity pool.
        workload_identity_provider_id: GCP: the provider within the pool.
        tenant_id: Azure: the tenant.
        vault_uri: Azure: the vault's address.
        key_name: Azure: the key's name.
        key_version: Azure: the exact version, for PSP decryption.
        region: OCI: the vault's region.
        vault_ocid: OCI: the vault.
        key_ocid: OCI: the key.
        key_version_ocid: OCI: the exact version, for PSP decryption.
    """

    id: str
    created_at: datetime | None = None
    name: str | None = None
    type: Literal["aws", "gcp", "azure", "oci"] | str | None = None
    purpose: ExternalKeyPurpose | str | None = None
    workspace_id: str | None = None
    api_project_ids: list[str] | None = attrs.field(factory=list)
    external_id: str | None = None
    kms_arn: str | None = None
    role_arn: str | None = None
    audience: str | None = None
    kms_project_id: str | None = None
    kms_key_location: str | None = None
    kms_key_ring_name: str | None = None
    kms_key_name: str | None = None
    kms_key_version: str | None = None
    workload_identity_project_number: str | None = None
    workload_identity_pool_id: str | None = None
    workload_identity_provider_id: str | None = None
    tenant_id: str | None = None
    vault_uri: str | None = None
    key_name: str | None = None
    key_version: str | None = None
    region: str | None = None
    vault_ocid: str | None = None
    key_ocid: str | None = None
    key_version_ocid: str | None = None
    object: str | None = None


@attrs.frozen(kw_only=True)
class ExternalKeyValidation(Entity):
    """The result of testing an external key.

    Attributes:
        status: the outcome, as the API names it.
    """

    status: str | None = None


def _check_fields(arguments: Mapping[str, Any]) -> None:
    """Check the fields against the chosen ``type``, and the version against its purpose."""
    kind, purpose = arguments["type"], arguments.get("purpose")
    needed, version = EXTERNAL_KEY_FIELDS[kind], EXTERNAL_KEY_VERSION.get(kind)
    missing = [name for name in needed if name not in arguments]
    if missing:
        raise InvalidInputError(f"An external key of type {kind!r} needs {', '.join(missing)}.")
    foreign = sorted(arguments.keys() - {*needed, version, "type", "name", "purpose"})
    if foreign:
        raise InvalidInputError(
            f"An external key of type {kind!r} does not take {', '.join(foreign)};"
            f" it takes {', '.join((*needed, version) if version else needed)}."
        )
    # Oracle's version is not documented as needed, so the API is left to judge it.
    if kind not in ("gcp", "azure") or purpose is None:
        return
    if purpose == "psp_decryption" and version not in arguments:
        raise InvalidInputError(f"purpose 'psp_decryption' needs {version}, the exact version.")
    if purpose == "ekm" and version in arguments:
        raise InvalidInputError(f"purpose 'ekm' does not take {version}.")


class ExternalKeys(Resource[Mode], name="external_keys"):
    """Register, test and remove encryption keys that the customer manages."""

    @listing("/organization/external_keys", paging=Paging.LAST_ITEM)
    def list(
        self,
        *,
        limit: Limit = None,
        after: str | None = None,
        order: Order | None = None,
        purpose: ExternalKeyPurpose | None = None,
    ) -> Page[ExternalKey]:
        """List the external keys.

        Args:
            purpose: only keys for `ekm`, or only keys for `psp_decryption`.
        """
        ...

    @post("/organization/external_keys", Effect.ADDS, check=_check_fields)
    def create(
        self,
        *,
        type: Literal["aws", "gcp", "azure", "oci"],
        name: Name,
        purpose: ExternalKeyPurpose = ...,
        external_id: Name = ...,
        kms_arn: Name = ...,
        role_arn: Name = ...,
        audience: Name = ...,
        kms_project_id: Name = ...,
        kms_key_location: Name = ...,
        kms_key_ring_name: Name = ...,
        kms_key_name: Name = ...,
        kms_key_version: Name = ...,
        workload_identity_project_number: Name = ...,
        workload_identity_pool_id: Name = ...,
        workload_identity_provider_id: Name = ...,
        tenant_id: Name = ...,
        vault_uri: Name = ...,
        key_name: Name = ...,
        key_version: Name = ...,
        region: Name = ...,
        vault_ocid: Name = ...,
        key_ocid: Name = ...,
        key_version_ocid: Name = ...,
    ) -> ExternalKey:
        """Register an encryption key of a cloud; each cloud has its own arguments.

        `aws` needs `external_id`, `kms_arn` and `role_arn`. `gcp` needs `audience`,
        `kms_project_id`, `kms_key_location`, `kms_key_ring_name`, `kms_key_name`,
        `workload_identity_project_number`, `workload_identity_pool_id` and
        `workload_identity_provider_id`. `azure` needs `tenant_id`, `vault_uri` and `key_name`.
        `oci` needs `region`, `vault_ocid` and `key_ocid`.

        Args:
            type: the cloud that keeps the key.
            name: a name to recognize it by.
            purpose: `ekm` or `psp_decryption`.
            external_id: AWS: the ExternalID passed when the role is assumed: the id of the
                organization or of one of its projects.
            kms_arn: AWS: the key's ARN.
            role_arn: AWS: the ARN of the role that OpenAI assumes to use the key.
            audience: GCP: the `aud` of the identity token: the id of the organization or of one
                of its projects.
            kms_project_id: GCP: the name (not number) of the key's cloud project.
            kms_key_location: GCP: the key's region.
            kms_key_ring_name: GCP: the key's ring.
            kms_key_name: GCP: the key's name.
            kms_key_version: GCP: the exact version; needed for PSP decryption, not taken for EKM.
            workload_identity_project_number: GCP: the number of the identity pool's project.
            workload_identity_pool_id: GCP: the identity pool.
            workload_identity_provider_id: GCP: the provider registered for OpenAI in the pool.
            tenant_id: Azure: the tenant, a UUID.
            vault_uri: Azure: the vault's address.
            key_name: Azure: the key's name.
            key_version: Azure: the exact version; needed for PSP decryption, not taken for EKM.
            region: OCI: the vault's region.
            vault_ocid: OCI: the vault.
            key_ocid: OCI: the key.
            key_version_ocid: OCI: the exact version, for PSP decryption.
        """
        ...

    @get("/organization/external_keys/{external_key_id}")
    def retrieve(self, external_key_id: str) -> ExternalKey:
        """Retrieve an external key.

        Args:
            external_key_id: the external key's id.
        """
        ...

    # Repeatable: a test changes nothing.
    @post("/organization/external_keys/{external_key_id}/validate", Effect.OVERWRITES)
    def validate(self, external_key_id: str) -> ExternalKeyValidation:
        """Test whether an external key can be reached and used.

        Args:
            external_key_id: the external key's id.
        """
        ...

    @delete("/organization/external_keys/{external_key_id}", final=True)
    def delete(self, external_key_id: str) -> ExternalKey:
        """Remove an external key; the key in the cloud is left as it is.

        Where no answer confirmed the removal, the result has the id alone.

        Args:
            external_key_id: the external key's id.
        """
        ...
