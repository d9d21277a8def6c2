"""Rate limits of a project: one set for each model."""

from __future__ import annotations

from typing import Annotated

import attrs
from annotated_types import Ge

from ..._declare.decorators import listing, post
from ..._declare.effect import Effect
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity, Page
from ..common import Limit

Amount = Annotated[int, Ge(0)]
"""How much is allowed in a window of time; not negative."""


@attrs.frozen(kw_only=True)
class ProjectRateLimit(Entity):
    """What a project may ask of one model.

    Attributes:
        id: its id, such as ``rl-gpt-5``.
        model: the model, or family of models, that it limits.
        max_requests_per_1_minute: requests in a minute.
        max_tokens_per_1_minute: tokens in a minute.
        max_images_per_1_minute: images in a minute, for models that generate images.
        max_audio_megabytes_per_1_minute: megabytes of audio in a minute, for models that take it.
        max_requests_per_1_day: requests in a day, for models that are limited by the day.
        batch_1_day_max_input_tokens: input tokens of batches in a day.
    """

    id: str
    model: str | None = None
    max_requests_per_1_minute: int | None = None
    max_tokens_per_1_minute: int | None = None
    max_images_per_1_minute: int | None = None
    max_audio_megabytes_per_1_minute: int | None = None
    max_requests_per_1_day: int | None = None
    batch_1_day_max_input_tokens: int | None = None
    object: str | None = "project.rate_limit"


class ProjectRateLimits(Resource[Mode], name="projects.rate_limits"):
    """List and change the rate limits of a project."""

    @listing("/organization/projects/{project_id}/rate_limits", paging=Paging.LAST_ID)
    def list(
        self,
        project_id: str,
        *,
        limit: Limit = None,
        after: str | None = None,
        before: str | None = None,
    ) -> Page[ProjectRateLimit]:
        """List the rate limits of a project, one for each model.

        Args:
            limit: items on one page, 1 to 100, which is also the API's default.
        """
        ...

    @post("/organization/projects/{project_id}/rate_limits/{rate_limit_id}", Effect.OVERWRITES)
    def update(
        self,
        project_id: str,
        rate_limit_id: str,
        *,
        max_requests_per_1_minute: Amount = ...,
        max_tokens_per_1_minute: Amount = ...,
        max_images_per_1_minute: Amount = ...,
        max_audio_megabytes_per_1_minute: Amount = ...,
        max_requests_per_1_day: Amount = ...,
        batch_1_day_max_input_tokens: Amount = ...,
    ) -> ProjectRateLimit:
        """Change a rate limit of a project; what is not passed is unchanged.

        A project's limit cannot exceed the organization's.

        Args:
            rate_limit_id: the rate limit's id, as the list gives it.
            max_requests_per_1_minute: requests in a minute.
            max_tokens_per_1_minute: tokens in a minute.
            max_images_per_1_minute: images in a minute, for models that generate images.
            max_audio_megabytes_per_1_minute: megabytes of audio in a minute, for models that take
                audio.
            max_requests_per_1_day: requests in a day, for models that are limited by the day.
            batch_1_day_max_input_tokens: input tokens of batches in a day.

        Raises:
            BadRequestError: the limit is not one of this model's, exceeds the organization's, or
                the project is archived.
        """
        ...

    # The official client's names; they are attributes only.
    list_rate_limits = list
    update_rate_limit = update
