"""Whose spend it is, by the rules of an allocation."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..._declare.operation import CallExecutor
from ...allocation import Allocation
from ...allocation.names import Known, known_of
from ...usage.table import UsageTable

_NO: frozenset[str] = frozenset()
_NOT_YET = "Names were not looked up yet."
_IDS = ("project_id", "user_id", "api_key_id")


@attrs.define
class Teams:
    """The teams of an allocation, with what is known of the names that its rules have.

    Names are looked up apart from spend, since that takes a request for each project where rules
    are about keys or people. Until then, what they may decide is not allocated, and incomplete.
    """

    _allocation: Allocation
    _known: Known | None = None

    @property
    def has_teams(self) -> bool:
        """Whether there are any; budgets may be about cost centers and tags alone."""
        return "team" in self._allocation.dimensions

    @property
    def needs(self) -> Sequence[str]:
        """The fields to group costs by."""
        return sorted(self._allocation.needs)

    @property
    def needs_names(self) -> bool:
        """Whether names have to be looked up at all."""
        return bool(self._allocation.needs_names) or self._allocation.needs_people

    @property
    def unknown(self) -> Sequence[str]:
        """Why names are not known that were looked up, each as a sentence."""
        return self._known.unknown if self._known is not None else ()

    async def look_up(self, caller: CallExecutor, table: UsageTable) -> None:
        """Look up the names that the rules need for costs."""
        self._known = await known_of(caller, table, self._allocation)

    def applied(self, table: UsageTable) -> tuple[UsageTable, bool]:
        """Costs with a column `team`, and whether all of them could be decided.

        Raises:
            InvalidInputError: two rules contradict each other.
        """
        known = self._known
        if known is None:
            columns = [table.columns[name] for name in _IDS if name in table.columns]
            ids = {id for column in columns for id in column if id is not None}
            known = (
                Known({}, frozenset(ids), [_NOT_YET]) if self.needs_names else Known({}, _NO, ())
            )
        made = self._allocation.allocate(table, known.names, known.unnamed)
        return made.table, not (made.doubts or made.notes or known.unknown)
