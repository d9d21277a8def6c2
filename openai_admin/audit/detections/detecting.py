"""Detections over a stretch of the audit log, which learn from what was before it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from ..._declare.arguments import shown
from ..._declare.resource import Async
from ..._tree import AdminResources
from ..._wire.models import Unreadable
from ..._wire.portable import Portable
from ...errors import APIError, InvalidInputError, NotFoundError, PermissionDeniedError
from ..event import AuditEvent
from ..reading import read
from .both import Both
from .directory import Known, read_directory
from .model import Detection, Finding
from .naming import named, with_names
from .settings import Settings
from .watching import Watch

HISTORY = timedelta(days=30)
"""How much of the log before a stretch is learned from."""

AHEAD = timedelta(days=366)
"""How far in the future the log is read, where events have a time that has not come yet."""

_TURN = 100  # events between two turns of the event loop


@attrs.frozen(kw_only=True)
class Detected(Portable):
    """What was found in a stretch of the audit log.

    Attributes:
        since: when the stretch begins.
        until: when it ends, not included.
        findings: what was found and is not accepted, the oldest first.
        accepted: what an exception of the settings covers; each has the reason.
        events: how many events were looked at, without those that were learned from.
        odd_events: how many of them could not be read as the API describes them; they were looked
            at as far as they could be understood.
        learned_since: from when on the log before the stretch was read.
        learned_from: how many events that were.
        notes: what was learned or has expired, a sentence each.
        not_known: what could not be read or looked at, a sentence each.
        names: names of what findings mention, by id.
    """

    since: datetime
    until: datetime
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    events: int = 0
    odd_events: int = 0
    learned_since: datetime
    learned_from: int = 0
    notes: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)


async def detect(
    client: AdminResources[Async],
    detections: Iterable[Detection[Any]],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    settings: Settings = Settings(),  # noqa: B008 - immutable
    history: timedelta = HISTORY,
    with_lookups: bool = True,
) -> Detected:
    """Look at a stretch of the log; see `Audit.detect`."""
    if history < timedelta():
        raise InvalidInputError("history must not be less than nothing.")
    for name, moment in (("since", since), ("until", until)):
        _check_moment(name, moment)
    if since is not None and until is not None:
        _check_stretch(since, until)
    known = await read_directory(client, settings)
    now = client._caller.server_now() or datetime.now(UTC)
    ended = until or now
    since = since or ended - HISTORY
    _check_stretch(since, ended)
    begin, end, log = since - history, until or now + AHEAD, Both(client.audit_logs)
    with explained():
        left = await _leavers(client, begin, end)
    known = attrs.evolve(known, directory=attrs.evolve(known.directory, left=left))
    run = _Run(Watch(detections, known.directory, settings), since)
    async with aclosing(log.read(begin, end)) as items:
        with explained():
            async for item in items:
                run.take(AuditEvent.of(item), is_odd=isinstance(item, Unreadable))
                if not run.taken % _TURN:
                    await asyncio.sleep(0)  # what a page had is all here: others get a turn
    return await _told(client, run, known, settings, ended, history, now, with_lookups, log)


def _check_moment(name: str, moment: Any) -> None:
    if moment is None:
        return
    if not isinstance(moment, datetime):
        raise InvalidInputError(f"{name} must be a datetime with a time zone, not {shown(moment)}.")
    if moment.utcoffset() is None:
        raise InvalidInputError(f"{name} must have a time zone, such as UTC; {moment} has none.")


def _check_stretch(since: datetime, until: datetime) -> None:
    if since >= until:
        raise InvalidInputError(f"since must be before until, not {since} and {until}.")


async def _leavers(client: AdminResources[Async], begin: datetime, end: datetime) -> frozenset[str]:
    """Who leaves the organization within a stretch: its directory no longer has them, though they
    acted as members before.
    """
    deletions = read(client.audit_logs, begin, end, event_types=["user.deleted"])
    async with aclosing(deletions) as items:
        events = [AuditEvent.of(item) async for item in items]
    return frozenset(e.target_id for e in events if e.target_id and e.project_id is None)


@contextmanager
def explained() -> Iterator[None]:
    """Say with a refusal of the log what it takes to read it."""
    try:
        yield
    except APIError as error:
        error.__notes__ = []  # what was read before is in no result here
        if isinstance(error, PermissionDeniedError | NotFoundError):
            # The API may have said itself which scope is lacking.
            needs = "" if error.missing_scopes else ", and the key needs `api.audit_logs.read`"
            error.add_note(
                f"The audit log must be switched on in the organization's settings{needs}."
            )
        raise


@attrs.define
class _Run:
    """A run under way.

    Attributes:
        watch: the detections.
        since: from when on what is found is told.
        taken: how many events came.
        learned: how many of them were before.
        odd: how many of the others could not be read.
        found: what was found among the others.
    """

    watch: Watch
    since: datetime
    taken: int = 0
    learned: int = 0
    odd: int = 0
    found: list[Finding] = attrs.field(factory=list)

    def take(self, event: AuditEvent, *, is_odd: bool) -> None:
        """Look at an event; one without a time belongs where it came."""
        found = self.watch.feed(event)
        self.taken += 1
        is_before = self.taken - 1 == self.learned if event.at is None else event.at < self.since
        if is_before:
            self.learned += 1
            return
        self.odd += is_odd
        self.found += found


async def _told(
    client: AdminResources[Async],
    run: _Run,
    known: Known,
    settings: Settings,
    until: datetime,
    history: timedelta,
    now: datetime,
    with_lookups: bool,
    log: Both,
) -> Detected:
    """What came of a run, with names."""
    directory, unnamed = known.directory, tuple[str, ...]()
    if with_lookups and run.found:
        directory, unnamed = await named(client, known, run.found)
    # Exceptions may name what was found by a name that is known only now.
    findings = [
        with_names(settings.judged(finding, directory), directory.names) for finding in run.found
    ]
    return Detected(
        since=run.since,
        until=until,
        findings=tuple(each for each in findings if each.accepted is None),
        accepted=tuple(each for each in findings if each.accepted is not None),
        events=run.taken - run.learned,
        odd_events=run.odd,
        learned_since=run.since - history,
        learned_from=run.learned,
        notes=(*known.notes, *log.notes, *expired(settings, now)),
        not_known=(
            *log.not_known,
            *known.directory.not_known,
            *map(str, run.watch.failures),
            *unnamed,
        ),
        names=dict(directory.names),
    )


def expired(settings: Settings, now: datetime) -> Collection[str]:
    """That exceptions cover nothing any more, a sentence each."""
    return [
        f"The exception “{each.reason}” ended on {each.until}: it covers nothing later."
        for each in settings.expired(now.astimezone(UTC).date())
    ]
