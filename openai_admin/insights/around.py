"""What changed in the organization around days that cost far more or less than usual."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import attrs

from .._wire.portable import Portable
from ..directory.recorded.event import AuditEvent
from ..directory.recorded.telling import names_told, tell
from ..usage.table import UsageTable
from .currencies import main_currency
from .daily import daily_costs
from .outliers import AnomalySearch, anomalies
from .periods import Period

MOST_DAYS = 5
"""The most unusual days that are looked around."""

_EACH = 3  # changes of each day that go before all others

_NEVER = datetime.max.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True)
class ChangeAround(Portable):
    """Something that was changed on an unusual day or on the day before, by the audit log.

    Attributes:
        day: the unusual day, UTC.
        at: when it was changed, UTC; ``None`` where the event does not say.
        actor: who did it: an address or a name, else an id, else ``system`` and the like.
        type: what happened, as ``api_key.created``.
        target: what it was done to, by name or address where one is known, else by id.
        project_id: the project that it happened in.
        project: what that is called, by name where it is known.
        changes: what was asked for, as ``role: owner``; empty where the event tells no more.
        in_same_project: whether it was in, or to, a project that was unusual that day.
        event_id: the event's id.
    """

    day: date
    at: datetime | None
    actor: str | None
    type: str | None
    target: str | None
    project_id: str | None
    project: str | None
    changes: str
    in_same_project: bool
    event_id: str | None

    @property
    def change(self) -> str:
        """What was done, to what: ``rate_limit.updated rl-gpt-5 (max_requests: 500)``."""
        done = " ".join(filter(None, (self.type, self.target)))
        return f"{done} ({self.changes})" if self.changes else done


@attrs.frozen(kw_only=True)
class ChangesAround(Portable):
    """What was changed on an unusual day and on the day before.

    The day before is left out where it is unusual too: it has changes of its own.

    Attributes:
        day: the unusual day, UTC.
        changes: what was changed, in the same project first and then by time.
        has_more: whether there is more than was read; then the latest changes are here.
    """

    day: date
    changes: tuple[ChangeAround, ...]
    has_more: bool = False


@attrs.frozen(kw_only=True)
class RecordedDay(Portable):
    """What the audit log has recorded around an unusual day.

    Attributes:
        day: the unusual day, UTC.
        events: the events, without logins.
        has_more: whether there is more than was read.
    """

    day: date
    events: Sequence[AuditEvent]
    has_more: bool = False


def unusual(costs: UsageTable, *, period: Period, now: datetime) -> AnomalySearch:
    """The unusual days of a period, as a review finds them."""
    daily = daily_costs(costs, ("project", "model"), currency=main_currency(costs))
    return anomalies(daily, period=period, now=now)


def days_to_look_around(search: AnomalySearch) -> tuple[date, ...]:
    """The most unusual days, those that are furthest off first."""
    return tuple(dict.fromkeys(anomaly.day for anomaly in search.found))[:MOST_DAYS]


def stretch_around(day: date, days: Collection[date]) -> Period:
    """An unusual day and the day before, or the day alone where that is looked around as well."""
    before = day - timedelta(days=1)
    return Period(day if before in days else before, day + timedelta(days=1))


def changes_around(
    search: AnomalySearch,
    recorded: Sequence[RecordedDay],
    names: Mapping[str, str],
    *,
    project_ids: Collection[str] = (),
) -> tuple[ChangesAround, ...]:
    """What was changed around unusual days, in words.

    Args:
        search: the unusual days.
        recorded: what the audit log has of each that could be read.
        names: names by id that events do not tell.
        project_ids: the projects that are looked at: what happened in another one is left out;
            empty for all.
    """
    told = {**names_told(event for each in recorded for event in each.events), **names}
    return tuple(
        _changes(each, _projects_of(search, each.day), told, project_ids) for each in recorded
    )


def in_order(days: Sequence[ChangesAround]) -> list[ChangeAround]:
    """The changes of all days: the first of each, so that none is left out, before all others."""
    first = [change for each in days for change in each.changes[:_EACH]]
    return first + [change for each in days for change in each.changes[_EACH:]]


def _projects_of(search: AnomalySearch, day: date) -> frozenset[str]:
    projects = (anomaly.group[0] for anomaly in search.found if anomaly.day == day)
    return frozenset(project for project in projects if project is not None)


def _changes(
    recorded: RecordedDay,
    unusual_projects: Collection[str],
    names: Mapping[str, str],
    project_ids: Collection[str],
) -> ChangesAround:
    events = (
        event
        for event in recorded.events
        if not project_ids or event.project_id is None or event.project_id in project_ids
    )
    found = [_change(recorded.day, event, unusual_projects, names) for event in events]
    found.sort(
        key=lambda c: (not c.in_same_project, c.at is None, c.at or _NEVER, c.event_id or "")
    )
    return ChangesAround(day=recorded.day, changes=tuple(found), has_more=recorded.has_more)


def _change(
    day: date, event: AuditEvent, unusual_projects: Collection[str], names: Mapping[str, str]
) -> ChangeAround:
    told = tell(event, names)
    return ChangeAround(
        day=day,
        at=told.at,
        actor=told.actor,
        type=told.type,
        target=told.target,
        project_id=told.project_id,
        project=told.project,
        changes=told.changes,
        in_same_project=not {told.project_id, told.target_id}.isdisjoint(unusual_projects),
        event_id=told.id,
    )
