"""Offboardings from the first read to the last step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.check import organization_of
from ...errors import APIError, InvalidInputError
from ...resources.groups import Group
from ...resources.projects import Project
from . import evidence
from .acting import acting_key
from .evidence import Entry, Record, Run
from .facts import facts_of, listed_again
from .model import Holding, Kind, OffboardingPlan, OffboardingResult, Person, Step
from .people import People, UnknownPersonError, recorded
from .plan import Choices, made_plan
from .snapshot import Part, Snapshot, Told, read_organization, read_part
from .steps import after, done, is_undone, settled

_Client = AdminResources[Async]
_IN_PROJECTS: frozenset[Kind] = frozenset(
    {"project_key", "project_membership", "project_role", "ownership"}
)
_LOOKED_UP: frozenset[Kind] = frozenset(
    {"membership", "owner_role", "organization_role", "project_role"}
)
"""What no listing of keys, invites or members shows again."""
_PAUSES = (1.0, 3.0)
"""Seconds after which what should be gone is looked for again: listings lag behind."""


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
    """

    people: Sequence[str]
    transfer_to: str | None = None
    leave_ownerless: bool = False
    myself: bool = False
    allow_unknown_owners: bool = False
    skip_unknown: bool = False
    evidence: Path | None = None


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
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    record = None
    if asked.evidence is not None:
        evidence.check_path(asked.evidence)
        record = evidence.read(asked.evidence)
    snapshot = await read_organization(client, tell)
    acting = await acting_key(client._caller, snapshot.admin_keys)
    organization = await _organization(client)
    people, skipped = await _resolved(client, snapshot, asked, record)
    if asked.evidence is not None and record is not None:
        evidence.check_same(record, asked.evidence, organization, people)
    leaving = frozenset(id for person in people for id in person.ids)
    choices = Choices(
        transfer_to=_recipient(snapshot, asked.transfer_to, leaving),
        leave_ownerless=asked.leave_ownerless,
        myself=asked.myself,
        allow_unknown_owners=asked.allow_unknown_owners,
    )
    facts = await each(people, partial(facts_of, client, snapshot))
    plans = [
        made_plan(found, snapshot, acting, choices, organization=organization, leaving=leaving)
        for found in facts
    ]
    if record is not None:
        plans = [await _continued(client, plan, record.of(plan.person)) for plan in plans]
    elif asked.evidence is not None:
        record = Record(organization=organization)
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
    client: _Client, snapshot: Snapshot, asked: Asked, record: Record | None
) -> tuple[list[Person], list[str]]:
    """Everybody who is asked for, once, and why others are left out."""
    people = People.of(snapshot)
    found: list[Person] = []
    unknown: list[str] = []
    for text in asked.people:
        try:
            person = people.only(text) or _in_record(record, text) or await recorded(client, text)
            if person is None:
                raise people.nobody(text)
        except UnknownPersonError as error:
            unknown.append(str(error))
        else:
            if not any(person.is_same(each) for each in found):
                found.append(person)
    if unknown and not (asked.skip_unknown and found):
        lacks = f" Not all could be looked through: {'; '.join(snapshot.not_known)}." * bool(
            snapshot.not_known
        )
        raise UnknownPersonError(" ".join(unknown) + lacks)
    return found, unknown


def _in_record(record: Record | None, text: str) -> Person | None:
    """Somebody of whom only the evidence still knows, since everything else is gone."""
    people = People([entry.person for entry in record.entries] if record is not None else [])
    person = people.only(text)
    return None if person is None else attrs.evolve(person, is_member=False, role=None)


def _recipient(snapshot: Snapshot, text: str | None, leaving: Iterable[str]) -> Person | None:
    """Who takes over.

    Raises:
        InvalidInputError: nobody is called so, or not a member, or is offboarded too.
    """
    if text is None:
        return None
    people = People.of(snapshot)
    person = people.only(text)
    if person is None:
        raise people.nobody(text)
    if not person.is_member:
        raise InvalidInputError(
            f"{person} is not a member of the organization, and can take nothing over."
        )
    if not person.ids.isdisjoint(leaving):
        raise InvalidInputError(f"{person} is to be offboarded, and can take nothing over.")
    return person


