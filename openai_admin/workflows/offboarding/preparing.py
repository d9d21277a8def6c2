"""Offboardings up to their plans: who is meant, what is held, what earlier runs did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.check import organization_of
from ...errors import APIError, InvalidInputError
from . import evidence
from .acting import acting_key
from .alone import others_by_role
from .evidence import Evidence
from .facts import facts_of
from .journal import Keeping, Kept, Where
from .membership import Membership
from .model import OffboardingPlan, Person, Step
from .owning import owners
from .people import UnknownPersonError, recorded
from .plan import Choices, made_plan
from .record import Entry, Record, merged, planned
from .remembering import Remembered, completed
from .snapshot import Told, read_organization
from .steps import settled

_Client = AdminResources[Async]
_AGAIN = (
    "They were offboarded already, on {at:%Y-%m-%d %H:%M} UTC: what is taken away now has come"
    " since, or is there again."
)


@attrs.frozen(kw_only=True)
class Asked:
    """What somebody asks for.

    Attributes:
        people: who is to be offboarded, each by id, address or name.
        transfer_to: who takes over, likewise.
        leave_ownerless: as of `Choices`.
        myself: as of `Choices`.
        allow_unknown_owners: as of `Choices`.
        skip_unknown: whether those whom nobody knows are left out.
        evidence: the file that records it.
        demo: whether it is done to a made-up organization, which the evidence then says.
        journals: the folder of journals; by default the user's.
    """

    people: Sequence[str]
    transfer_to: str | None = None
    leave_ownerless: bool = False
    myself: bool = False
    allow_unknown_owners: bool = False
    skip_unknown: bool = False
    evidence: Path | None = None
    demo: bool = False
    journals: Path | None = None


@attrs.frozen(kw_only=True)
class Planned:
    """What was planned for one person.

    Attributes:
        plan: the plan.
        known: what earlier runs recorded.
        keeping: where the journal is kept; ``None`` where there is nothing to write into one.
    """

    plan: OffboardingPlan
    known: Entry | None = None
    keeping: Keeping | None = None


@attrs.frozen(kw_only=True)
class Prepared:
    """What was planned.

    Attributes:
        each: for each person.
        skipped: why others are left out, a sentence each.
        evidence: what is recorded for an auditor; ``None`` where that is not asked for.
    """

    each: tuple[Planned, ...]
    skipped: tuple[str, ...] = ()
    evidence: Evidence | None = None

    @property
    def plans(self) -> tuple[OffboardingPlan, ...]:
        """The plans."""
        return tuple(one.plan for one in self.each)


async def prepare(client: _Client, asked: Asked, tell: Told | None = None) -> Prepared:
    """Read the organization, and plan the offboardings. Nothing is changed.

    Raises:
        InvalidInputError: somebody is not known or not told apart, or the evidence is of others.
        PeopleNotKnownError: somebody is not found, and not everything could be looked through.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    named = [*asked.people, *(() if asked.transfer_to is None else (asked.transfer_to,))]
    if not all(text.strip() for text in named):
        raise InvalidInputError("Somebody is named by an empty text: pass an address, id or name.")
    record = None
    if asked.evidence is not None:
        evidence.check_path(asked.evidence)
        record = evidence.read(asked.evidence)
    snapshot = await read_organization(client, tell)
    acting = await acting_key(client._caller, snapshot.admin_keys)
    organization = await _organization(client)
    members = Membership(client, snapshot)
    kept = Kept.within(asked.journals, Where.of(client._caller, organization, acting))
    remembered = Remembered(record=record, kept=kept)
    people, skipped = await _resolved(client, members, asked, remembered)
    if asked.evidence is not None and record is not None:
        evidence.check_same(record, asked.evidence, organization, people)
    leaving = frozenset(id for person in people for id in person.ids)
    choices = Choices(
        transfer_to=await _recipient(members, _chosen_before(asked, record, kept, people), leaving),
        leave_ownerless=asked.leave_ownerless,
        myself=asked.myself,
        allow_unknown_owners=asked.allow_unknown_owners,
    )
    snapshot = members.snapshot
    facts = await each(people, partial(facts_of, client, snapshot))
    # Whoever's key may be used comes last, or the others could not be finished.
    facts.sort(key=lambda found: acting.may_be_of(found.person, found.holdings))
    owning = await owners(client, snapshot.users, leaving, lacks_people=snapshot.lacks_people)
    by_role = await others_by_role(client, snapshot, facts, leaving)
    plans = [
        made_plan(
            found,
            snapshot,
            acting,
            choices,
            organization=organization,
            leaving=leaving,
            owners=owning,
            by_role=by_role,
        )
        for found in facts
    ]
    works = []
    for plan in plans:
        recorded = record.of(plan.person) if record is not None else None
        works.append(await _planned(client, plan, recorded, kept, asked.journals))
    return Prepared(
        each=tuple(works),
        skipped=tuple(skipped),
        evidence=_evidence(asked.evidence, record, works, demo=asked.demo),
    )


