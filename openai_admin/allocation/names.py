"""What the rules of an allocation call things, looked up in listings as far as they need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from .._declare.operation import CallExecutor
from .._transport.aside import to_end
from ..directory.lookup import Listing, NameLookup, Wanted
from ..usage.names import ids_in
from ..usage.table import UsageTable
from .allocation import Allocated, Allocation
from .facts import Names


@attrs.frozen
class Known:
    """What is known of the things that a table is about.

    Attributes:
        names: as `Allocation.apply` takes them.
        unnamed: the ids whose names are not known, since a listing could not be read.
        unknown: why that is, each as a sentence.
    """

    names: Names
    unnamed: frozenset[str]
    unknown: Sequence[str]


async def allocated(
    caller: CallExecutor, table: UsageTable, allocation: Allocation
) -> tuple[Allocated, Known]:
    """An allocation applied to a table, with names looked up that its rules need.

    A listing that cannot be read costs its own names alone; what they may decide is not allocated.
    """
    known = await known_of(caller, table, allocation)
    return await to_end(allocation.allocate, table, known.names, known.unnamed), known


async def known_of(
    caller: CallExecutor, table: UsageTable, allocation: Allocation, *, projects: bool = False
) -> Known:
    """The names that an allocation needs for a table; what its rows came with is taken first.

    Args:
        caller: reads the listings.
        table: the table.
        allocation: the allocation.
        projects: whether the names of projects are wanted in any case.
    """
    needs = allocation.needs_names
    ids, in_rows = await to_end(_in, table)
    of_people = allocation.needs_people
    wanted = Wanted(
        projects=ids.projects if projects or "project" in needs else frozenset(),
        users=ids.users if of_people else {},
        keys=ids.keys if of_people or "key" in needs else {},
    )
    # Of people, rows have e-mail addresses, and rules may have names.
    lookup = NameLookup(caller, in_rows)
    await lookup.find(wanted)
    unknown = lookup.unknown()
    kinds: set[Listing] = {kind for each in unknown for kind in each.of}
    unnamed = {
        id
        for kind, of in (
            ("projects", wanted.projects),
            ("keys", wanted.keys),
            ("people", wanted.users),
            ("service accounts", wanted.users),
        )
        if kind in kinds
        for id in of
        if id not in lookup.names
    }
    names = dict.fromkeys(("project_id", "api_key_id", "user_id"), lookup.names)
    names |= {"user_email": lookup.emails, "owner": lookup.owners}
    return Known(names, frozenset(unnamed), [str(each) for each in unknown])


def _in(table: UsageTable) -> tuple[Wanted, Mapping[str, str]]:
    """The ids in a table, and the names of projects that its rows came with."""
    return ids_in(table.columns), table.names.get("project_id", {})
