"""What the organization and a project have alike: spend limits and alerts, data retention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .context import InProject


@attrs.frozen(kw_only=True)
class Scope:
    """The organization, or one of its projects.

    Attributes:
        project: the label of the project; ``None`` for the organization.
        arguments: what its operations take to tell it from others.
    """

    project: str | None = None
    arguments: Mapping[str, Any] = attrs.field(factory=dict)

    def section(self, name: str) -> str:
        """The section of the file that a thing of the scope is of."""
        return f"settings.{name}" if self.project is None else f"projects.{name}"

    def operation(self, name: str) -> str:
        """The operation of the scope."""
        return name if self.project is None else f"projects.{name}"


ORGANIZATION = Scope()


def of_project(place: InProject) -> Scope:
    """The scope that a project is."""
    return Scope(project=place.label, arguments={"project_id": place.id})
