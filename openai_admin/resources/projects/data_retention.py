"""A project's data retention: the organization's, or one of its own."""

from __future__ import annotations

from typing import Literal

import attrs

from ..._declare.decorators import get, post
from ..._declare.effect import Effect
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity

ProjectRetentionType = Literal[
    "organization_default",
    "none",
    "zero_data_retention",
    "modified_abuse_monitoring",
    "enhanced_zero_data_retention",
    "enhanced_modified_abuse_monitoring",
]
"""A kind of data retention; ``organization_default`` follows the organization's."""


@attrs.frozen(kw_only=True)
class ProjectDataRetention(Entity):
    """How data is retained in a project.

    Attributes:
        type: the kind of retention; ``organization_default`` follows the organization's,
            ``none`` means that no special retention applies.
    """

    type: ProjectRetentionType | str
    object: str = "project.data_retention"


class ProjectDataRetentions(Resource[Mode], name="projects.data_retention"):
    """Read and set how data is retained in a project."""

    @get("/organization/projects/{project_id}/data_retention")
    def retrieve(self, project_id: str) -> ProjectDataRetention:
        """Retrieve a project's data retention."""
        ...

    @post("/organization/projects/{project_id}/data_retention", Effect.OVERWRITES)
    def update(
        self, project_id: str, *, retention_type: ProjectRetentionType
    ) -> ProjectDataRetention:
        """Set a project's data retention.

        Args:
            retention_type: the kind of retention; `organization_default` follows the
                organization's.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