async def _continued(
    client: _Client, plan: OffboardingPlan, entry: Entry | None
) -> OffboardingPlan:
    """A plan that goes on with what earlier runs recorded."""
    if entry is None:
        return plan
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


@attrs.define(kw_only=True)
class Offboarding:
    """The offboarding of one person, step by step.

    Attributes:
        client: an asynchronous client.
        plan: what is to be done.
        path: the file with the evidence.
        record: what that has so far; other people's entries stay.
        on_step: receives each step once it is over or failed, and how many there are.
        pauses: seconds after which what should be gone is looked for again.
    """

    client: _Client
    plan: OffboardingPlan
    path: Path | None = None
    record: Record | None = None
    on_step: Callable[[Step, int], None] | None = None
    pauses: Sequence[float] = _PAUSES
    _begun: datetime = attrs.field(init=False)
    _steps: list[Step] = attrs.field(factory=list)
    _after: tuple[Holding, ...] | None = None
    _lacks: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        self._begun = self._now()

    async def run(self) -> OffboardingResult:
        """Do all steps, and look at what is left.

        Raises:
            InvalidInputError: something must be decided first.
            OSError: the evidence cannot be written.
        """
        plan = self.plan
        if plan.undecided:
            raise InvalidInputError(" ".join(plan.undecided))
        self._write()
        final = self._final()
        for step in plan.steps:
            if step.key not in final:
                await self._do(step)
        for place, step in enumerate(self._steps):
            if not step.is_over and step.outcome != "held back":
                self._steps[place] = await settled(self.client, step, plan.person, plan.transfer_to)
        await self._look()
        for step in plan.steps:
            if step.key in final:
                await self._do(step, is_own=True)
        gone = {step.key for step in self._steps if step.key in final and step.is_over}
        self._after = tuple(h for h in self._after or () if h.key not in gone)
        self._write(ended=True)
        return OffboardingResult(
            plan=plan,
            steps=(*plan.earlier, *self._steps),
            before=self._before,
            after=self._after,
            not_known=self._not_known,
            begun_at=plan.begun_at or self._begun,
            ended_at=self._now(),
        )

    @property
    def _before(self) -> tuple[Holding, ...]:
        return self.plan.holdings if self.plan.before is None else self.plan.before

    @property
    def _not_known(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.plan.not_known, *self._lacks)))

    def _final(self) -> frozenset[tuple[str, str, str | None]]:
        """The steps after which nothing can be looked at any more: whoever acts goes."""
        plan = self.plan
        own = {
            s.key for s in plan.steps if s.key[:2] in {("admin_key", i) for i in plan.acting.ids}
        }
        if own or not plan.person.ids.isdisjoint(plan.acting.owner_ids):
            own |= {step.key for step in plan.steps if step.holding.kind == "membership"}
        return frozenset(own)

    async def _do(self, step: Step, *, is_own: bool = False) -> None:
        plan = self.plan
        reason = self._obstacle(step, is_own=is_own)
        if reason is not None:
            finished = after(self.client, step, "held back", reason)
        else:
            finished = await done(self.client, step, plan.person, plan.transfer_to, is_own=is_own)
        self._steps.append(finished)
        self._write()
        if self.on_step is not None:
            self.on_step(finished, len(plan.steps))

    def _obstacle(self, step: Step, *, is_own: bool) -> str | None:
        """What a step waits for that did not succeed."""
        kind = step.holding.kind
        failed = [s for s in self._steps if not s.is_over]
        if is_own and kind == "admin_key" and failed:
            return "the key that is used is deleted last, and not all was done before"
        for other in failed:
            if other.holding.kind != "ownership":
                continue
            is_same = other.holding.project_id == step.holding.project_id
            if kind == "membership" or (kind == "project_membership" and is_same):
                where = other.holding.project_name or other.holding.project_id
                return f"{where} did not get another owner"
        return None

    async def _look(self) -> None:
        """Read what is left where something was done, again after a while where it is there."""
        for pause in (*self.pauses, None):
            self._after, self._lacks = await self._left()
            over = {step.key for step in self._steps if step.is_over}
            if pause is None or not any(held.key in over for held in self._after):
                return
            await self.client._caller.sleep(pause)

    async def _left(self) -> tuple[tuple[Holding, ...], tuple[str, ...]]:
        plan = self.plan
        over = [step for step in self._steps if step.is_over]
        part = _part([*over, *self._ended_with_membership(over)])
        read = await read_part(self.client, part)
        found = listed_again(read, plan.person)
        seen = {held.key for held in found}
        gone = {step.key for step in over}
        for held in plan.holdings:
            if held.key not in gone and held.key not in seen and not _covers(part, held):
                found.append(held)
        ended = {(s.key[0], s.key[2]) for s in over}
        for step in over:
            kind, project_id = step.holding.kind, step.holding.project_id
            if kind not in _LOOKED_UP or (("membership", None) in ended and kind != "membership"):
                continue  # what an end of the membership ends as well
            if kind == "project_role" and ("project_membership", project_id) in ended:
                continue
            if await is_undone(self.client, step, plan.person, plan.transfer_to):
                found.append(step.holding)
        return tuple(found), read.not_known

    def _ended_with_membership(self, over: Sequence[Step]) -> list[Step]:
        """What the identity provider manages, and is gone with the membership all the same."""
        if not any(step.holding.kind == "membership" for step in over):
            return []
        return [Step(holding=held) for held in self.plan.stays if held.kind == "group"]

    def _write(self, *, ended: bool = False) -> None:
        if self.path is None or self.record is None:
            return
        plan = self.plan
        known = self.record.of(plan.person)
        runs = list(known.runs) if known is not None else []
        runs = [run for run in runs if run.begun_at != self._begun or run.acting != plan.acting]
        this = Run(
            begun_at=self._begun, acting=plan.acting, ended_at=self._now() if ended else None
        )
        taken = {step.key for step in self._steps}
        entry = Entry(
            person=plan.person if known is None else known.person,
            transfer_to=plan.transfer_to,
            before=self._before,
            steps=(
                *plan.earlier,
                *self._steps,
                *(step for step in plan.steps if step.key not in taken),
            ),
            after=self._after if ended else None,
            notes=plan.notes,
            not_known=self._not_known,
            runs=(*runs, this),
        )
        self.record = self.record.having(entry)
        evidence.write(self.path, self.record)

    def _now(self) -> datetime:
        return (self.client._caller.server_now() or datetime.now(UTC)).replace(microsecond=0)


def _part(steps: Iterable[Step]) -> Part:
    """Where some steps did something."""
    held = [step.holding for step in steps]
    projects = {
        h.project_id: Project(id=h.project_id, name=h.project_name, status="active")
        for h in held
        if h.kind in _IN_PROJECTS and h.project_id is not None
    }
    kinds = {h.kind for h in held}
    return Part(
        projects=projects,
        groups={h.id: Group(id=h.id, name=h.name) for h in held if h.kind == "group"},
        admin_keys="admin_key" in kinds,
        invites="invite" in kinds,
    )


def _covers(part: Part, held: Holding) -> bool:
    """Whether a part was read again that shows a holding, if it is still there."""
    if held.kind in ("project_key", "project_membership"):
        return held.project_id in part.projects
    if held.kind == "group":
        return held.id in part.groups
    return (held.kind == "admin_key" and part.admin_keys) or (
        held.kind == "invite" and part.invites
    )
