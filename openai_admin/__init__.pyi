# Made by `python -m tests.exports`: the names that __init__.py finds at run time.

from . import (
    emulator as emulator,
)
from . import (
    errors as errors,
)
from . import (
    events as events,
)
from . import (
    export as export,
)
from . import (
    insights as insights,
)
from . import (
    report as report,
)
from . import (
    resources as resources,
)
from ._declare.arguments import (
    Timestamp as Timestamp,
)
from ._declare.effect import (
    Effect as Effect,
)
from ._declare.operation import (
    OPERATIONS as OPERATIONS,
)
from ._declare.operation import (
    Operation as Operation,
)
from ._declare.pagination import (
    AsyncPager as AsyncPager,
)
from ._declare.pagination import (
    Pager as Pager,
)
from ._declare.resource import (
    Async as Async,
)
from ._declare.resource import (
    Blocking as Blocking,
)
from ._portal import (
    BlockingInLoopWarning as BlockingInLoopWarning,
)
from ._transport.connection import (
    Timeout as Timeout,
)
from ._wire.codec import (
    to_dict as to_dict,
)
from ._wire.models import (
    Entity as Entity,
)
from ._wire.models import (
    Page as Page,
)
from .client import (
    AsyncOpenAIAdmin as AsyncOpenAIAdmin,
)
from .errors import (
    APIConnectionError as APIConnectionError,
)
from .errors import (
    APIError as APIError,
)
from .errors import (
    APIResponseValidationError as APIResponseValidationError,
)
from .errors import (
    APIStatusError as APIStatusError,
)
from .errors import (
    APITimeoutError as APITimeoutError,
)
from .errors import (
    AuthenticationError as AuthenticationError,
)
from .errors import (
    BadRequestError as BadRequestError,
)
from .errors import (
    ClientClosedError as ClientClosedError,
)
from .errors import (
    ConfigurationError as ConfigurationError,
)
from .errors import (
    ConflictError as ConflictError,
)
from .errors import (
    InternalServerError as InternalServerError,
)
from .errors import (
    InvalidInputError as InvalidInputError,
)
from .errors import (
    NotFoundError as NotFoundError,
)
from .errors import (
    OpenAIAdminError as OpenAIAdminError,
)
from .errors import (
    OutcomeUnknownError as OutcomeUnknownError,
)
from .errors import (
    PaginationError as PaginationError,
)
from .errors import (
    PermissionDeniedError as PermissionDeniedError,
)
from .errors import (
    RateLimitError as RateLimitError,
)
from .errors import (
    UnprocessableEntityError as UnprocessableEntityError,
)
from .errors import (
    UsageWindowError as UsageWindowError,
)
from .resources.admin_api_keys import (
    AdminAPIKey as AdminAPIKey,
)
from .resources.admin_api_keys import (
    AdminAPIKeyCreateResponse as AdminAPIKeyCreateResponse,
)
from .resources.admin_api_keys import (
    AdminAPIKeyOwner as AdminAPIKeyOwner,
)
from .resources.audit_logs.actors import (
    ActorAPIKey as ActorAPIKey,
)
from .resources.audit_logs.actors import (
    ActorServiceAccount as ActorServiceAccount,
)
from .resources.audit_logs.actors import (
    ActorSession as ActorSession,
)
from .resources.audit_logs.actors import (
    ActorUser as ActorUser,
)
from .resources.audit_logs.actors import (
    AuditLogActor as AuditLogActor,
)
from .resources.audit_logs.events.people import (
    GroupCreated as GroupCreated,
)
from .resources.audit_logs.events.people import (
    GroupDeleted as GroupDeleted,
)
from .resources.audit_logs.events.people import (
    GroupUpdated as GroupUpdated,
)
from .resources.audit_logs.events.people import (
    GroupValues as GroupValues,
)
from .resources.audit_logs.events.people import (
    InviteAccepted as InviteAccepted,
)
from .resources.audit_logs.events.people import (
    InviteDeleted as InviteDeleted,
)
from .resources.audit_logs.events.people import (
    InviteSent as InviteSent,
)
from .resources.audit_logs.events.people import (
    InviteSentData as InviteSentData,
)
from .resources.audit_logs.events.people import (
    LoginFailed as LoginFailed,
)
from .resources.audit_logs.events.people import (
    LoginSucceeded as LoginSucceeded,
)
from .resources.audit_logs.events.people import (
    LogoutFailed as LogoutFailed,
)
from .resources.audit_logs.events.people import (
    LogoutSucceeded as LogoutSucceeded,
)
from .resources.audit_logs.events.people import (
    ScimDisabled as ScimDisabled,
)
from .resources.audit_logs.events.people import (
    ScimEnabled as ScimEnabled,
)
from .resources.audit_logs.events.people import (
    UserAdded as UserAdded,
)
from .resources.audit_logs.events.people import (
    UserDeleted as UserDeleted,
)
from .resources.audit_logs.events.people import (
    UserUpdated as UserUpdated,
)
from .resources.audit_logs.events.projects import (
    APIKeyChanges as APIKeyChanges,
)
from .resources.audit_logs.events.projects import (
    APIKeyCreated as APIKeyCreated,
)
from .resources.audit_logs.events.projects import (
    APIKeyCreatedData as APIKeyCreatedData,
)
from .resources.audit_logs.events.projects import (
    APIKeyDeleted as APIKeyDeleted,
)
from .resources.audit_logs.events.projects import (
    APIKeyUpdated as APIKeyUpdated,
)
from .resources.audit_logs.events.projects import (
    CheckpointPermissionCreated as CheckpointPermissionCreated,
)
from .resources.audit_logs.events.projects import (
    CheckpointPermissionData as CheckpointPermissionData,
)
from .resources.audit_logs.events.projects import (
    CheckpointPermissionDeleted as CheckpointPermissionDeleted,
)
from .resources.audit_logs.events.projects import (
    OrganizationChanges as OrganizationChanges,
)
from .resources.audit_logs.events.projects import (
    OrganizationUpdated as OrganizationUpdated,
)
from .resources.audit_logs.events.projects import (
    ProjectArchived as ProjectArchived,
)
from .resources.audit_logs.events.projects import (
    ProjectChanges as ProjectChanges,
)
from .resources.audit_logs.events.projects import (
    ProjectCreated as ProjectCreated,
)
from .resources.audit_logs.events.projects import (
    ProjectCreatedData as ProjectCreatedData,
)
from .resources.audit_logs.events.projects import (
    ProjectDeleted as ProjectDeleted,
)
from .resources.audit_logs.events.projects import (
    ProjectUpdated as ProjectUpdated,
)
from .resources.audit_logs.events.projects import (
    RateLimitChanges as RateLimitChanges,
)
from .resources.audit_logs.events.projects import (
    RateLimitDeleted as RateLimitDeleted,
)
from .resources.audit_logs.events.projects import (
    RateLimitUpdated as RateLimitUpdated,
)
from .resources.audit_logs.events.projects import (
    ServiceAccountCreated as ServiceAccountCreated,
)
from .resources.audit_logs.events.projects import (
    ServiceAccountDeleted as ServiceAccountDeleted,
)
from .resources.audit_logs.events.projects import (
    ServiceAccountUpdated as ServiceAccountUpdated,
)
from .resources.audit_logs.events.roles import (
    Assignment as Assignment,
)
from .resources.audit_logs.events.roles import (
    RoleAssignmentCreated as RoleAssignmentCreated,
)
from .resources.audit_logs.events.roles import (
    RoleAssignmentDeleted as RoleAssignmentDeleted,
)
from .resources.audit_logs.events.roles import (
    RoleBinding as RoleBinding,
)
from .resources.audit_logs.events.roles import (
    RoleBoundToResource as RoleBoundToResource,
)
from .resources.audit_logs.events.roles import (
    RoleChanges as RoleChanges,
)
from .resources.audit_logs.events.roles import (
    RoleCreated as RoleCreated,
)
from .resources.audit_logs.events.roles import (
    RoleDeleted as RoleDeleted,
)
from .resources.audit_logs.events.roles import (
    RoleUnboundFromResource as RoleUnboundFromResource,
)
from .resources.audit_logs.events.roles import (
    RoleUpdated as RoleUpdated,
)
from .resources.audit_logs.events.security import (
    CertificateCreated as CertificateCreated,
)
from .resources.audit_logs.events.security import (
    CertificateDeleted as CertificateDeleted,
)
from .resources.audit_logs.events.security import (
    CertificateList as CertificateList,
)
from .resources.audit_logs.events.security import (
    CertificatesActivated as CertificatesActivated,
)
from .resources.audit_logs.events.security import (
    CertificatesDeactivated as CertificatesDeactivated,
)
from .resources.audit_logs.events.security import (
    CertificateUpdated as CertificateUpdated,
)
from .resources.audit_logs.events.security import (
    ExternalKeyRegistered as ExternalKeyRegistered,
)
from .resources.audit_logs.events.security import (
    ExternalKeyRemoved as ExternalKeyRemoved,
)
from .resources.audit_logs.events.security import (
    ExternalStorageData as ExternalStorageData,
)
from .resources.audit_logs.events.security import (
    ExternalStorageRegistered as ExternalStorageRegistered,
)
from .resources.audit_logs.events.security import (
    ExternalStorageRemoved as ExternalStorageRemoved,
)
from .resources.audit_logs.events.security import (
    IPAllowlist as IPAllowlist,
)
from .resources.audit_logs.events.security import (
    IPAllowlistConfigActivated as IPAllowlistConfigActivated,
)
from .resources.audit_logs.events.security import (
    IPAllowlistConfigDeactivated as IPAllowlistConfigDeactivated,
)
from .resources.audit_logs.events.security import (
    IPAllowlistConfigs as IPAllowlistConfigs,
)
from .resources.audit_logs.events.security import (
    IPAllowlistCreated as IPAllowlistCreated,
)
from .resources.audit_logs.events.security import (
    IPAllowlistDeleted as IPAllowlistDeleted,
)
from .resources.audit_logs.events.security import (
    IPAllowlistUpdated as IPAllowlistUpdated,
)
from .resources.audit_logs.events.security import (
    WorkloadIdentityProviderCreated as WorkloadIdentityProviderCreated,
)
from .resources.audit_logs.events.security import (
    WorkloadIdentityProviderDeleted as WorkloadIdentityProviderDeleted,
)
from .resources.audit_logs.events.security import (
    WorkloadIdentityProviderMappingCreated as WorkloadIdentityProviderMappingCreated,
)
from .resources.audit_logs.events.security import (
    WorkloadIdentityProviderMappingDeleted as WorkloadIdentityProviderMappingDeleted,
)
from .resources.audit_logs.events.security import (
    WorkloadIdentityProviderMappingUpdated as WorkloadIdentityProviderMappingUpdated,
)
from .resources.audit_logs.events.security import (
    WorkloadIdentityProviderUpdated as WorkloadIdentityProviderUpdated,
)
from .resources.audit_logs.events.shapes import (
    Change as Change,
)
from .resources.audit_logs.events.shapes import (
    Creation as Creation,
)
from .resources.audit_logs.events.shapes import (
    EventPayload as EventPayload,
)
from .resources.audit_logs.events.shapes import (
    EventReference as EventReference,
)
from .resources.audit_logs.events.shapes import (
    EventRole as EventRole,
)
from .resources.audit_logs.events.shapes import (
    Failure as Failure,
)
from .resources.audit_logs.events.shapes import (
    NamedSubject as NamedSubject,
)
from .resources.audit_logs.events.shapes import (
    Subject as Subject,
)
from .resources.audit_logs.filters import (
    EffectiveAtParam as EffectiveAtParam,
)
from .resources.audit_logs.model import (
    AuditLog as AuditLog,
)
from .resources.audit_logs.model import (
    AuditLogProject as AuditLogProject,
)
from .resources.audit_logs.tail import (
    AuditLogPosition as AuditLogPosition,
)
from .resources.certificates import (
    Certificate as Certificate,
)
from .resources.certificates import (
    CertificateDeleteResponse as CertificateDeleteResponse,
)
from .resources.certificates import (
    CertificateDetails as CertificateDetails,
)
from .resources.common import (
    Deleted as Deleted,
)
from .resources.data_retention import (
    OrganizationDataRetention as OrganizationDataRetention,
)
from .resources.external_keys import (
    ExternalKey as ExternalKey,
)
from .resources.external_keys import (
    ExternalKeyValidation as ExternalKeyValidation,
)
from .resources.external_storage import (
    AwsExternalStorageProvider as AwsExternalStorageProvider,
)
from .resources.external_storage import (
    AwsExternalStorageProviderParam as AwsExternalStorageProviderParam,
)
from .resources.external_storage import (
    AzureExternalStorageProvider as AzureExternalStorageProvider,
)
from .resources.external_storage import (
    AzureExternalStorageProviderParam as AzureExternalStorageProviderParam,
)
from .resources.external_storage import (
    ExternalStorageConfiguration as ExternalStorageConfiguration,
)
from .resources.external_storage import (
    GcpExternalStorageProvider as GcpExternalStorageProvider,
)
from .resources.external_storage import (
    GcpExternalStorageProviderParam as GcpExternalStorageProviderParam,
)
from .resources.external_storage import (
    OciExternalStorageProvider as OciExternalStorageProvider,
)
from .resources.external_storage import (
    OciExternalStorageProviderParam as OciExternalStorageProviderParam,
)
from .resources.groups import (
    Group as Group,
)
from .resources.groups.roles import (
    GroupRoleAssignment as GroupRoleAssignment,
)
from .resources.groups.roles import (
    GroupSummary as GroupSummary,
)
from .resources.groups.users import (
    GroupMembership as GroupMembership,
)
from .resources.groups.users import (
    GroupUser as GroupUser,
)
from .resources.invites import (
    Invite as Invite,
)
from .resources.invites import (
    InviteProject as InviteProject,
)
from .resources.invites import (
    InviteProjectParam as InviteProjectParam,
)
from .resources.projects import (
    Project as Project,
)
from .resources.projects.api_keys import (
    ProjectAPIKey as ProjectAPIKey,
)
from .resources.projects.api_keys import (
    ProjectAPIKeyOwner as ProjectAPIKeyOwner,
)
from .resources.projects.api_keys import (
    ProjectAPIKeyOwnerServiceAccount as ProjectAPIKeyOwnerServiceAccount,
)
from .resources.projects.api_keys import (
    ProjectAPIKeyOwnerUser as ProjectAPIKeyOwnerUser,
)
from .resources.projects.data_retention import (
    ProjectDataRetention as ProjectDataRetention,
)
from .resources.projects.groups import (
    ProjectGroup as ProjectGroup,
)
from .resources.projects.hosted_tool_permissions import (
    HostedToolPermission as HostedToolPermission,
)
from .resources.projects.hosted_tool_permissions import (
    HostedToolPermissionParam as HostedToolPermissionParam,
)
from .resources.projects.hosted_tool_permissions import (
    ProjectHostedToolPermissions as ProjectHostedToolPermissions,
)
from .resources.projects.model_permissions import (
    ProjectModelPermissions as ProjectModelPermissions,
)
from .resources.projects.model_permissions import (
    ProjectModelPermissionsDeleted as ProjectModelPermissionsDeleted,
)
from .resources.projects.rate_limits import (
    ProjectRateLimit as ProjectRateLimit,
)
from .resources.projects.service_accounts import (
    ProjectServiceAccount as ProjectServiceAccount,
)
from .resources.projects.service_accounts import (
    ServiceAccountCreateResponse as ServiceAccountCreateResponse,
)
from .resources.projects.service_accounts.api_keys import (
    ServiceAccountAPIKey as ServiceAccountAPIKey,
)
from .resources.projects.service_tier_settings import (
    ProjectServiceTierSettings as ProjectServiceTierSettings,
)
from .resources.projects.spend_alerts import (
    ProjectSpendAlert as ProjectSpendAlert,
)
from .resources.projects.spend_limit import (
    ProjectSpendLimit as ProjectSpendLimit,
)
from .resources.projects.users import (
    ProjectUser as ProjectUser,
)
from .resources.roles import (
    AssignedRole as AssignedRole,
)
from .resources.roles import (
    AssignmentSource as AssignmentSource,
)
from .resources.roles import (
    Role as Role,
)
from .resources.spend import (
    Enforcement as Enforcement,
)
from .resources.spend import (
    NotificationChannel as NotificationChannel,
)
from .resources.spend import (
    NotificationChannelParam as NotificationChannelParam,
)
from .resources.spend import (
    SpendAlert as SpendAlert,
)
from .resources.spend import (
    SpendLimit as SpendLimit,
)
from .resources.spend import (
    Threshold as Threshold,
)
from .resources.spend_alerts import (
    OrganizationSpendAlert as OrganizationSpendAlert,
)
from .resources.spend_limit import (
    OrganizationSpendLimit as OrganizationSpendLimit,
)
from .resources.usage.results import (
    AudioSpeechesUsage as AudioSpeechesUsage,
)
from .resources.usage.results import (
    AudioTranscriptionsUsage as AudioTranscriptionsUsage,
)
from .resources.usage.results import (
    CodeInterpreterSessionsUsage as CodeInterpreterSessionsUsage,
)
from .resources.usage.results import (
    CompletionsUsage as CompletionsUsage,
)
from .resources.usage.results import (
    Cost as Cost,
)
from .resources.usage.results import (
    CostAmount as CostAmount,
)
from .resources.usage.results import (
    DecisionsUsage as DecisionsUsage,
)
from .resources.usage.results import (
    EmbeddingsUsage as EmbeddingsUsage,
)
from .resources.usage.results import (
    FileSearchCallsUsage as FileSearchCallsUsage,
)
from .resources.usage.results import (
    ImagesUsage as ImagesUsage,
)
from .resources.usage.results import (
    ModerationsUsage as ModerationsUsage,
)
from .resources.usage.results import (
    UsageBucket as UsageBucket,
)
from .resources.usage.results import (
    VectorStoresUsage as VectorStoresUsage,
)
from .resources.usage.results import (
    WebSearchCallsUsage as WebSearchCallsUsage,
)
from .resources.users.model import (
    OrganizationUser as OrganizationUser,
)
from .resources.users.model import (
    UserDetails as UserDetails,
)
from .resources.users.model import (
    UserProject as UserProject,
)
from .resources.users.model import (
    UserProjects as UserProjects,
)
from .resources.users.roles import (
    UserRoleAssignment as UserRoleAssignment,
)
from .resources.workload_identity_providers import (
    AttributeTransformation as AttributeTransformation,
)
from .resources.workload_identity_providers import (
    AttributeTransformationParam as AttributeTransformationParam,
)
from .resources.workload_identity_providers import (
    DiscoveryVerification as DiscoveryVerification,
)
from .resources.workload_identity_providers import (
    DiscoveryVerificationParam as DiscoveryVerificationParam,
)
from .resources.workload_identity_providers import (
    UploadedJwksVerification as UploadedJwksVerification,
)
from .resources.workload_identity_providers import (
    UploadedJwksVerificationParam as UploadedJwksVerificationParam,
)
from .resources.workload_identity_providers import (
    WorkloadIdentityProvider as WorkloadIdentityProvider,
)
from .resources.workload_identity_providers.federation_rules import (
    FederationRule as FederationRule,
)
from .resources.workload_identity_providers.federation_rules import (
    RestrictedPermissions as RestrictedPermissions,
)
from .resources.workload_identity_providers.federation_rules import (
    RestrictedPermissionsParam as RestrictedPermissionsParam,
)
from .resources.workload_identity_providers.federation_rules import (
    ServiceAccountDefaultPermissions as ServiceAccountDefaultPermissions,
)
from .resources.workload_identity_providers.federation_rules import (
    ServiceAccountDefaultPermissionsParam as ServiceAccountDefaultPermissionsParam,
)
from .sync import (
    OpenAIAdmin as OpenAIAdmin,
)
from .usage.table import (
    MissingWindow as MissingWindow,
)
from .usage.table import (
    UsageTable as UsageTable,
)
from .version import (
    __version__ as __version__,
)
