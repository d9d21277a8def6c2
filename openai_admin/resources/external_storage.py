"""External storage: the customer's own buckets in which a project's data is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict

import attrs

from .._declare.decorators import delete, get, listing, post
from .._declare.effect import Effect
from .._declare.pagination import Paging
from .._declare.resource import Mode, Resource
from .._wire.models import Entity, Page
from .._wire.unions import tagged
from .common import Deleted, Limit, Name, Order
from .variants import by_type


class AwsExternalStorageProviderParam(TypedDict):
    """A bucket of Amazon S3, and the role that OpenAI assumes to use it.

    Attributes:
        type: `aws`.
        bucket: the bucket's name.
        role_arn: the ARN of the role.
    """

    type: Literal["aws"]
    bucket: Name
    role_arn: Name


class AzureExternalStorageProviderParam(TypedDict):
    """A container of Azure Blob Storage.

    Attributes:
        type: `azure`.
        account_name: the storage account's name.
        container: the container's name.
        resource_group: the resource group of the account.
        subscription_id: the subscription of the account.
        tenant_id: the directory (tenant) of the subscription.
    """

    type: Literal["azure"]
    account_name: Name
    container: Name
    resource_group: Name
    subscription_id: Name
    tenant_id: Name


class GcpExternalStorageProviderParam(TypedDict):
    """A bucket of Google Cloud Storage, and the identity provider registered for OpenAI.

    Attributes:
        type: `gcp`.
        bucket: the bucket's name.
        workload_identity_pool_id: the pool that the provider is in.
        workload_identity_project_number: the number of the pool's project.
        workload_identity_provider_id: the provider in the pool.
    """

    type: Literal["gcp"]
    bucket: Name
    workload_identity_pool_id: Name
    workload_identity_project_number: Name
    workload_identity_provider_id: Name


class OciExternalStorageProviderParam(TypedDict):
    """A bucket of Oracle Cloud's object storage.

    Attributes:
        type: `oci`.
        bucket: the bucket's name.
        region: the bucket's region.
        tenancy_ocid: the OCID of the tenancy.
    """

    type: Literal["oci"]
    bucket: Name
    region: Name
    tenancy_ocid: Name


ExternalStorageProviderParam = Annotated[
    AwsExternalStorageProviderParam
    | AzureExternalStorageProviderParam
    | GcpExternalStorageProviderParam
    | OciExternalStorageProviderParam,
    by_type(
        AwsExternalStorageProviderParam,
        AzureExternalStorageProviderParam,
        GcpExternalStorageProviderParam,
        OciExternalStorageProviderParam,
    ),
]
"""Where a storage is: one of four clouds by its ``type``."""


@tagged("type", "aws")
@attrs.frozen(kw_only=True)
class AwsExternalStorageProvider(Entity):
    """A bucket of Amazon S3.

    Attributes:
        type: ``aws``.
        bucket: the bucket's name.
        role_arn: the role that is assumed to use it.
        account_id: the AWS account of the role.
        external_id: the ExternalID that is passed when the role is assumed.
        region: the bucket's region.
    """

    bucket: str | None = None
    role_arn: str | None = None
    account_id: str | None = None
    external_id: str | None = None
    region: str | None = None
    type: str | None = "aws"


@tagged("type", "azure")
@attrs.frozen(kw_only=True)
class AzureExternalStorageProvider(Entity):
    """A container of Azure Blob Storage.

    Attributes:
        type: ``azure``.
        account_name: the storage account.
        container: the container's name.
        resource_group: the account's resource group.
        subscription_id: the account's subscription.
        tenant_id: the tenant.
        region: the account's region.
    """

    account_name: str | None = None
    container: str | None = None
    resource_group: str | None = None
    subscription_id: str | None = None
    tenant_id: str | None = None
    region: str | None = None
    type: str | None = "azure"


@tagged("type", "gcp")
@attrs.frozen(kw_only=True)
class GcpExternalStorageProvider(Entity):
    """A bucket of Google Cloud Storage.

    Attributes:
        type: ``gcp``.
        bucket: the bucket's name.
        audience: the ``aud`` of the identity token that is passed.
        workload_identity_pool_id: the identity pool.
        workload_identity_project_number: the number of the pool's cloud project.
        workload_identity_provider_id: the provider within the pool.
        region: the bucket's region.
    """

    bucket: str | None = None
    audience: str | None = None
    workload_identity_pool_id: str | None = None
    workload_identity_project_number: str | None = None
    workload_identity_provider_id: str | None = None
    region: str | None = None
    type: str | None = "gcp"


@tagged("type", "oci")
@attrs.frozen(kw_only=True)
class OciExternalStorageProvider(Entity):
    """A bucket of Oracle Cloud's object storage.

    Attributes:
        type: ``oci``.
        bucket: the bucket's name.
        region: the bucket's region.
        tenancy_ocid: the tenancy.
    """

    bucket: str | None = None
    region: str | None = None
    tenancy_ocid: str | None = None
    type: str | None = "oci"


@attrs.frozen(kw_only=True)
class ExternalStorageConfiguration(Entity):
    """A storage of the customer's that one project uses.

    Attributes:
        id: its id.
        created_at: when it was registered.
        project_id: the project that uses it.
        provider: where it is; a plain mapping for a cloud this version does not know.
        geography: the region of data residency that it serves.
        status: ``pending`` until it is validated, ``validated``, ``degraded`` or ``unhealthy``.
    """

    id: str
    created_at: datetime | None = None
    project_id: str | None = None
    provider: (
        AwsExternalStorageProvider
        | AzureExternalStorageProvider
        | GcpExternalStorageProvider
        | OciExternalStorageProvider
        | dict[str, Any]
        | None
    ) = None
    geography: str | None = None
    status: Literal["pending", "validated", "degraded", "unhealthy"] | str | None = None
    object: str | None = "organization.external_storage"


class ExternalStorage(Resource[Mode], name="external_storage"):
    """Register, test and disconnect the customer's own storage."""

    @listing("/organization/external_storage", paging=Paging.LAST_ITEM)
    def list(
        self,
        *,
        limit: Limit = None,
        after: str | None = None,
        order: Order | None = None,
        project_id: Name | None = None,
    ) -> Page[ExternalStorageConfiguration]:
        """List the external storage of all projects, or of one.

        Args:
            project_id: only the storage of this project.
        """
        ...

    @post("/organization/external_storage", Effect.ADDS)
    def create(
        self, *, project_id: Name, provider: ExternalStorageProviderParam
    ) -> ExternalStorageConfiguration:
        """Register a storage for a project; it is pending until it is validated.

        Args:
            project_id: the project that is to use it.
            provider: where it is: `type` (`aws`, `azure`, `gcp` or `oci`) and what that cloud
                needs, such as `bucket` and `role_arn` for `aws`.
        """
        ...

    @get("/organization/external_storage/{external_storage_id}")
    def retrieve(self, external_storage_id: str) -> ExternalStorageConfiguration:
        """Retrieve an external storage.

        Args:
            external_storage_id: the external storage's id.
        """
        ...

    # Repeatable: each test leaves the status that the storage deserves.
    @post("/organization/external_storage/{external_storage_id}/validate", Effect.OVERWRITES)
    def validate(self, external_storage_id: str) -> ExternalStorageConfiguration:
        """Test an external storage; its status afterwards is the outcome.

        Args:
            external_storage_id: the external storage's id.
        """
        ...

    @delete("/organization/external_storage/{external_storage_id}")
    def delete(self, external_storage_id: str) -> Deleted:
        """Disconnect an external storage; what it holds is left as it is.

        Args:
            external_storage_id: the external storage's id.
        """
        ...
