"""Costs allocated to teams, cost centers and tags, by the rules of a file: ``allocation.toml``.

::

    allocation = Allocation.from_file("allocation.toml")
    found = await collect(client, allocation, start_time="2026-10-01", end_time="2026-11-01")
    by_team = found.table.totals(["team", "currency"])
"""

from .allocation import Allocated, Allocation
from .checking import Check, RuleUse, Unallocated
from .collecting import collect
from .rules import Rule

__all__ = ["Allocated", "Allocation", "Check", "Rule", "RuleUse", "Unallocated", "collect"]
