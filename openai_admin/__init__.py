"""An async-first SDK for the OpenAI Admin API, with a blocking wrapper.

Names are imported when they are first asked for, so that ``import openai_admin`` costs next to
nothing: `AsyncOpenAIAdmin` brings aiohttp, a model brings its resource's module and no other.
Type checkers read ``__init__.pyi``, which is made from the table below.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# The public names by their modules. `python -m tests.exports` keeps those of resources complete,
# and makes __init__.pyi, which type checkers read.
_NAMES = {
    "_declare.arguments": ("Timestamp",),
    "_declare.effect": ("Effect",),
    "_declare.operation": (
        "OPERATIONS",
        "Operation",
    ),
    "_declare.pagination": (
        "AsyncPager",
        "Pager",
    ),
    "_declare.resource": (
        "Async",
        "AsyncResponse",
        "Blocking",
        "BlockingResponse",
    ),
    "_portal.lease": ("BlockingInLoopWarning",),
    "_transport.connection": ("Timeout",),
    "_transport.lockout": ("LockoutWarning",),
    "_transport.tls": ("ClientCertificate",),
    "_wire.codec": (
        "json_default",
        "to_dict",
    ),
    "_wire.models": (
        "Entity",
        "Page",
        "Unreadable",
    ),
    "_wire.response": (
        "ResponseHeaders",
        "Response",
    ),
    "client": ("AsyncOpenAIAdmin",),
    "directory.check": (
        "CheckedPart",
        "KeyCheck",
    ),
    "directory.search.hits": (
        "FindResult",
        "Hit",
    ),
    "errors": (
        "APIConnectionError",
        "APIError",
        "APIResponseValidationError",
        "APIStatusError",
        "APITimeoutError",
        "AuthenticationError",
        "BadRequestError",
        "ClientClosedError",
        "ConfigurationError",
        "ConflictError",
        "InternalServerError",
        "DocumentError",
        "InvalidInputError",
        "NotFoundError",
        "NotVisibleError",
        "OffboardingError",
        "OpenAIAdminError",
        "OutcomeUnknownError",
        "PaginationError",
        "PermissionDeniedError",
        "RateLimitError",
        "ResponseTooLongError",
        "RotationError",
        "SinkError",
        "UnprocessableEntityError",
        "UsageWindowError",
    ),
    "resources.admin_api_keys": (
        "AdminAPIKey",
        "AdminAPIKeyCreateResponse",
        "AdminAPIKeyOwner",
    ),
    "resources.audit_logs.actors": (
        "ActorAPIKey",
        "ActorServiceAccount",
        "ActorSession",
        "ActorUser",
        "AuditLogActor",
        "IPAddressDetails",
    ),
    "resources.audit_logs.backlog": ("Window",),
    "resources.audit_logs.events.people": (
        "GroupCreated",
        "GroupDeleted",
        "GroupUpdated",
        "GroupValues",
        "InviteAccepted",
        "InviteDeleted",
        "InviteSent",
        "InviteSentData",
        "LoginFailed",
        "LoginSucceeded",
        "LogoutFailed",
        "LogoutSucceeded",
        "ScimDisabled",
        "ScimEnabled",
        "UserAdded",
        "UserDeleted",
        "UserUpdated",
    ),
    "resources.audit_logs.events.projects": (
        "APIKeyChanges",
        "APIKeyCreated",
        "APIKeyCreatedData",
        "APIKeyDeleted",
        "APIKeyUpdated",
        "CheckpointPermissionCreated",
        "CheckpointPermissionData",
        "CheckpointPermissionDeleted",
        "OrganizationChanges",
        "OrganizationUpdated",
        "ProjectArchived",
        "ProjectChanges",
        "ProjectCreated",
        "ProjectCreatedData",
        "ProjectDeleted",
        "ProjectUpdated",
        "RateLimitChanges",
        "RateLimitDeleted",
        "RateLimitUpdated",
        "ServiceAccountCreated",
        "ServiceAccountDeleted",
        "ServiceAccountUpdated",
    ),
    "resources.audit_logs.events.roles": (
        "Assignment",
        "RoleAssignmentCreated",
        "RoleAssignmentDeleted",
        "RoleBinding",
        "RoleBoundToResource",
        "RoleChanges",
        "RoleCreated",
        "RoleDeleted",
        "RoleUnboundFromResource",
        "RoleUpdated",
    ),
    "resources.audit_logs.events.security": (
        "CertificateCreated",
        "CertificateDeleted",
        "CertificateList",
        "CertificateUpdated",
        "CertificatesActivated",
        "CertificatesDeactivated",
        "ExternalKeyRegistered",
        "ExternalKeyRemoved",
        "ExternalStorageData",
        "ExternalStorageRegistered",
        "ExternalStorageRemoved",
        "IPAllowlist",
        "IPAllowlistConfigActivated",
        "IPAllowlistConfigDeactivated",
        "IPAllowlistConfigs",
        "IPAllowlistCreated",
        "IPAllowlistDeleted",
        "IPAllowlistUpdated",
        "WorkloadIdentityProviderCreated",
        "WorkloadIdentityProviderDeleted",
        "WorkloadIdentityProviderMappingCreated",
        "WorkloadIdentityProviderMappingDeleted",
        "WorkloadIdentityProviderMappingUpdated",
        "WorkloadIdentityProviderUpdated",
    ),
    "resources.audit_logs.events.shapes": (
        "Change",
        "Creation",
        "EventPayload",
        "EventReference",
        "EventRole",
        "FailurePayload",
        "NamedSubject",
        "Subject",
    ),
    "resources.audit_logs.filters": ("EffectiveAtParam",),
    "resources.audit_logs.look": (
        "Found",
        "Look",
    ),
    "resources.audit_logs.model": (
        "AuditLog",
        "AuditLogProject",
    ),
    "resources.audit_logs.position": ("AuditLogPosition",),
    "resources.certificates": (
        "Certificate",
        "CertificateDeleteResponse",
        "CertificateDetails",
    ),
    "resources.common": ("Deleted",),
    "resources.data_retention": ("OrganizationDataRetention",),
    "resources.external_keys": (
        "ExternalKey",
        "ExternalKeyValidation",
    ),
    "resources.external_storage": (
        "AwsExternalStorageProvider",
        "AwsExternalStorageProviderParam",
        "AzureExternalStorageProvider",
        "AzureExternalStorageProviderParam",
        "ExternalStorageConfiguration",
        "GcpExternalStorageProvider",
        "GcpExternalStorageProviderParam",
        "OciExternalStorageProvider",
        "OciExternalStorageProviderParam",
    ),
    "resources.fine_tuning.checkpoints.permissions": ("CheckpointPermission",),
    "resources.groups": ("Group",),
    "resources.groups.roles": (
        "GroupRoleAssignment",
        "GroupSummary",
    ),
    "resources.groups.users": (
        "GroupMembership",
        "GroupUser",
    ),
    "resources.invites": (
        "Invite",
        "InviteProject",
        "InviteProjectParam",
    ),
    "resources.projects": ("Project",),
    "resources.projects.api_keys": (
        "ProjectAPIKey",
        "ProjectAPIKeyOwner",
        "ProjectAPIKeyOwnerServiceAccount",
        "ProjectAPIKeyOwnerUser",
    ),
    "resources.projects.data_retention": ("ProjectDataRetention",),
    "resources.projects.groups": ("ProjectGroup",),
    "resources.projects.hosted_tool_permissions": (
        "HostedToolPermission",
        "HostedToolPermissionParam",
        "ProjectHostedToolPermissions",
    ),
    "resources.projects.model_permissions": (
        "ProjectModelPermissions",
        "ProjectModelPermissionsDeleted",
    ),
    "resources.projects.rate_limits": ("ProjectRateLimit",),
    "resources.projects.service_accounts": (
        "ProjectServiceAccount",
        "ServiceAccountCreateResponse",
    ),
    "resources.projects.service_accounts.api_keys": ("ServiceAccountAPIKey",),
    "resources.projects.service_tier_settings": ("ProjectServiceTierSettings",),
    "resources.projects.spend_alerts": ("ProjectSpendAlert",),
    "resources.projects.spend_limit": ("ProjectSpendLimit",),
    "resources.projects.users": ("ProjectUser",),
    "resources.roles": (
        "AssignedRole",
        "AssignmentSource",
        "Role",
    ),
    "resources.spend": (
        "Enforcement",
        "NotificationChannel",
        "NotificationChannelParam",
        "SpendAlert",
        "SpendLimit",
        "Threshold",
    ),
    "resources.spend_alerts": ("OrganizationSpendAlert",),
    "resources.spend_limit": ("OrganizationSpendLimit",),
    "resources.usage.results": (
        "AudioSpeechesUsage",
        "AudioTranscriptionsUsage",
        "CodeInterpreterSessionsUsage",
        "CompletionsUsage",
        "Cost",
        "CostAmount",
        "DecisionsUsage",
        "EmbeddingsUsage",
        "FileSearchCallsUsage",
        "ImagesUsage",
        "ModerationsUsage",
        "UsageBucket",
        "VectorStoresUsage",
        "WebSearchCallsUsage",
    ),
    "resources.users.model": (
        "OrganizationUser",
        "UserDetails",
        "UserProject",
        "UserProjects",
    ),
    "resources.users.roles": ("UserRoleAssignment",),
    "resources.workload_identity_providers": (
        "AttributeTransformation",
        "AttributeTransformationParam",
        "DiscoveryVerification",
        "DiscoveryVerificationParam",
        "UploadedJwksVerification",
        "UploadedJwksVerificationParam",
        "WorkloadIdentityProvider",
    ),
    "resources.workload_identity_providers.federation_rules": (
        "FederationRule",
        "RestrictedPermissions",
        "RestrictedPermissionsParam",
        "ServiceAccountDefaultPermissions",
        "ServiceAccountDefaultPermissionsParam",
    ),
    "sync": ("OpenAIAdmin",),
    "usage.line_items": ("LineItem",),
    "usage.table": ("UsageTable",),
    "usage.told": ("MissingWindow",),
    "version": ("__version__",),
}

_MODULES = {name: module for module, names in _NAMES.items() for name in names}

# Modules that have public names of their own.
_SUBMODULES = (
    "audit",
    "emulator",
    "errors",
    "events",
    "export",
    "insights",
    "organization",
    "report",
    "resources",
    "usage",
    "workflows",
)

__all__ = sorted((*_MODULES, *_SUBMODULES))


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f".{name}", __name__)
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value  # cached: the next lookup finds it without coming here
    return value


def __dir__() -> list[str]:
    return __all__
