"""Access as it is now: what is asked for is found, read and evaluated."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import anyio.to_thread

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.find import with_ids
from ...directory.permissions import OWNER
from ...directory.reading import Reads
from ...errors import InvalidInputError
from ..scope import names_of
from .assembling import assembled
from .concerning import concerning
from .facts import Facts
from .forecast import OnForecast
from .questions import Access
from .reading import Reading
from .somebody import facts_of
from .things import refuse_secret


async def access(
    client: AdminResources[Async],
    *,
    project: str | Collection[str] | None = None,
    somebody: str | None = None,
    permission: str | None = None,
    thorough: bool = False,
    on_forecast: OnForecast | None = None,
) -> Access:
    """Read who can do what; see `Insights.access`."""
    if permission is not None and not permission.strip():
        raise InvalidInputError("permission must not be empty: name one, as api.prompts.write.")
    if somebody is not None and permission is not None:
        raise InvalidInputError("Pass somebody or permission, not both.")
    for text in filter(None, (permission, somebody)):
        refuse_secret(text)
    ids = await project_ids(client, project)
    if somebody is not None:
        return await evaluated(await facts_of(client, somebody, ids, on_forecast))
    if permission == OWNER and ids is None:
        ids = ()  # who owns the organization, no project says
    reading = Reading(
        client,
        Reads(client._caller),
        ids,
        concerning(permission),
        is_whole=permission is None,
        is_thorough=thorough,
        on_forecast=on_forecast,
    )
    await reading.all()
    return await evaluated(assembled(reading, of_permission=permission))


async def project_ids(
    client: AdminResources[Async], project: str | Collection[str] | None
) -> Sequence[str] | None:
    """The ids of projects that were named; ``None`` for all.

    Raises:
        InvalidInputError: there is no such project, or several have a name.
    """
    named = names_of(project)
    if not named:
        return None
    found, _, _ = await with_ids(client, "usage.costs", {"project_ids": named}, lambda _: "project")
    return tuple(dict.fromkeys(found["project_ids"]))


async def evaluated(facts: Facts) -> Access:
    """What follows from facts, computed in a worker: of a large organization it takes seconds."""
    return await anyio.to_thread.run_sync(lambda: Access(facts).prepare(), abandon_on_cancel=True)
