"""The checkpoints of fine-tuned models."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ...._declare.resource import Mode, Resource

if TYPE_CHECKING:
    from .permissions import CheckpointPermissions


class Checkpoints(Resource[Mode], name="fine_tuning.checkpoints"):
    """The checkpoints of fine-tuned models."""

    @cached_property
    def permissions(self) -> CheckpointPermissions[Mode]:
        """Which projects may use a checkpoint."""
        from .permissions import CheckpointPermissions

        return self._part(CheckpointPermissions)
