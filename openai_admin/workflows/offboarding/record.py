"""What is recorded of offboardings, as data and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import attrs
from cattrs import Converter

from ..._text.visible import json_text
from .model import ActingKey, Holding, OffboardingPlan, Person, Step

T = TypeVar("T")
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

    @property
    def finished_at(self) -> datetime | None:
        """When the last run ended, where nothing was left then; else ``None``."""
        return self.runs[-1].ended_at if self.is_complete else None

    def having(self, step: Step) -> Entry:
        """The entry with a step as it is now."""
        steps = {known.key: known for known in self.steps} | {step.key: step}
        return attrs.evolve(self, steps=tuple(steps.values()))


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


def planned(plan: OffboardingPlan) -> Entry:
    """What is recorded of somebody before a first run."""
    return Entry(
        person=plan.person,
        transfer_to=plan.transfer_to,
        before=plan.holdings,
        steps=plan.steps,
        notes=plan.notes,
        not_known=plan.not_known,
        runs=(),
        leave_ownerless=plan.leave_ownerless,
    )


def updated(
    known: Entry | None,
    plan: OffboardingPlan,
    run: Run,
    steps: Sequence[Step],
    *,
    after: tuple[Holding, ...] | None,
    not_known: tuple[str, ...],
) -> Entry:
    """What is recorded of a person while a run goes on.

    Args:
        known: what earlier runs recorded.
        plan: what this one is to do.
        run: this one.
        steps: what it has done so far.
        after: what is left at its end.
        not_known: what could not be looked at.
    """
    known = known or planned(plan)
    over = [step for step in known.steps if step.is_over]
    by_key = {step.key: step for step in (*over, *plan.earlier, *plan.steps)}
    by_key |= {step.key: step for step in steps}
    return Entry(
        person=known.person,
        transfer_to=plan.transfer_to or known.transfer_to,
        before=known.before,
        steps=tuple(by_key.values()),
        after=after,
        notes=tuple(dict.fromkeys((*known.notes, *plan.notes))),
        not_known=not_known,
        runs=(*known.runs, run),
        leave_ownerless=plan.leave_ownerless or known.leave_ownerless,
    )


def merged(one: Entry | None, other: Entry | None) -> Entry | None:
    """What two records of one offboarding say together: each may lack runs that the other has."""
    if one is None or other is None:
        return one or other
    first = one if _begun(one) <= _begun(other) else other
    early, late = (one, other) if _last(one) <= _last(other) else (other, one)
    steps = {step.key: step for step in early.steps}
    for step in late.steps:
        if step.key not in steps or not steps[step.key].is_over:
            steps[step.key] = step
    runs = {(run.begun_at, run.acting): run for run in early.runs}
    for run in late.runs:
        known = runs.get((run.begun_at, run.acting))
        if known is None or known.ended_at is None:
            runs[run.begun_at, run.acting] = run
    return attrs.evolve(
        late,
        person=first.person,
        transfer_to=late.transfer_to or early.transfer_to,
        before=first.before,
        steps=tuple(steps.values()),
        notes=tuple(dict.fromkeys((*early.notes, *late.notes))),
        runs=tuple(sorted(runs.values(), key=lambda run: run.begun_at)),
        leave_ownerless=one.leave_ownerless or other.leave_ownerless,
    )


def _begun(entry: Entry) -> datetime:
    """When the first run began; of one that was only planned, never."""
    return entry.runs[0].begun_at if entry.runs else datetime.max.replace(tzinfo=UTC)


def _last(entry: Entry) -> tuple[datetime, int, bool]:
    """How late a record is: by its last run, and how far that came."""
    if not entry.runs:
        return datetime.min.replace(tzinfo=UTC), 0, False
    over = sum(step.is_over for step in entry.steps)
    return entry.runs[-1].begun_at, over, entry.runs[-1].ended_at is not None


def as_data(thing: Any) -> Any:
    """An entry, a step and so on as JSON has them."""
    return _CONVERTER.unstructure(thing)


def of_data(data: Any, type: type[T]) -> T:
    """Likewise the other way; any error says that it is something else."""
    found: T = _CONVERTER.structure(data, type)
    return found


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
