"""Which service tiers the requests of a project use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import attrs

from ..._declare.decorators import get, post
from ..._declare.effect import Effect
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity

DefaultTier = Literal["standard", "fast", "scale"]
"""A tier for requests that name none."""

EnabledTier = Literal["flex", "fast", "ultrafast"]
"""A tier that a request may name."""


@attrs.frozen(kw_only=True)
class ProjectServiceTierSettings(Entity):
    """Which service tiers the requests of a project use.

    Attributes:
        default: the tier of requests that name none.
        enabled_tiers: the tiers that a request may name, or ``all``.
    """

    default: DefaultTier | str | None = None
    enabled_tiers: Literal["all"] | str | list[EnabledTier | str] | None = None
    object: str | None = "project.service_tier_settings"


class ServiceTierSettings(Resource[Mode], name="projects.service_tier_settings"):
    """Read and set which service tiers the requests of a project use."""

    @get("/organization/projects/{project_id}/service_tier_settings")
    def retrieve(self, project_id: str) -> ProjectServiceTierSettings:
        """Retrieve a project's service tiers."""
        ...

    @post("/organization/projects/{project_id}/service_tier_settings", Effect.OVERWRITES)
    def update(
        self,
        project_id: str,
        *,
        default: DefaultTier = ...,
        enabled_tiers: Literal["all"] | Iterable[EnabledTier] = ...,
    ) -> ProjectServiceTierSettings:
        """Set a project's service tiers; what is not named is unchanged.

        Args:
            default: the tier of requests that name none.
            enabled_tiers: the tiers that a request may name, or `all`.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
