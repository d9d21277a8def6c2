"""The people whom records of earlier runs know, and those who have their address or name by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import attrs

from ..._declare.arguments import shown
from ..._text.visible import visible
from .journal import Kept
from .model import Person
from .people import People, UnknownPersonError
from .record import Entry, Record


@attrs.frozen(kw_only=True)
class _Run:
    """An earlier offboarding.

    Attributes:
        entry: what is recorded of it.
        finished_at: when nothing was left any more; ``None`` where something was, or is not known.
    """

    entry: Entry
    finished_at: datetime | None


@attrs.frozen(kw_only=True)
class Remembered:
    """The earlier offboardings that evidence and journals know of.

    Attributes:
        record: the evidence; ``None`` without one.
        kept: the journals.
    """

    record: Record | None
    kept: Kept

    def person(self, text: str) -> Person | None:
        """Somebody of whom only a record still knows, since everything else is gone.

        Raises:
            UnknownPersonError: more than one is called so.
        """
        return People(self._people()).only(text)

    def check(self, text: str, person: Person) -> None:
        """Refuse an address or a name by which an earlier run offboarded somebody else.

        The same command, run again, must not remove whoever has got the address since.

        Raises:
            UnknownPersonError: it is one.
        """
        if person.id is None or text.strip() in person.ids:
            return
        called_so = People(self._people()).named(text)
        runs = [run for run in self._runs() if any(map(run.entry.person.is_same, called_so))]
        if any(person.id in run.entry.person.ids for run in runs):
            return
        for run in runs:
            other = run.entry.person
            is_covered = person.is_member is False and not person.ids.isdisjoint(other.ids)
            if other.ids and not is_covered:
                ended = (
                    f"finished on {run.finished_at:%Y-%m-%d %H:%M} UTC"
                    if run.finished_at is not None
                    else "not finished"
                )
                raise UnknownPersonError(
                    visible(
                        f"{shown(text)} is {person} ({person.id}) now, and an earlier offboarding"
                        f" by it, {ended}, was of {other} ({other.id}): pass the id of the one who"
                        " is meant."
                    )
                )

    def _runs(self) -> Iterator[_Run]:
        for past in self.kept.pasts:
            yield _Run(entry=past.entry, finished_at=past.finished_at)
        for entry in self.record.entries if self.record is not None else ():
            yield _Run(entry=entry, finished_at=entry.finished_at)

    def _people(self) -> list[Person]:
        people: list[Person] = []
        for run in self._runs():
            if not any(run.entry.person.is_same(known) for known in people):
                people.append(run.entry.person)
        return people


def completed(person: Person, recorded: Sequence[Entry | None]) -> Person:
    """A person with the name and the address that a record has, where the API has none now."""
    for entry in recorded:
        if entry is not None:
            person = attrs.evolve(
                person,
                name=person.name or entry.person.name,
                email=person.email or entry.person.email,
            )
    return person
