"""The work of one resource in one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .lacking import Lacking
from .lake import Held
from .organization import Owner
from .shared import Run


@attrs.frozen
class Work:
    """The work of one resource in one run.

    Attributes:
        run: the client at work.
        state: what dlt keeps of the resource between runs; what is put there is kept with the rows.
        owner: the organization that the warehouse is of.
        lacking: what the resource lacks.
        held: looks how many rows parts have; ``None`` where that is in the state.
    """

    run: Run
    state: Any
    owner: Owner
    lacking: Lacking
    held: Held | None = None

    def before(self, table: str, counts: Mapping[str, int], first: str = "") -> Mapping[str, int]:
        """How many rows the warehouse has of the parts of a table, some of which may be no more.

        Args:
            table: the name of the table.
            counts: how many they are by dlt's state.
            first: the first part that matters, in the order of texts.
        """
        return counts if self.held is None else self.held(table, first)
