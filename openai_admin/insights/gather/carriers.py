"""Costs read that say which keys carried unusual days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ...directory.lookup import Wanted
from ...directory.reading import Reads
from ...usage.names import names_in_rows
from ...usage.queries import UsageQueries
from ..basis import Basis, grouped_by
from ..carriers import Carrier, carriers, days_to_read
from ..fetch import usage_table
from ..outliers import Anomaly
from ..periods import midnight

BY_CONSUMER = "costs by consumer"
_BASIS = Basis(
    (BY_CONSUMER,),
    completely=tuple(grouped_by(BY_CONSUMER, field) for field in ("api_key_id", "line_item")),
)


@attrs.define
class Carried:
    """Which keys carried unusual days.

    Attributes:
        carriers: those of each, by its day and group; not there where they are not known.
        names: the names that rows came with, by id.
        wanted: the keys, each with its project.
    """

    carriers: dict[tuple[date, tuple[str | None, ...]], Sequence[Carrier]] = attrs.field(
        factory=dict
    )
    names: dict[str, str] = attrs.field(factory=dict)
    wanted: Wanted = attrs.field(factory=Wanted)

    def of(self, anomaly: Anomaly) -> Sequence[Carrier] | None:
        """The keys that carried an unusual day; ``None`` where they are not known."""
        return self.carriers.get((anomaly.day, anomaly.group))


async def read_carriers(
    usage: UsageQueries[Async],
    found: Sequence[Anomaly],
    *,
    currency: str | None,
    reads: Reads,
) -> Carried:
    """Read which keys carried some unusual days: a request for each.

    Args:
        usage: fetches costs.
        found: the unusual days.
        currency: the currency that they are in.
        reads: keeps what is refused or cannot be read.
    """
    carried = Carried()

    async def read(anomaly: Anomaly) -> None:
        project_id = anomaly.group[0]
        days = days_to_read(anomaly)
        own = Reads(reads.caller)
        filters: dict[str, Any] = {} if project_id is None else {"project_ids": [project_id]}
        table = await usage_table(
            own,
            BY_CONSUMER,
            usage,
            ["costs"],
            start_time=midnight(days.start),
            end_time=midnight(days.end),
            group_by=["api_key_id", "line_item"],
            **filters,
        )
        reads.add(own.not_known)
        reads.unread.update(own.unread)
        if _BASIS.refused(own.not_known):
            return
        keys = carriers(table, anomaly, currency=currency)
        carried.carriers[anomaly.day, anomaly.group] = keys
        carried.names |= names_in_rows(table)
        places = set(filter(None, [project_id]))
        carried.wanted |= Wanted(keys={k.key_id: places for k in keys if k.key_id is not None})

    await each(found, read)
    return carried
