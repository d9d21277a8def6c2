"""Fine-tuning, as far as an admin key manages it: who may use the checkpoints of models."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..._declare.resource import Mode, Resource

if TYPE_CHECKING:
    from .checkpoints import Checkpoints


class FineTuning(Resource[Mode], name="fine_tuning"):
    """What of fine-tuning needs an admin key."""

    @cached_property
    def checkpoints(self) -> Checkpoints[Mode]:
        """The checkpoints of fine-tuned models."""
        from .checkpoints import Checkpoints

        return self._part(Checkpoints)
