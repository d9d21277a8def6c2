"""Costs by team: what was fetched, with what an allocation says of it."""

from __future__ import annotations

from .._declare.operation import CallExecutor
from ..allocation import Allocated, Allocation, names
from ..directory.not_known import NotKnown
from ..directory.reading import Reads
from ..errors import InvalidInputError
from ..usage.table import UsageTable
from .basis import TEAMS_IN_DOUBT


def check_has_teams(allocation: Allocation) -> None:
    """Refuse an allocation that costs by team cannot be made with.

    Raises:
        InvalidInputError: its rules name no team.
    """
    if "team" not in allocation.dimensions:
        raise InvalidInputError(
            f"{allocation.source}: no rule names a team, as costs by team need."
        )


async def allocated(
    caller: CallExecutor,
    allocation: Allocation | None,
    costs: UsageTable,
    before: UsageTable | None,
    reads: Reads,
) -> tuple[UsageTable | None, UsageTable | None]:
    """Costs of a period, and of the one that it is compared with, with their teams.

    Args:
        caller: looks up the names that rules have.
        allocation: the rules; without them there are no teams.
        costs: the costs.
        before: those of the other period, where they were fetched by themselves.
        reads: keeps what is not known.

    Raises:
        InvalidInputError: rules contradict each other about something that costs.
    """
    if allocation is None or not reads.wants("costs by team"):
        return None, None
    found = [(await names.allocated(caller, costs, allocation))[0]]
    if before is not None:
        found.append((await names.allocated(caller, before, allocation))[0])
    doubts = dict.fromkeys(doubt for each in found for doubt in each.doubts)
    reads.add(NotKnown(kind=TEAMS_IN_DOUBT, reason=_clause(doubt)) for doubt in doubts)
    tables = [_table(each) for each in found]
    return tables[0], tables[1] if before is not None else None


def _clause(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:].rstrip('.')}"


def _table(found: Allocated) -> UsageTable:
    """What was allocated; what was left out of it matters only where that leaves a doubt."""
    if not found.doubts:
        found.table.adapted = [a for a in found.table.adapted if a.what != "grouping"]
    return found.table
