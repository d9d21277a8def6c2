"""What the guard watches, and what it takes for too much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs

from ...errors import InvalidInputError

TIMES = 6.0
"""How many times the usual is too much, unless said."""
LEAST = 1.0
"""Dollars an hour below which nothing is a burst, unless said."""


@attrs.frozen(kw_only=True)
class GuardSettings:
    """What the guard watches, and what it takes for too much.

    Attributes:
        project_ids: the projects whose keys are watched; all if empty.
        key_ids: the keys that are watched; all if empty.
        threshold: how many times its usual use of an hour is too much for a key; more than 1.
        min_spend: dollars an hour below which nothing is a burst.

    Raises:
        InvalidInputError: a number is out of range, or a secret was passed for a key's id.
    """

    project_ids: Sequence[str] = ()
    key_ids: Sequence[str] = ()
    threshold: float = TIMES
    min_spend: float = LEAST

    def __attrs_post_init__(self) -> None:
        if not 1 < self.threshold < math.inf:
            raise InvalidInputError(f"threshold must be more than 1, not {self.threshold:g}.")
        if not 0 <= self.min_spend < math.inf:
            raise InvalidInputError(f"min_spend must be 0 or more, not {self.min_spend:g}.")
        if any(key.startswith("sk-") for key in self.key_ids):
            raise InvalidInputError(
                "key_ids takes ids of keys, as key_abc, not keys: 'find' finds a key's id by its"
                " last characters."
            )

    @property
    def filters(self) -> dict[str, Any]:
        """The filters of usage queries."""
        filters = {"project_ids": list(self.project_ids), "api_key_ids": list(self.key_ids)}
        return {name: ids for name, ids in filters.items() if ids}
