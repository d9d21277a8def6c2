"""What there is in an organization, as the file that a person would keep."""

from __future__ import annotations

import attrs

from .._wire.portable import Portable
from ..directory.not_known import NotKnown
from .document.model import Document
from .state import State


@attrs.frozen(kw_only=True)
class Pulled(Portable):
    """The organization as a file.

    Attributes:
        document: what stands in the file.
        state: what there is, with every id.
    """

    document: Document
    state: State

    @property
    def not_known(self) -> tuple[NotKnown, ...]:
        """What the API refused, or did not answer, and what therefore does not stand there."""
        return self.state.not_known
