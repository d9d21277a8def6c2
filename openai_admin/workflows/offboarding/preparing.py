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
from .facts import facts_of
from .membership import Membership
from .model import OffboardingPlan, Person, Step
from .owning import owners
from .people import People, UnknownPersonError, recorded
from .plan import Choices, made_plan
from .record import Entry, Record
from .snapshot import Told, read_organization
from .steps import settled

_Client = AdminResources[Async]


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
    """

    people: Sequence[str]
    transfer_to: str | None = None
    leave_ownerless: bool = False
    myself: bool = False
    allow_unknown_owners: bool = False
    skip_unknown: bool = False
    evidence: Path | None = None
    demo: bool = False


@attrs.frozen(kw_only=True)
class Prepared:
    """What was planned.

    Attributes:
        plans: one for each person.
        skipped: why others are left out, a sentence each.
        record: what the evidence says so far, and goes on with; ``None`` without evidence.
    """

    plans: tuple[OffboardingPlan, ...]
    skipped: tuple[str, ...] = ()
    record: Record | None = None


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
    people, skipped = await _resolved(client, members, asked, record)
    if asked.evidence is not None and record is not None:
        evidence.check_same(record, asked.evidence, organization, people)
    leaving = frozenset(id for person in people for id in person.ids)
    choices = Choices(
        transfer_to=await _recipient(members, _chosen_before(asked, record), leaving),
        leave_ownerless=asked.leave_ownerless,
        myself=asked.myself,
        allow_unknown_owners=asked.allow_unknown_owners,
    )
    snapshot = members.snapshot
    facts = await each(people, partial(facts_of, client, snapshot))
    # Whoever's key may be used comes last, or the others could not be finished.
    facts.sort(key=lambda found: acting.may_be_of(found.person, found.holdings))
    owning = await owners(client, snapshot.users, leaving, lacks_people=snapshot.lacks_people)
    plans = [
        made_plan(
            found,
            snapshot,
            acting,
            choices,
            organization=organization,
            leaving=leaving,
            owners=owning,
        )
        for found in facts
    ]
    if record is not None:
        plans = [await _continued(client, plan, record.of(plan.person)) for plan in plans]
    elif asked.evidence is not None:
        record = Record(organization=organization, demo=asked.demo)
    return Prepared(plans=tuple(plans), skipped=tuple(skipped), record=record)


async def resumed(client: _Client, plan: OffboardingPlan, path: Path | None) -> Prepared:
    """A plan that was made before, and goes on with what a file has recorded.

    Raises:
        InvalidInputError: the file is of others.
    """
    if path is None:
        return Prepared(plans=(plan,))
    evidence.check_path(path)
    record = evidence.read(path)
    if record is None:
        return Prepared(plans=(plan,), record=Record(organization=plan.organization))
    evidence.check_same(record, path, plan.organization, [plan.person])
    plan = await _continued(client, plan, record.of(plan.person))
    return Prepared(plans=(plan,), record=record)


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
    client: _Client, organization: Membership, asked: Asked, record: Record | None
) -> tuple[list[Person], list[str]]:
    """Everybody who is asked for, once, and why others are left out."""
    found: list[Person] = []
    unknown: list[str] = []
    for text in asked.people:
        try:
            person = await organization.person(text)
            person = person or _in_record(record, text) or await recorded(client, text)
            if person is None:
                raise organization.people.nobody(text)
        except UnknownPersonError as error:
            unknown.append(str(error))
        else:
            if not any(person.is_same(each) for each in found):
                found.append(person)
    if unknown and not (asked.skip_unknown and found):
        raise organization.unknown(" ".join(unknown))
    return found, unknown


def _in_record(record: Record | None, text: str) -> Person | None:
    """Somebody of whom only the evidence still knows, since everything else is gone."""
    people = People([entry.person for entry in record.entries] if record is not None else [])
    person = people.only(text)
    return None if person is None else attrs.evolve(person, is_member=False, role=None)


def _chosen_before(asked: Asked, record: Record | None) -> str | None:
    """Who takes over: as asked for, else as an earlier run of the same evidence was told."""
    if asked.transfer_to is not None or asked.leave_ownerless or record is None:
        return asked.transfer_to
    chosen = (entry.transfer_to for entry in record.entries)
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
