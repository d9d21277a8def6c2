"""Events of the organization's settings, of projects and of what is in them."""

from __future__ import annotations

import attrs

from ...._wire.models import Entity
from .shapes import Change, Creation, EventRole, Subject, event


@attrs.frozen(kw_only=True)
class OrganizationChanges(Entity):
    """The settings of the organization that were to change.

    Attributes:
        title: its title.
        name: its name.
        description: its description.
        threads_ui_visibility: who sees the threads page: ``ANY_ROLE``, ``OWNERS`` or ``NONE``.
        usage_dashboard_visibility: who sees usage and costs: ``ANY_ROLE`` or ``OWNERS``.
        api_call_logging: which API calls are logged: ``disabled``, ``enabled_per_call``,
            ``enabled_for_all_projects`` or ``enabled_for_selected_projects``.
        api_call_logging_project_ids: the selected projects, as one text.
    """

    title: str | None = None
    name: str | None = None
    description: str | None = None
    threads_ui_visibility: str | None = None
    usage_dashboard_visibility: str | None = None
    api_call_logging: str | None = None
    api_call_logging_project_ids: str | None = None


@event("organization.updated")
class OrganizationUpdated(Change[OrganizationChanges]):
    """The organization's settings were changed."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class ProjectCreatedData(Entity):
    """What a project was created with.

    Attributes:
        name: its name.
        title: its name as people see it.
    """

    name: str | None = None
    title: str | None = None


@event("project.created")
class ProjectCreated(Creation[ProjectCreatedData]):
    """A project was created."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class ProjectChanges(Entity):
    """What was to change in a project.

    Attributes:
        title: its name as people see it.
    """

    title: str | None = None


@event("project.updated")
class ProjectUpdated(Change[ProjectChanges]):
    """A project was changed."""

    __slots__ = ()


@event("project.archived")
class ProjectArchived(Subject):
    """A project was archived."""

    __slots__ = ()


@event("project.deleted")
class ProjectDeleted(Subject):
    """A project was deleted."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class APIKeyCreatedData(Entity):
    """What an API key was created with.

    Attributes:
        scopes: what the key may do.
    """

    scopes: list[str] | None = None


@event("api_key.created")
class APIKeyCreated(Creation[APIKeyCreatedData]):
    """An API key was created; ``id`` is its tracking id."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class APIKeyChanges(Entity):
    """What was to change in an API key.

    Attributes:
        scopes: what the key may do.
        expires_in_seconds: how long it was to be valid, in seconds.
    """

    scopes: list[str] | None = None
    expires_in_seconds: int | None = None


@event("api_key.updated")
class APIKeyUpdated(Change[APIKeyChanges]):
    """An API key was changed."""

    __slots__ = ()


@event("api_key.deleted")
class APIKeyDeleted(Subject):
    """An API key was deleted."""

    __slots__ = ()


@event("service_account.created")
class ServiceAccountCreated(Creation[EventRole]):
    """A service account was created."""

    __slots__ = ()


@event("service_account.updated")
class ServiceAccountUpdated(Change[EventRole]):
    """A service account's role was changed."""

    __slots__ = ()


@event("service_account.deleted")
class ServiceAccountDeleted(Subject):
    """A service account was deleted."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class RateLimitChanges(Entity):
    """The limits of a model that were to change, in the units of their names.

    Attributes:
        max_requests_per_1_minute: requests a minute.
        max_tokens_per_1_minute: tokens a minute.
        max_images_per_1_minute: images a minute.
        max_audio_megabytes_per_1_minute: megabytes of audio a minute.
        max_requests_per_1_day: requests a day.
        batch_1_day_max_input_tokens: input tokens of batches a day.
    """

    max_requests_per_1_minute: int | None = None
    max_tokens_per_1_minute: int | None = None
    max_images_per_1_minute: int | None = None
    max_audio_megabytes_per_1_minute: int | None = None
    max_requests_per_1_day: int | None = None
    batch_1_day_max_input_tokens: int | None = None


@event("rate_limit.updated")
class RateLimitUpdated(Change[RateLimitChanges]):
    """A project's rate limit was changed."""

    __slots__ = ()


@event("rate_limit.deleted")
class RateLimitDeleted(Subject):
    """A project's rate limit was removed."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class CheckpointPermissionData(Entity):
    """Which project may use which checkpoint.

    Attributes:
        project_id: the project.
        fine_tuned_model_checkpoint: the checkpoint of a fine-tuned model.
    """

    project_id: str | None = None
    fine_tuned_model_checkpoint: str | None = None


@event("checkpoint.permission.created")
class CheckpointPermissionCreated(Creation[CheckpointPermissionData]):
    """A project was allowed to use a checkpoint."""

    __slots__ = ()


@event("checkpoint.permission.deleted")
class CheckpointPermissionDeleted(Subject):
    """A project was forbidden to use a checkpoint."""

    __slots__ = ()
