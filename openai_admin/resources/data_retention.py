"""The organization's data retention: what the API keeps of requests and responses."""

from __future__ import annotations

from typing import Literal

import attrs

from .._declare.decorators import get, post
from .._declare.effect import Effect
from .._declare.resource import Mode, Resource
from .._wire.models import Entity

RetentionType = Literal[
    "zero_data_retention",
    "modified_abuse_monitoring",
    "enhanced_zero_data_retention",
    "enhanced_modified_abuse_monitoring",
]
"""A kind of data retention."""


@attrs.frozen(kw_only=True)
class OrganizationDataRetention(Entity):
    """How data is retained in projects without a retention of their own.

    Attributes:
        type: the kind of retention.
    """

    type: RetentionType | str | None = None
    object: str | None = "organization.data_retention"


class DataRetentions(Resource[Mode], name="data_retention"):
    """Read and set how data is retained in the organization."""

    @get("/organization/data_retention")
    def retrieve(self) -> OrganizationDataRetention:
        """Retrieve the organization's data retention."""
        ...

    @post("/organization/data_retention", Effect.OVERWRITES)
    def update(self, *, retention_type: RetentionType) -> OrganizationDataRetention:
        """Set the organization's data retention; projects that follow it change with it.

        Args:
            retention_type: the kind of retention, of those the organization is approved for.
        """
        ...
