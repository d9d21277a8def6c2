"""Names of what events of the audit log speak of, looked up where the log does not tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from ..._declare.resource import Async
from ..._tree import AdminResources
from ..lookup import NameLookup, names_in
from ..not_known import told
from ..reading import PAGE, Reads
from .event import AuditEvent
from .telling import wanted_names, wanted_roles


async def looked_up(
    client: AdminResources[Async],
    events: Sequence[AuditEvent],
    known: Mapping[str, str],
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Names by id, and what is said of those that could not be looked up, a sentence each.

    Args:
        client: an asynchronous client.
        events: what they are wanted for.
        known: names by id that need no listing.
    """
    wanted = wanted_names(events)
    reads = Reads(client._caller)
    names = dict(known)
    if any(not at for id, at in wanted.keys.items() if id not in names):
        # What is in no project may be an admin key, which no listing of a project has.
        admin_keys = client.admin_api_keys.list(limit=PAGE)
        names = {**names_in(await reads.all("admin keys", admin_keys)), **names}
    names |= await names_of_roles(client, events, names, reads=reads)
    lookup = NameLookup(client._caller, names)
    await lookup.find(wanted)
    refused = (f"Names of {each} are not known." for each in told(reads.not_known, {}))
    return lookup.names, (*refused, *map(str, lookup.unknown()))


async def names_of_roles(
    client: AdminResources[Async],
    events: Iterable[AuditEvent],
    known: Mapping[str, str],
    *,
    reads: Reads,
) -> dict[str, str]:
    """The names of roles by id: a listing for each place that has one without a name.

    Args:
        client: an asynchronous client.
        events: what they are wanted for.
        known: names by id that need no listing.
        reads: keeps what is refused.
    """
    names: dict[str, str] = {}
    for place in sorted(wanted_roles(events, known), key=lambda place: place or ""):
        pager = client.roles.list if place is None else partial(client.projects.roles.list, place)
        names |= names_in(await reads.all("roles", pager(limit=PAGE), project_id=place))
    return names
