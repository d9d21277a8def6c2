"""What the rules of an allocation call things, looked up in listings as far as they need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from .._declare.operation import CallExecutor
from .._declare.resource import Async
from .._transport.aside import to_end
from ..directory.lookup import Listing, NameLookup, Wanted
from ..errors import APIError, UsageWindowError
from ..usage.endpoints import endpoints
from ..usage.names import ids_in
from ..usage.queries import UsageQueries
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
    caller: CallExecutor, table: UsageTable, allocation: Allocation, *, projects: bool = False
) -> tuple[Allocated, Known]:
    """An allocation applied to a table, with names looked up that its rules need.

    A listing that cannot be read costs its own names alone; what they may decide is not allocated.
    Where filters leave out some of what rules that divide by usage measure, that is fetched too.

    Args:
        caller: reads the listings, and what is measured.
        table: the table.
        allocation: the allocation.
        projects: whether the names of projects are wanted in any case.
    """
    measured = await _measured(caller, table, allocation)
    known = await known_of(caller, table, allocation, projects=projects, measured=measured)
    made = await to_end(allocation.allocate, table, known.names, known.unnamed, measured)
    if known.unknown:  # what has names may have matched what these are not known of
        made = attrs.evolve(made, unmatched=[r for r in made.unmatched if not r.has_names])
    return made, known


async def _measured(
    caller: CallExecutor, table: UsageTable, allocation: Allocation
) -> UsageTable | None:
    """A table without the filters that leave out some of what rules measure; ``None`` where none
    does, or where that cannot be fetched."""
    asked = table.asked
    if asked is None or not allocation.is_shifted(asked.filters):
        return None
    meant = [endpoints()[name] for name in dict.fromkeys(c.endpoint for c in table.coverage)]
    fields: Any = sorted(allocation.needs | ({"model"} & set(table.columns)))
    can = {field for endpoint in meant for field in endpoint.groups}
    names: Any = [endpoint.name for endpoint in meant]
    width: Any = asked.width
    try:
        found: UsageTable = await UsageQueries[Async](caller).collect(
            names,
            start_time=asked.start,
            end_time=None if asked.is_open else asked.end,
            bucket_width=width,
            group_by=[field for field in fields if field in can and field in table.group_by],
            partial=True,
            adapt="all",
            tz=table.zone if isinstance(table.zone, ZoneInfo) else None,
        )
    except (APIError, UsageWindowError):
        return None
    return found


async def known_of(
    caller: CallExecutor,
    table: UsageTable,
    allocation: Allocation,
    *,
    projects: bool = False,
    measured: UsageTable | None = None,
) -> Known:
    """The names that an allocation needs for a table; what its rows came with is taken first.

    Args:
        caller: reads the listings.
        table: the table.
        allocation: the allocation.
        projects: whether the names of projects are wanted in any case.
        measured: a table whose names are needed as well.
    """
    needs = allocation.needs_names
    ids, in_rows = await to_end(_in, table)
    if measured is not None:
        others, names_beside = await to_end(_in, measured)
        ids, in_rows = _both(ids, others), {**names_beside, **in_rows}
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


def _both(one: Wanted, other: Wanted) -> Wanted:
    """The ids of two tables."""

    def merged(
        first: Mapping[str, AbstractSet[str]], second: Mapping[str, AbstractSet[str]]
    ) -> Mapping[str, AbstractSet[str]]:
        ids = first.keys() | second.keys()
        return {id: first.get(id, frozenset()) | second.get(id, frozenset()) for id in ids}

    return Wanted(
        projects=one.projects | other.projects,
        users=merged(one.users, other.users),
        keys=merged(one.keys, other.keys),
    )
