"""Fine-tuned models, as far as managing them takes an admin key: who may use their checkpoints."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..._declare.resource import Mode, Resource

if TYPE_CHECKING:
    from .checkpoints import Checkpoints


class FineTuning(Resource[Mode], name="fine_tuning"):
    """Fine-tuned models, as far as managing them takes an admin key."""

    @cached_property
    def checkpoints(self) -> Checkpoints[Mode]:
        """The checkpoints of fine-tuned models."""
        from .checkpoints import Checkpoints

        return self._part(Checkpoints)
