"""What is recorded of offboardings, as data and as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import attrs
from cattrs import Converter

from ..._text.visible import json_text
from .model import ActingKey, Holding, Person, Step

_KIND = "openai-admin offboarding"
_VERSION = 1


@attrs.frozen(kw_only=True)
class Run:
    """One run of the command.

    Attributes:
        begun_at: when it began, by the server's clock.
        ended_at: when it ended; ``None`` where it was cut off, or goes on.
        acting: the key that was used.
    """

    begun_at: datetime
    acting: ActingKey
    ended_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Entry:
    """What is recorded of one person.

    Attributes:
        person: who was offboarded.
        transfer_to: who became an owner in their place.
        before: what the person held when the first run began.
        steps: what was done, by all runs.
        after: what the person still held at the end; ``None`` where that is not known (yet).
        notes: what should be known, and was not touched.
        not_known: what could not be looked at.
        runs: when it was done, and with which key.
        leave_ownerless: whether a run was told that projects may be left without an owner.
    """

    person: Person
    before: tuple[Holding, ...]
    steps: tuple[Step, ...]
    runs: tuple[Run, ...]
    transfer_to: Person | None = None
    after: tuple[Holding, ...] | None = None
    notes: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()
    leave_ownerless: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether all was done, nothing is left, and everything could be looked at."""
        is_done = all(step.is_over for step in self.steps)
        return is_done and bool(self.runs) and self.after == () and not self.not_known


@attrs.frozen(kw_only=True)
class Record:
    """What is recorded in one file.

    Attributes:
        organization: the organization's id or name; ``None`` where the API does not tell it.
        entries: one for each person.
        demo: whether it is of a made-up organization.
    """

    organization: str | None
    entries: tuple[Entry, ...] = ()
    demo: bool = False

    def of(self, person: Person) -> Entry | None:
        """What is recorded of a person."""
        return next((entry for entry in self.entries if entry.person.is_same(person)), None)

    def having(self, entry: Entry) -> Record:
        """The record with an entry, in the place of an earlier one of the same person."""
        others = list(self.entries)
        for place, known in enumerate(others):
            if known.person.is_same(entry.person):
                others[place] = entry
                return attrs.evolve(self, entries=tuple(others))
        return attrs.evolve(self, entries=(*others, entry))


def as_json(record: Record) -> str:
    """A record as JSON, with times in ISO 8601."""
    data = {"kind": _KIND, "version": _VERSION, **_CONVERTER.unstructure(record)}
    return json_text(data, indent=2) + "\n"


def of_json(text: str) -> Record:
    """The record that a text is.

    Raises:
        ValueError: it is something else.
    """
    try:
        data = json.loads(text)
        if (data["kind"], data["version"]) == (_KIND, _VERSION):
            record: Record = _CONVERTER.structure(data, Record)
            return record
    except Exception as error:  # whatever is wrong with it, it is not a record
        raise ValueError("not a record") from error
    raise ValueError("a record of something else")


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=False)
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat())
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    return converter


_CONVERTER: Any = _converter()
