"""Which projects may use the checkpoint of a fine-tuned model."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import attrs

from ...._declare.decorators import delete, listing, post
from ...._declare.effect import Effect, always
from ...._declare.pagination import Paging
from ...._declare.resource import Mode, Resource
from ...._wire.models import Entity, Page
from ...common import Deleted, Name

CheckpointOrder = Literal["ascending", "descending"]
"""The order of creation, in the words of this endpoint alone."""


@attrs.frozen(kw_only=True)
class CheckpointPermission(Entity):
    """That a project may use a checkpoint.

    Attributes:
        id: its id, ``cp_…``.
        project_id: the project.
        created_at: when it was given.
        object: ``checkpoint.permission``.
    """

    id: str
    project_id: str | None = None
    created_at: datetime | None = None
    object: str | None = "checkpoint.permission"


class CheckpointPermissions(Resource[Mode], name="fine_tuning.checkpoints.permissions"):
    """Share the checkpoints of fine-tuned models with projects of the organization."""

    @listing(
        "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions", paging=Paging.LAST_ID
    )
    def list(
        self,
        fine_tuned_model_checkpoint: str,
        *,
        project_id: Name | None = None,
        after: str | None = None,
        limit: int | None = None,
        order: CheckpointOrder | None = None,
    ) -> Page[CheckpointPermission]:
        """List the permissions to use a checkpoint, by default the newest first.

        Args:
            fine_tuned_model_checkpoint: the checkpoint's name, `ft:…`.
            project_id: only those of this project.
            limit: permissions on one page; the API's default is 10.
            order: `ascending` or `descending`, by creation.
        """
        ...

    @post(
        "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
        Effect.ADDS,
        grants=always,
    )
    def create(
        self, fine_tuned_model_checkpoint: str, *, project_ids: Iterable[str]
    ) -> Page[CheckpointPermission]:
        """Let projects use a checkpoint.

        Args:
            fine_tuned_model_checkpoint: the checkpoint's name, `ft:…`.
            project_ids: the projects.
        """
        ...

    @delete("/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions/{permission_id}")
    def delete(self, fine_tuned_model_checkpoint: str, permission_id: str) -> Deleted:
        """Withdraw the permission of a project to use a checkpoint.

        Args:
            fine_tuned_model_checkpoint: the checkpoint's name, `ft:…`.
            permission_id: the permission's id.
        """
        ...
