"""The checkpoints of fine-tuned models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...._declare.resource import Mode, Resource, part

if TYPE_CHECKING:
    from .permissions import CheckpointPermissions


class Checkpoints(Resource[Mode], name="fine_tuning.checkpoints"):
    """The checkpoints of fine-tuned models."""

    @part
    def permissions(self) -> type[CheckpointPermissions[Mode]]:
        """Which projects may use a checkpoint."""
        from .permissions import CheckpointPermissions

        return CheckpointPermissions