async def resumed(client: _Client, plan: OffboardingPlan, path: Path | None) -> Prepared:
    """A plan that was made before, and goes on with what a file has recorded.

    Raises:
        InvalidInputError: the file is of others.
    """
    record = None
    if path is not None:
        evidence.check_path(path)
        record = evidence.read(path)
        if record is not None:
            evidence.check_same(record, path, plan.organization, [plan.person])
    kept = Kept.within(None, Where.of(client._caller, plan.organization, plan.acting))
    recorded = record.of(plan.person) if record is not None else None
    work = await _planned(client, plan, recorded, kept, None)
    return Prepared(each=(work,), evidence=_evidence(path, record, [work]))


async def _planned(
    client: _Client,
    plan: OffboardingPlan,
    recorded: Entry | None,
    kept: Kept,
    folder: Path | None,
) -> Planned:
    """A plan that goes on with what earlier runs did, by the evidence and by the journal.

    Where the journal says that nothing was left, and something is held again, another offboarding
    begins.
    """
    keeping = Keeping(where=kept.where, person=plan.person, folder=folder)
    plan = _doubted(plan, kept, keeping)
    past = kept.of(plan.person)
    is_over = past is not None and past.finished_at is not None
    known = merged(recorded, None if past is None or (is_over and plan.steps) else past.entry)
    person = completed(plan.person, [known, past.entry if past is not None else None])
    plan = await _continued(client, attrs.evolve(plan, person=person), known)
    of_record = known.finished_at if known is not None else None
    finished_at = past.finished_at if past is not None else of_record
    if finished_at is not None and not plan.steps:
        return Planned(plan=attrs.evolve(plan, finished_at=finished_at), known=known)
    if finished_at is not None:
        plan = attrs.evolve(plan, notes=(_AGAIN.format(at=finished_at), *plan.notes))
    if past is None and not plan.steps:
        return Planned(plan=plan, known=known)
    keeping = attrs.evolve(keeping, known=past.path if past is not None else None)
    return Planned(plan=plan, known=known, keeping=keeping)


def _doubted(plan: OffboardingPlan, kept: Kept, keeping: Keeping) -> OffboardingPlan:
    """A plan that says which journals cannot be read, and may be of the same person."""
    if not kept.unreadable:
        return plan
    own = (keeping.path, keeping.path.parent)
    lacks = [text for path, text in kept.unreadable.items() if path in own]
    others = [text for path, text in kept.unreadable.items() if path not in own]
    return attrs.evolve(
        plan,
        not_known=(*plan.not_known, *(f"what earlier runs did: {text}" for text in lacks)),
        notes=(*plan.notes, *(f"It may be of an earlier run for them: {text}" for text in others)),
    )


def _evidence(
    path: Path | None, record: Record | None, works: Sequence[Planned], *, demo: bool = False
) -> Evidence | None:
    """What evidence says before the first step of the first: everybody who is offboarded."""
    if path is None:
        return None
    organization = works[0].plan.organization if works else None
    record = record or Record(organization=organization, demo=demo)
    for work in works:
        record = record.having(work.known or planned(work.plan))
    return Evidence(path, record)


