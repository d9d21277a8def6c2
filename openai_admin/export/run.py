"""A run of the export: what is missing is fetched, day by day, and put in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from operator import attrgetter
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import attrs

from .._causes import window_cause
from .._declare.arguments import one_of
from .._extras import require
from .._transport.tasks import run_all
from .._wire.portable import Portable
from ..directory.acceptance import Acceptance
from ..directory.not_known import NotKnown, not_known, told
from ..errors import (
    APIError,
    AuthenticationError,
    InvalidInputError,
    PermissionDeniedError,
)
from ..resources.usage.stretches import WIDTHS
from ..usage.columns import same
from ..usage.settled import RESTATED_DAYS, settled_until
from ..usage.telling import told_adaptations
from ..usage.told import Adaptation
from .absent import told_finer, told_quiet
from .asked import SLOW, days_asked, server_now
from .dataset import Table
from .description import describe
from .layout import strangers
from .lock import locked
from .names import ListingReader, Names
from .organization import Owner, billed
from .projects import Projects
from .source import Day, Fetched, Source, Step, Wanted, midnight
from .sources import DIRECTORY, ENDPOINTS, chosen, told_left_out
from .unreadable import UNREADABLE
from .usage import COMPLETE, loses, width_of

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

FAILURES = 2  # parts of an endpoint that fail one after another, before it is given up


@attrs.frozen(kw_only=True)
class Progress(Portable):
    """How far a run is.

    Attributes:
        done: steps of the work that are done.
        total: steps in all, as far as they are known.
        pages: pages of answers; reads of the same at once share a request.
        rows: rows written.
    """

    done: int
    total: int
    pages: int
    rows: int


@attrs.frozen(kw_only=True)
class Summary(Portable):
    """What a run did.

    Attributes:
        written: days written, over all endpoints.
        kept: days that were there already, and need not be fetched again.
        aligned: files rewritten from themselves, since a column was added.
        rows: rows written.
        pages: pages of answers; reads of the same at once share a request.
        refused: what the API refuses to the key: endpoints, and single projects of them, with the
            reason, in words; each reason once.
        failed: endpoints that could not be fetched to the end, each with the reason, in words.
        missing: what did not come or could not be written, or came with fewer fields than the days
            of the dataset have, in words; the next run fetches the days that it is of again.
        adapted: how queries were changed where the API refused them as they were, in words; what
            was changed alike for several endpoints is one sentence.
        lost: those of them that lost days which the dataset does not hold, or a field that every
            organization has; the people of costs not all have beside their projects.
        notes: what was left out of the answers or joined, what in the dataset's folder is no
            part of it, which names beside ids are not known, and for which days no buckets came,
            in words; the next run asks for those days again.
        unreadable: rows written of which something could not be read; they have it as JSON in the
            column ``unreadable``. The next run fetches such days of usage and costs again.
    """

    written: int
    kept: int
    aligned: int
    rows: int
    pages: int
    refused: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unreadable: int = 0


async def export(
    client: AsyncOpenAIAdmin,
    out: str | PathLike[str],
    *,
    since: datetime | date,
    until: datetime | date | None = None,
    endpoints: str | Sequence[str] = "all",
    restate_days: int = RESTATED_DAYS,
    bucket_width: str = "1d",
    now: datetime | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    project_ids: Sequence[str] | None = None,
) -> Summary:
    """Bring a dataset up to date: fetch the days that it lacks, or has too early a version of.

    A day is fetched again until it was fetched `restate_days` days after its end, for the API
    restates what is recent; and so is the current day. Listings of the directory are kept once a
    day, as they are then. Usage is grouped by all that its endpoint can be grouped by, with the
    names beside ids that the run knows: those of the rows, of the directory, else of earlier
    snapshots; a name that is not known is null.

    A month of facts is one file, and is replaced as a whole, so that the dataset may be read at
    any time. The dataset's ``README.md`` and ``schema.sql`` say how, and are kept up to date.
    Whenever a run ends, by whatever means, what it wrote stays and the next one goes on. What
    cannot be read is a row as well, with its JSON in the column ``unreadable``; a bucket of usage
    that cannot be is on the day that it says, or on the day of the bucket before it. A day of usage
    or costs with such a row is fetched again until all of it can be read; listings and events of
    the audit log stay as they came.

    Each endpoint is fetched by itself, the newest days first: one that fails is in the result,
    and the others are finished. Queries of usage adapt to what the API refuses (see
    `usage.collect`, ``adapt="all"``). To find the first day that an endpoint answers for takes one
    or two requests where the message says it, else a handful. Each later run asks for the day
    before that one twice: grouped as all others, and without groups.

    A day that is not grouped by a field, since the API refused that, is fetched again once the API
    gives it. Each later run asks for a bucket of the newest such day, where the answers for other
    days do not tell. A day that is grouped by a field is not replaced by one that is not.

    Args:
        client: an asynchronous client.
        out: the dataset's folder; it is created if need be.
        since: the first day, UTC; a moment means its whole day.
        until: the end, not included; by default now. A moment means its whole day.
        endpoints: names, or ``all``, ``usage``, ``directory``; see `ENDPOINTS`.
        restate_days: for how many days the API may restate a day.
        bucket_width: ``1d``, ``1h`` or ``1m``, for usage; costs are by day.
        now: the moment to treat as the present, with a time zone; by default now, by the server's
            time as soon as an answer tells it.
        on_progress: called after each step with how far it is.
        project_ids: the projects that the dataset is of; by default all. What is of the whole
            organization, such as users, is left out of it. Each run must name the same ones.

    Raises:
        InvalidInputError: an argument is wrong, or the dataset was begun with another width, or is
            another organization's, or of other projects.
        ExportLockedError: another export writes to the folder.
        ConfigurationError: pyarrow is not installed.
        OSError: the disk is full, or the folder cannot be written.
        APIError: nothing could be fetched, or the key is wrong.
    """
    require("pyarrow", extra="arrow")
    given = now is not None
    if restate_days < 0:
        raise InvalidInputError(f"restate_days must be at least 0, not {restate_days}.")
    if bucket_width not in WIDTHS:
        raise InvalidInputError(
            f"bucket_width must be {one_of(list(WIDTHS))}, not {bucket_width!r}."
        )
    by_project = project_ids is not None
    meant = chosen(endpoints, bucket_width=bucket_width, by_project=by_project)
    # A slow clock is judged by the server's.
    days_asked(since, until, now or datetime.now(UTC) + SLOW)
    root = Path(out)
    with locked(root):
        projects = Projects(root, project_ids)
        now = (now or await server_now(client)).astimezone(UTC)
        days = days_asked(since, until, now)
        show = on_progress or (lambda _: None)
        run = _Run(
            client, root, now, restate_days, bucket_width, show, projects.ids, now_is_given=given
        )
        run.notes += await projects.check_there(client)
        run.notes += told_left_out(endpoints, meant)
        run.notes += strangers(root, set(ENDPOINTS) - DIRECTORY.keys(), set(DIRECTORY))
        run.owner.hold(client._caller.organization_told())
        projects.keep()
        jobs = [await anyio.to_thread.run_sync(run.job, source, days) for source in meant]
        # One job for each endpoint: each has a pace of its own, and memory stays bounded.
        try:
            await run_all([partial(run.work, *job) for job in jobs])
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(describe, root, projects.ids)
        if run.errors and not run.written and len(run.errors) == len(jobs):
            raise run.errors[0]
        return run.summary()


@attrs.define
class _Run:
    """One run under way; private, a place for what its jobs share."""

    client: AsyncOpenAIAdmin
    root: Path
    now: datetime
    restate_days: int
    bucket_width: str
    on_progress: Callable[[Progress], None]
    project_ids: Sequence[str]
    now_is_given: bool
    begun: float = attrs.field(factory=time.monotonic)
    done: int = 0
    total: int = 0
    pages: int = 0
    rows: int = 0
    written: int = 0
    kept: dict[str, set[date]] = attrs.field(factory=dict)
    aligned: int = 0
    unreadable: int = 0
    refused: list[NotKnown] = attrs.field(factory=list)
    projects: dict[str, str] = attrs.field(factory=dict)
    failed: list[str] = attrs.field(factory=list)
    missing: list[str] = attrs.field(factory=list)
    quiet: dict[str, list[date]] = attrs.field(factory=dict)
    adapted: list[Adaptation] = attrs.field(factory=list)
    lost: list[Adaptation] = attrs.field(factory=list)
    notes: list[str] = attrs.field(factory=list)
    errors: list[APIError] = attrs.field(factory=list)

    listings: AsyncOpenAIAdmin = attrs.field(init=False)
    owner: Owner = attrs.field(init=False)
    names: Names = attrs.field(init=False)
    acceptance: Acceptance = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        reader = ListingReader(self.client._caller)
        self.listings = self.client.with_options()
        self.listings._share(reader, None)
        self.owner = Owner(self.root)
        self.acceptance = Acceptance(self.client._caller)
        self.names = Names(reader, self.root, self.now.date())

    def job(self, source: Source, days: Sequence[date]) -> tuple[Source, Table, Sequence[Step]]:
        """What there is to do for a source."""
        table = Table(self.root, source)
        self.notes += table.notes
        for other in table.bucket_widths - {width_of(source.name, self.bucket_width)}:
            raise InvalidInputError(
                f"{self.root} has {source.name} with bucket_width {other!r}: go on with that, or "
                "name another folder."
            )
        wanted = [self.now.date()] if source.snapshot else days
        fetched_at = table.days
        kept = self.kept[source.name] = {
            day for day in wanted if self._is_settled(source, day, fetched_at.get(day))
        }
        lacking = [d for d in wanted if d not in kept]
        coarse = {day: fields for day, fields in table.left_out.items() if day in kept}
        steps = source.steps(
            Wanted(
                lacking,
                self.bucket_width,
                self.now,
                coarse,
                fetched_at.keys(),
                self.project_ids,
            )
        )
        self.total += len(steps)
        return source, table, steps

    def _is_settled(self, source: Source, day: date, fetched_at: datetime | None) -> bool:
        if fetched_at is None:
            return False
        end = midnight(day) + timedelta(days=1)
        return source.snapshot or end <= settled_until(fetched_at, self.restate_days)

    async def work(self, source: Source, table: Table, steps: Sequence[Step]) -> None:
        """Fetch and write what a source lacks, part by part.

        A part that fails is passed over; if the next one does as well, so are all others.
        """
        held = set(table.days)
        failures = 0
        for step in steps:
            try:
                await self._take(source, table, step, held)
                failures = 0
            except APIError as exc:
                error = window_cause(exc)
                if isinstance(error, AuthenticationError):
                    await self.acceptance.confirm()
                if isinstance(error, AuthenticationError | PermissionDeniedError):
                    self.refused.append(not_known(source.name, error))
                    break
                if not failures:
                    self.failed.append(f"{source.name}: {exc}")
                    self.errors.append(exc)
                failures += 1
                if failures == FAILURES:
                    break
        self.aligned += await anyio.to_thread.run_sync(table.settle)

    async def _take(self, source: Source, table: Table, step: Step, held: set[date]) -> None:
        client = self.listings if source.snapshot else self.client
        async with aclosing(step(client)) as parts:
            async for fetched in parts:
                await self._keep(source, table, fetched)
                self.refused += fetched.refused
                self.projects |= fetched.projects
                for adaptation in fetched.adapted:
                    self.adapted.append(adaptation)
                    if loses(adaptation, held):
                        self.lost.append(adaptation)

    def _began(self) -> datetime:
        """When the run began, by the server's time, which an answer has told by now.

        A day that a fast local clock calls past would never be fetched again.
        """
        server_now = None if self.now_is_given else self.client._caller.server_now()
        if server_now is None:
            return self.now
        return server_now - timedelta(seconds=time.monotonic() - self.begun)

    async def _keep(self, source: Source, table: Table, fetched: Fetched) -> None:
        self.pages += fetched.pages
        self.missing += fetched.missing
        if fetched.quiet:
            self.quiet.setdefault(source.name, []).extend(fetched.quiet)
        self.notes += fetched.notes
        self.owner.hold(self.client._caller.organization_told() or billed(fetched.days))
        lost, began = table.lost_by(fetched.days), self._began()
        if lost:
            self.missing.append(told_finer(source.name, lost))
        days = [day for day in fetched.days if day.day not in lost]
        if days and not source.snapshot:
            days = await self.names.beside(days)
        if COMPLETE in source.columns:
            days = [self._marked(source, day, began) for day in days]
        width = width_of(source.name, self.bucket_width)
        failed = await anyio.to_thread.run_sync(table.write, days, began, width)
        self.missing += failed.values()
        for day in days:
            if day.day not in failed:
                self.written += 1
                self.kept[source.name].discard(day.day)
                self.rows += day.rows
                self.unreadable += sum(text is not None for text in day.columns.get(UNREADABLE, ()))
        self.done += 1
        self.total += fetched.ahead
        self.on_progress(
            Progress(done=self.done, total=self.total, pages=self.pages, rows=self.rows)
        )

    def _marked(self, source: Source, day: Day, fetched_at: datetime) -> Day:
        """A day whose rows say whether it is settled."""
        settled = day.is_whole and self._is_settled(source, day.day, fetched_at)
        return attrs.evolve(day, columns={**day.columns, COMPLETE: same(settled, day.rows)})

    def summary(self) -> Summary:
        """What was done."""
        refused = sorted(self.refused, key=lambda part: ENDPOINTS.index(part.kind))
        return Summary(
            written=self.written,
            kept=sum(map(len, self.kept.values())),
            aligned=self.aligned,
            rows=self.rows,
            pages=self.pages,
            refused=told(refused, self.projects, most=None),
            failed=tuple(sorted(self.failed)),
            missing=tuple(sorted(self.missing)),
            adapted=_in_words(self.adapted),
            lost=_in_words(self.lost),
            notes=tuple(sorted({*self.notes, *self.names.unknown(), *told_quiet(self.quiet)})),
            unreadable=self.unreadable,
        )


def _in_words(adaptations: Sequence[Adaptation]) -> tuple[str, ...]:
    return tuple(told_adaptations(sorted(adaptations, key=attrgetter("endpoint"))))
