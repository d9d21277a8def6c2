"""Fine-tuned models, as far as managing them takes an admin key: who may use their checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._declare.resource import Mode, Resource, part

if TYPE_CHECKING:
    from .checkpoints import Checkpoints


class FineTuning(Resource[Mode], name="fine_tuning"):
    """Fine-tuned models, as far as managing them takes an admin key."""

    @part
    def checkpoints(self) -> type[Checkpoints[Mode]]:
        """The checkpoints of fine-tuned models."""
        from .checkpoints import Checkpoints

        return Checkpoints
