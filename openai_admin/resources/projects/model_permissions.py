"""Which models a project may use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import attrs

from ..._declare.decorators import delete, get, post
from ..._declare.effect import Effect
from ..._declare.resource import Mode, Resource
from ..._wire.models import Entity
from ..common import Name


@attrs.frozen(kw_only=True)
class ProjectModelPermissions(Entity):
    """Which models a project may use.

    Attributes:
        mode: ``allow_list``: only the listed models; ``deny_list``: all but the listed models.
        model_ids: the listed models.
    """

    mode: Literal["allow_list", "deny_list"] | str | None = None
    model_ids: list[str] | None = attrs.field(factory=list)
    object: str | None = "project.model_permissions"


@attrs.frozen(kw_only=True)
class ProjectModelPermissionsDeleted(Entity):
    """What the API returns when a project's model permissions were removed.

    Attributes:
        deleted: what the API answered: true when this call removed them. ``None`` when no answer
            confirmed that: the answer was empty, or they were found to be gone after a try whose
            answer was lost.
    """

    deleted: bool | None = None
    object: str | None = None


class ModelPermissions(Resource[Mode], name="projects.model_permissions"):
    """Read, set and remove the list of models that a project may, or may not, use."""

    @get("/organization/projects/{project_id}/model_permissions")
    def retrieve(self, project_id: str) -> ProjectModelPermissions:
        """Retrieve a project's model permissions."""
        ...

    @post("/organization/projects/{project_id}/model_permissions", Effect.OVERWRITES)
    def update(
        self,
        project_id: str,
        *,
        mode: Literal["allow_list", "deny_list"],
        model_ids: Iterable[Name],
    ) -> ProjectModelPermissions:
        """Set a project's model permissions, replacing all it had.

        Args:
            mode: `allow_list` to allow only the listed models, `deny_list` to allow all others.
            model_ids: the listed models.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @delete("/organization/projects/{project_id}/model_permissions")
    def delete(self, project_id: str) -> ProjectModelPermissionsDeleted:
        """Remove a project's model permissions: it may then use every model again.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
