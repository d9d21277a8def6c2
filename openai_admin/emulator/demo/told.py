"""Writes down events of the demo organization that have ids of their own."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..metering.shape import DAY
from ..store import Store
from ..table import Record
from .expected_findings import Incident
from .journal import Journal

HOUR = 3600
MINUTE = 60


@attrs.define
class Told:
    """Writes down what happened, with ids of its own.

    Attributes:
        incidents: what there is to be found.
        near_misses: the ids of events that look like it and are none.
        events: the ids of all events that were written.
    """

    journal: Journal
    incidents: list[Incident] = attrs.field(factory=list)
    near_misses: list[str] = attrs.field(factory=list)
    events: list[str] = attrs.field(factory=list)

    @property
    def store(self) -> Store:
        """What the journal tells of."""
        return self.journal.store

    @property
    def members(self) -> Sequence[Record]:
        """Who there is; the first are owners."""
        return self.journal.people.members

    def day(self, days: int, hour: float) -> int:
        """An hour (UTC) of the last workday that is at least so many days ago."""
        day = self.store.now() // DAY - days
        weekday = (day + 3) % 7  # Unix time began on a Thursday
        return (day - max(0, weekday - 4)) * DAY + int(hour * HOUR)

    def quiet_day(self, user: Record, days: int, hour: float) -> int:
        """The same of a workday on which a person does nothing else, nor on those around it."""
        for earlier in range(20):
            at = self.day(days + earlier, hour)
            if self.journal.is_quiet(user, at - 30 * HOUR, at + 30 * HOUR):
                return at
        return self.day(days, hour)

    def project(self, name: str) -> Record:
        """A project by its name."""
        return next(p.record for p in self.journal.projects if p.record["name"] == name)

    def note(
        self,
        at: int,
        event_type: str,
        payload: Record,
        by: Record,
        project: Record | None = None,
        *,
        actor: Record | None = None,
    ) -> str:
        """Tell of an event and return its id; an `actor` is in place of a person."""
        id = self.store.new_id("audit_log")
        self.events.append(id)
        if actor is None:
            self.journal.note(at, event_type, payload, by=by, project=project, id=id)
        else:
            self.journal.note_of(actor, at, event_type, payload, project=project, id=id)
        return id

    def incident(self, detection: str, at: int, *events: str) -> None:
        """Write down what there is to be found."""
        self.incidents.append(Incident(detection, at, events))
