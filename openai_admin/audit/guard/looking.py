"""The guard at work: reads the minutes since its last look, and says what it found in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import attrs
from anyio import to_thread

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.not_known import NotKnown, told
from ...directory.reading import PAGE, Reads
from ...errors import APIError, AuthenticationError
from ...resources.projects.rate_limits import ProjectRateLimit
from ...usage.endpoints import chosen
from .findings import Holder, KeyBurst, Look, Proposal
from .history import HOURS, Place
from .limiting import NEED_NOT_KNOWN, NO_LIMITS, NO_USE, limits_of, lowering, need_of
from .prices import Prices
from .reading import GuardReads, Stretch, by_model, priced_days, watched
from .settings import GuardSettings
from .stake import ending, finding_of, holder_of, per_minute
from .watching import DAY, Found, Watching

_HOUR = 60
_RENEWED = timedelta(hours=12)
_STUDIED = 5  # hours whose jobs are studied by the minute
_LOOKED_UP = 10  # keys without a history that are looked up in one look
_GROWN = 2.0  # times what was told, before a burst that lasts is told again


@attrs.define
class Guard:
    """Watches the keys of an organization.

    Attributes:
        client: an asynchronous client.
        settings: what it watches.
    """

    client: AdminResources[Async]
    settings: GuardSettings = attrs.field(factory=GuardSettings)
    _reads: GuardReads = attrs.field(init=False)
    _watching: Watching | None = None
    _renewed: datetime | None = None
    _since: int | None = None
    _earliest: int = 0
    _lacks: tuple[NotKnown, ...] = ()
    _known: dict[Place, list[KeyBurst]] = attrs.field(factory=dict)
    _said: dict[tuple[str, str | None, datetime], float] = attrs.field(factory=dict)
    _holders: dict[Place, Holder] = attrs.field(factory=dict)
    _names: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        filters = self.settings.filters
        names = watched([e.name for e in chosen("all", width="1m", filters=frozenset(filters))])
        self._reads = GuardReads(self.client, names, filters)

    async def look(self) -> Look:
        """Read what was reported since the last look, and judge it.

        The first look reads five weeks of hours and a day of minutes; it tells of bursts that
        lasted into the last hour that is reported.

        Raises:
            AuthenticationError: the key is wrong.
            APIError: nothing was answered at all.
        """
        self._reads.not_known.clear()
        watching = self._watching
        if watching is None:
            watching = self._watching = await self._begin()
        else:
            if self._renewed is None or self._reads.now - self._renewed > _RENEWED:
                await self._renew(watching)
            now = int(self._reads.now.timestamp()) // 60
            latest = watching.latest
            since = (now - _HOUR if latest is None else latest - watching.overlap) + 1
            since = max(now - DAY, min(since, since if self._since is None else self._since))
            stretch = await self._reads.minutes(since, now + 1)
            await to_thread.run_sync(watching.take, stretch, abandon_on_cancel=True)
            self._since = watching.lost(stretch)
        await self._look_up(watching.unknown()[:_LOOKED_UP], watching)
        found = await to_thread.run_sync(watching.found, abandon_on_cancel=True)
        self._forget()
        news = [new for each in found if (new := await self._told(each, watching)) is not None]
        latest = watching.latest
        lacks = (*self._lacks, *self._reads.not_known)
        return Look(
            news=tuple(news),
            bursts=tuple(burst for of in self._known.values() for burst in of),
            at=self._reads.now,
            reported=None if latest is None else datetime.fromtimestamp((latest + 1) * 60, UTC),
            not_known=told(dict.fromkeys(lacks), self._names),
        )

    def note(self, burst: KeyBurst) -> None:
        """Keep what was done about a burst, or was looked up for it."""
        of = self._known.get((burst.key_id, burst.project_id), [])
        of[:] = [burst if each.identity == burst.identity else each for each in of]

    async def _begin(self) -> Watching:
        await self._reads.tell_time()
        watching = await self._history()
        now = int(self._reads.now.timestamp()) // 60
        jobs = sorted(watching.jobs((now - DAY) // _HOUR).items(), key=lambda j: -len(j[1]))
        for hour, places in jobs[:_STUDIED]:
            stretch = await self._reads.minutes_of(places, hour)
            watching.study(stretch.used, hour)
        day = await self._reads.minutes(now - DAY, now + 1)
        await to_thread.run_sync(_learn, watching, day, abandon_on_cancel=True)
        self._since = watching.lost(day)
        self._earliest = (watching.latest or now) - _HOUR
        return watching

    async def _history(self) -> Watching:
        already = len(self._reads.not_known)
        hours, first, until = await self._reads.hours()
        costs = await self._reads.costs()
        self._lacks = tuple(self._reads.not_known[already:])
        del self._reads.not_known[already:]
        self._renewed = self._reads.now
        start, end = (int(day.timestamp()) // 3600 for day in priced_days(self._reads.now))

        def work() -> Watching:
            used = by_model(hours.used, start, end)
            prices = Prices({}, None) if costs is None else Prices.of(costs, used)
            return Watching.of(
                hours,
                prices,
                first=first,
                until=until,
                k=self.settings.threshold,
                least=self.settings.min_spend,
            )

        return await to_thread.run_sync(work, abandon_on_cancel=True)

    async def _renew(self, watching: Watching) -> None:
        """Learn from the newest weeks; where they do not come, the older ones stay."""
        try:
            watching.renewed(await self._history())
        except AuthenticationError:
            raise
        except APIError as error:
            self._lacks = (NotKnown(kind="usage by the hour", reason=error.in_general()),)

    async def _told(self, found: Found, watching: Watching) -> KeyBurst | None:
        """The finding of a burst, where there is anything new to tell of it."""
        burst = finding_of(found, watching.prices)
        of = self._known.setdefault(found.place, [])
        before = next((k for k in of if k.began <= burst.last and burst.began <= k.last), None)
        if before is None:
            if found.burst.last < self._earliest:
                return None
            burst = await self._completed(burst, found, watching)
            of.append(burst)
            self._said[burst.identity] = burst.used
            return burst
        of.remove(before)
        burst = attrs.evolve(
            burst,
            began=before.began,
            holder=before.holder,
            proposals=before.proposals,
            why_no_limit=before.why_no_limit,
            done=before.done,
            not_known=before.not_known,
        )
        of.append(burst)
        is_news = burst.ended != before.ended or burst.used > _GROWN * self._said[burst.identity]
        if is_news:
            self._said[burst.identity] = burst.used
        return burst if is_news else None

    async def _completed(self, burst: KeyBurst, found: Found, watching: Watching) -> KeyBurst:
        """A finding with what must be looked up."""
        reads = Reads(self.client._caller)
        place, project = found.place, burst.project_id
        if project is None:
            return attrs.evolve(burst, why_no_limit="the API names no project that it is used in")
        if place not in self._holders:
            await self._holder(place, reads)
        burst = attrs.evolve(burst, holder=self._holders.get(place, Holder()))
        limits = await reads.listing(
            "rate limits of projects",
            self.client.projects.rate_limits.list(project, limit=PAGE),
            project_id=project,
            completely=True,
        )
        uses = watching.endpoints(place)
        proposals: list[Proposal] = []
        why_no_limit: str | None = "the project's limits are not known"
        if limits is not None:
            proposals, why_no_limit = await self._lowering(limits, found, uses, reads)
        return attrs.evolve(
            burst,
            proposals=(*proposals, *ending(burst)),
            why_no_limit=why_no_limit,
            not_known=told(reads.not_known, self._names),
        )

    async def _lowering(
        self,
        limits: Sequence[ProjectRateLimit],
        found: Found,
        uses: frozenset[str],
        reads: Reads,
    ) -> tuple[list[Proposal], str | None]:
        """The proposals to lower limits of the project to what it usually needs, if that is known;
        else why there are none.

        Args:
            limits: the project's limits.
            found: the burst.
            uses: the endpoints that the key is used with.
            reads: keeps what is refused.
        """
        project, began = str(found.place[1]), found.burst.began
        own = GuardReads(self.client, self._reads.names, {"project_ids": [project]})
        try:
            day = await own.minutes(began - DAY, found.burst.last + 1)
            weeks, _, _ = await own.hours()
        except APIError as error:
            await reads.refuse("usage of the project", error, project_id=project)
            return [], NEED_NOT_KNOWN
        reads.add(own.not_known)
        if not uses <= day.answered & weeks.answered:
            return [], NEED_NOT_KNOWN
        pairs = limits_of(limits, found.lately).values()
        if not pairs:
            return [], NO_LIMITS
        needs = [need_of(day.used, weeks.used, found.place, models, began) for _, models in pairs]
        if any(need.others for need in needs):
            keys = self.client.projects.api_keys.list(
                project, limit=PAGE, owner_project_access="any"
            )
            listed = await reads.all("keys of projects", keys, project_id=project)
            self._names |= {key.id: key.name for key in listed if key.name}
        made = [
            lowering(
                project,
                limit,
                need,
                per_minute(found.lately, found.minutes, models),
                self._names,
            )
            for (limit, models), need in zip(pairs, needs, strict=True)
        ]
        proposals = [proposal for proposal in made if proposal is not None]
        return proposals, None if proposals else NO_USE

    def _forget(self) -> None:
        """Drop the bursts that ended long ago."""
        oldest = self._reads.now - timedelta(minutes=DAY)
        for place, of in [*self._known.items()]:
            for burst in [b for b in of if b.ended and b.last < oldest]:
                of.remove(burst)
                self._said.pop(burst.identity, None)
            if not of:
                del self._known[place]

    async def _look_up(self, places: Iterable[Place], watching: Watching) -> None:
        """See which of the keys without a history are old, and were silent in all of it."""
        for place in places:
            if place[1] is None or place in self._holders:
                continue
            await self._holder(place, Reads(self.client._caller))
            created = self._holders.get(place, Holder()).created_at
            if created is not None and self._reads.now - created > timedelta(hours=HOURS):
                watching.is_old(place)

    async def _holder(self, place: Place, reads: Reads) -> None:
        key_id, project_id = place
        projects = self.client.projects
        project = await reads.one(
            "projects", projects.retrieve(str(project_id)), None, project_id=project_id
        )
        key = await reads.one(
            "keys of projects",
            projects.api_keys.retrieve(str(project_id), key_id),
            None,
            project_id=project_id,
        )
        name = None if project is None else project.name
        if name is not None:
            self._names[str(project_id)] = name
        if key is None:
            self._holders[place] = Holder(project_name=name)
        else:
            self._holders[place] = holder_of(key, name)
            if key.name:
                self._names[key_id] = key.name


def _learn(watching: Watching, day: Stretch) -> None:
    watching.take(day, learning=True)