async def _organization(client: _Client) -> str | None:
    told = client._caller.organization_told()
    if told is not None:
        return told
    try:
        id, name = await organization_of(client._caller)
    except APIError:
        return None
    return id or name


async def _resolved(
    client: _Client, organization: Membership, asked: Asked, remembered: Remembered
) -> tuple[list[Person], list[str]]:
    """Everybody who is asked for, once, and why others are left out."""
    found: list[Person] = []
    unknown: list[str] = []
    for text in asked.people:
        try:
            person = await organization.person(text)
            if person is not None:
                remembered.check(text, person)
            else:
                known = remembered.person(text) or await recorded(client, text)
                if known is None:
                    raise organization.people.nobody(text)
                person = await organization.remembered(known)
        except UnknownPersonError as error:
            unknown.append(str(error))
        else:
            if not any(person.is_same(each) for each in found):
                found.append(person)
    if unknown and not (asked.skip_unknown and found):
        raise organization.unknown(" ".join([*unknown, *remembered.kept.unreadable.values()]))
    return found, unknown


def _chosen_before(
    asked: Asked, record: Record | None, kept: Kept, people: Sequence[Person]
) -> str | None:
    """Who takes over: as asked for, else as an earlier run was told that is not over."""
    if asked.transfer_to is not None or asked.leave_ownerless:
        return asked.transfer_to
    pasts = (kept.of(person) for person in people)
    entries = [
        *(record.entries if record is not None else ()),
        *(past.entry for past in pasts if past is not None and past.finished_at is None),
    ]
    chosen = (entry.transfer_to for entry in entries if not entry.is_complete)
    return next((person.id for person in chosen if person is not None), None)


async def _recipient(
    organization: Membership, text: str | None, leaving: Iterable[str]
) -> Person | None:
    """Who takes over.

    Raises:
        InvalidInputError: nobody is called so, or not a member, or is offboarded too.
        PeopleNotKnownError: that cannot be told, as the members could not be read.
    """
    if text is None:
        return None
    try:
        person = await organization.person(text)
        if person is None:
            raise organization.people.nobody(text)
    except UnknownPersonError as error:
        raise organization.unknown(f"--transfer-to: {error}") from None
    if not person.is_member:
        sentence = f"{person} is not a member of the organization, and can take nothing over."
        if person.is_member is None:
            sentence = f"Whether {person} is a member of the organization, and can take something"
            sentence += " over, is not known."
            raise organization.unknown(f"--transfer-to: {sentence}")
        raise InvalidInputError(f"--transfer-to: {sentence}")
    if not person.ids.isdisjoint(leaving):
        raise InvalidInputError(
            f"--transfer-to: {person} is to be offboarded, and can take nothing over."
        )
    return person


async def _continued(
    client: _Client, plan: OffboardingPlan, entry: Entry | None
) -> OffboardingPlan:
    """A plan that goes on with what earlier runs recorded."""
    if entry is None:
        return plan
    if plan.transfer_to is None:
        # Nobody takes over any more, so nothing is to be given.
        steps = tuple(s for s in entry.steps if s.is_over or s.holding.kind != "ownership")
        entry = attrs.evolve(entry, steps=steps)
    planned = {step.key for step in plan.steps}
    earlier: list[Step] = []
    more: list[Step] = []
    for step in entry.steps:
        if step.is_over:
            earlier.append(step)
        elif step.key not in planned:
            # It is not seen any more: it was done, or its listing is refused this time.
            looked = await settled(client, step, plan.person, plan.transfer_to)
            if looked.is_over:
                earlier.append(looked)
            else:
                more.append(attrs.evolve(step, outcome="to do", reason=None, at=None))
    return attrs.evolve(
        plan,
        steps=(*more, *plan.steps),
        earlier=tuple(earlier),
        before=entry.before,
        begun_at=entry.runs[0].begun_at if entry.runs else None,
    )
