"""Searching the audit log by what people call things."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.find import with_ids
from ...directory.not_known import NotKnown
from ...errors import InvalidInputError
from .asked import Asked, networks_of, types_of
from .model import Found
from .resolving import keys, people
from .searching import OnRead, search


@attrs.frozen(kw_only=True)
class Named:
    """What is looked for, as people call it.

    Attributes:
        since: the earliest moment.
        until: the first moment not included.
        person: people and service accounts, by name, address or id.
        key: keys, by name, id or their last characters.
        project: projects, by name or id.
        types: types of events, or patterns of them as ``api_key.*``.
        ip: addresses and networks.
        tenant: whether the events of the tenant above the organization are looked through too.
    """

    since: datetime
    until: datetime
    person: Collection[str] = ()
    key: Collection[str] = ()
    project: Collection[str] = ()
    types: Collection[str] = ()
    ip: Collection[str] = ()
    tenant: bool = False
    _asked: Asked = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what is wrong before anything is sent."""
        asked = Asked(
            since=self.since,
            until=self.until,
            types=types_of(self.types),
            networks=networks_of(self.ip),
            tenant=self.tenant,
        )
        object.__setattr__(self, "_asked", asked)


async def search_by_names(
    client: AdminResources[Async],
    named: Named,
    *,
    limit: int | None = None,
    after: str | None = None,
    names: bool = True,
    on_told: Callable[[str], object] = lambda _: None,
    on_read: OnRead = lambda *_: None,
) -> Found:
    """Look for events by names, and tell them with names.

    Args:
        client: an asynchronous client.
        named: what is looked for.
        limit: how many of the newest are wanted; ``None`` is all.
        after: the id of an event of the last second, to begin behind it.
        names: whether names that the log does not tell are looked up.
        on_told: is told what a name was taken for, as a sentence.
        on_read: is told how far it is.

    Raises:
        InvalidInputError: nothing is called so, or several things are.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    if limit is not None and limit < 1:
        raise InvalidInputError(f"limit must be at least 1, not {limit}.")
    asked = named._asked
    not_known: list[NotKnown] = []
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        on_told(sentence)

    if named.project:
        given = {"project_ids": list(named.project)}
        ids, _, notes = await with_ids(client, "audit_logs.list", given, lambda _: "project")
        asked = attrs.evolve(asked, project_ids=tuple(dict.fromkeys(ids["project_ids"])))
        for note in notes:
            tell(note)
    caller, projects = client._caller, asked.project_ids
    who = await people(caller, named.person, projects=projects)
    what = await keys(caller, named.key, projects=projects)
    asked = attrs.evolve(
        asked,
        people=None if who is None else who.subjects,
        keys=None if what is None else what.subjects,
    )
    for resolved in filter(None, (who, what)):
        not_known += resolved.not_known
        for sentence in resolved.told:
            tell(sentence)
    found = await search(client, asked, most=limit, after=after, names=names, on_read=on_read)
    return attrs.evolve(found, not_known=(*not_known, *found.not_known), told=tuple(told))
