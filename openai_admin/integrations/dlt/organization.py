"""Whose a warehouse is: two organizations do not mix in one."""

from __future__ import annotations

from typing import Any

import attrs

from ...errors import InvalidInputError
from ...export.organization import is_other

_KEY = "organization"


@attrs.frozen
class Owner:
    """The organization of a warehouse.

    Attributes:
        state: what dlt keeps of the source, which has it once an answer has told it.
    """

    state: dict[str, Any]

    def hold(self, told: str | None) -> None:
        """Hold what is to be loaded against the warehouse, and keep the organization if it is new.

        Args:
            told: the organization that answers name; ``None`` where they do not.

        Raises:
            InvalidInputError: it is not the warehouse's.
        """
        if told is None:
            return
        known = self.state.setdefault(_KEY, told)
        if is_other(told, known):
            raise InvalidInputError(
                f"The warehouse has data of the organization {known}, and the key belongs to"
                f" {told}: use a key of {known}, or another dataset and pipeline."
            )
