"""Costs fetched and allocated at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from .._declare.arguments import Timestamp
from .._declare.resource import Async
from .._tree import AdminResources
from ..usage.queries import UsageQueries
from .allocation import Allocated, Allocation
from .names import allocated


async def collect(
    client: AdminResources[Async],
    allocation: Allocation,
    *,
    start_time: Timestamp,
    end_time: Timestamp | None = None,
    group_by: Iterable[str] = (),
    partial: bool = False,
    whole_days: bool = False,
    **filters: Any,
) -> Allocated:
    """Fetch costs by the fields that an allocation needs, and apply it with the names it needs.

    What the API does not group by leaves what may depend on it not allocated; the result's `doubts`
    say so, and so they do where names could not be read.

    Args:
        client: an asynchronous client.
        allocation: the rules.
        start_time: the beginning.
        end_time: the end, exclusive; by default now.
        group_by: further fields to group by, in any iterable.
        partial: as of `usage.collect`.
        whole_days: as of `usage.collect`.
        filters: those of costs.

    Raises:
        InvalidInputError: an argument is wrong, or rules contradict each other about some costs.
        UsageWindowError: costs could not be fetched.
    """
    fields: list[Any] = list(dict.fromkeys([*group_by, *sorted(allocation.needs)]))
    table = await UsageQueries[Async](client._caller).collect(
        "costs",
        start_time=start_time,
        end_time=end_time,
        group_by=fields,
        partial=partial,
        adapt="all",
        whole_days=whole_days,
        **filters,
    )
    found, known = await allocated(client._caller, table, allocation)
    return attrs.evolve(found, doubts=[*found.doubts, *known.unknown])
