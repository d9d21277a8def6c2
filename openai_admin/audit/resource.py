"""The audit log as evidence as a part of a client's tree, so that both clients have it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from os import PathLike

import anyio.to_thread

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._tree import AdminResources
from .detections.detecting import HISTORY, Detected
from .detections.settings import Settings
from .guard.findings import Look
from .guard.settings import LEAST, TIMES, GuardSettings
from .search.model import Found

_Texts = str | Collection[str]


class Audit(Resource[Mode], name="audit"):
    """The audit log as evidence: what in it should be looked at, and who did what."""

    @composed
    async def detect(
        self: Audit[Async],
        /,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        settings: Settings | str | PathLike[str] | None = None,
        history: timedelta = HISTORY,
        only: Collection[str] | None = None,
        names: bool = True,
    ) -> Detected:
        """Look at the audit log for what should not happen unseen, such as a new owner.

        The log is read once, from `history` before `since` on, with the events of the tenant above
        the organization where there is one; besides roles, members and admin
        keys, and names where something is found. What the API refuses of these is in the result's
        `not_known`, and the rest stands.

        Args:
            since: when the stretch begins that is told of; by default 30 days before its end.
            until: when it ends, not included; by default now.
            settings: thresholds, severities, own domains and exceptions, or the file that has them.
            history: how much of the log before that is learned from; what is found there is not
                told.
            only: the keys of the detections that look; by default all that are enabled.
            names: whether names of what findings mention are looked up.

        Raises:
            InvalidInputError: the settings have a mistake, there is no such detection, or the
                stretch is empty.
            AuthenticationError: the key is wrong.
            PermissionDeniedError: the audit log may not be read, or is not switched on.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .detections.detecting import detect
            from .detections.registry import chosen, settled

        found = await anyio.to_thread.run_sync(settled, settings, abandon_on_cancel=True)
        return await detect(
            AdminResources[Async](self._caller),
            chosen(only),
            since=since,
            until=until,
            settings=found,
            history=history,
            with_lookups=names,
        )

    @composed
    async def guard(
        self: Audit[Async],
        /,
        *,
        project_ids: Collection[str] = (),
        key_ids: Collection[str] = (),
        threshold: float = TIMES,
        min_spend: float = LEAST,
    ) -> Look:
        """Look at the last hour of usage for keys that are used far more than is usual for them.

        Five weeks of usage by the hour and a day of it by the minute are read, by key, project and
        model: some seven requests to each of seven usage endpoints; and for each burst what it
        takes to say whose the key is and what can be done.
        `openai_admin.audit.guard.looking.Guard` goes on looking.

        Args:
            project_ids: the projects whose keys are watched; all if empty.
            key_ids: the keys that are watched; all if empty.
            threshold: how many times its usual use of an hour is too much for a key; more than 1.
            min_spend: dollars an hour below which nothing is a burst.

        Raises:
            InvalidInputError: a number is out of range.
            AuthenticationError: the key is wrong.
            APIError: nothing was answered at all. What was refused in part is in the result's
                `not_known`.
        """
        with importing():
            from .guard.looking import Guard

        settings = GuardSettings(
            project_ids=tuple(project_ids),
            key_ids=tuple(key_ids),
            threshold=threshold,
            min_spend=min_spend,
        )
        return await Guard(AdminResources[Async](self._caller), settings).look()

    @composed
    async def search(
        self: Audit[Async],
        /,
        *,
        person: _Texts = (),
        key: _Texts = (),
        project: _Texts = (),
        types: _Texts = (),
        ip: _Texts = (),
        since: datetime | None = None,
        until: datetime | None = None,
        around: datetime | None = None,
        window: timedelta | None = None,
        tenant: bool = False,
        limit: int | None = 100,
        names: bool = True,
    ) -> Found:
        """Say who did what: the events that meet all that is asked for, the newest first.

        ::

            found = await client.audit.search(person="Mia Berg", types="api_key.*")
            for event in found.events:
                print(event.at, event.actor, event.type, event.target)
            by_type = count_by(found.events, ["type"])  # of openai_admin.audit.search

        The API narrows the log by people, keys, projects and types; addresses are compared here.
        Names take a few requests before, and as many as it takes to name what was found.

        Args:
            person: people and service accounts, by name, address or id, of whom one did it or had
                it done to them.
            key: keys, by name, id or their last characters, of which one was used or changed.
            project: projects, by name or id, in one of which it happened.
            types: types of events, or patterns of them, as ``"api_key.*"``.
            ip: addresses and networks from one of which it came, as ``"203.0.113.0/24"``.
            since: the earliest moment; by default 30 days before the end.
            until: the first moment not included; by default now.
            around: a moment to look around, in place of these two.
            window: how long a stretch around it, half of it before; by default an hour.
            tenant: whether the events of the tenant above the organization are looked through too.
            limit: how many of the newest are wanted; ``None`` is all.
            names: whether names that the log does not tell are looked up.

        Returns:
            The events in words. What of the log the API refused is in `not_known`, and what names
            were taken for in `told`.

        Raises:
            InvalidInputError: nothing is called so, or several things are; no type matches; the
                stretch is empty; or an argument is out of range.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .search.asked import stretch
            from .search.by_names import Named, search_by_names

        now = self._caller.server_now() or datetime.now(UTC)
        start, end = stretch(since, until, around, window, now=now)
        named = Named(
            since=start,
            until=end,
            person=_several(person),
            key=_several(key),
            project=_several(project),
            types=_several(types),
            ip=_several(ip),
            tenant=tenant,
        )
        client = AdminResources[Async](self._caller)
        return await search_by_names(client, named, limit=limit, names=names)


def _several(texts: _Texts) -> Collection[str]:
    return (texts,) if isinstance(texts, str) else texts
