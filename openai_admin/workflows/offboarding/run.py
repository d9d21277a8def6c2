"""The offboarding of one person, step by step, recorded after each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import attrs

from ..._declare.resource import Async
from ..._text.visible import visible
from ..._tree import AdminResources
from ...directory.not_known import not_known
from ...errors import APIError, AuthenticationError, InvalidInputError
from ...insights.text import count
from ...resources.groups import Group
from ...resources.projects import Project
from . import evidence
from .facts import listed_again
from .model import Holding, Kind, OffboardingPlan, OffboardingResult, Step
from .owning import is_owned, owns_directly
from .record import Entry, Record, Run
from .snapshot import Part, read_part
from .steps import OWNER, after, done, is_undone, settled

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
        """Do all steps, and look at what is left; a cancellation says how to go on.

        Raises:
            InvalidInputError: something must be decided first.
            OSError: the evidence cannot be written.
        """
        (result,) = await run_all([self])
        return result

    async def begin(self) -> None:
        """Do the steps after which the key in use surely works, and look at what is left."""
        self._write()
        with self._told_cut_off():
            await self._begin()

    async def end(self) -> OffboardingResult:
        """Do the other steps, after which nothing may be possible any more."""
        with self._told_cut_off():
            return await self._end()

    @contextmanager
    def _told_cut_off(self) -> Iterator[None]:
        try:
            yield
        except asyncio.CancelledError as cancellation:
            cancellation.add_note(self._cut_off())
            raise

    def _cut_off(self) -> str:
        done = sum(step.is_over for step in self._steps)
        return (
            f"Offboarding {visible(str(self.plan.person))} was cut off after {done:,} of"
            f" {count(len(self.plan.steps), 'step')}: do the same again to go on."
        )

    async def _begin(self) -> None:
        plan = self.plan
        final = self._final()
        for step in plan.steps:
            if step.key not in final:
                await self._do(step)
        for place, step in enumerate(self._steps):
            if not step.is_over and step.outcome != "held back":
                self._steps[place] = await settled(self.client, step, plan.person, plan.transfer_to)
        await self._look()

    async def _end(self) -> OffboardingResult:
        plan = self.plan
        final = self._final()
        for step in plan.steps:
            if step.key in final:
                await self._do(step, is_own=True)
        gone = {step.key for step in self._steps if step.key in final and step.is_over}
        if self._after is not None:
            self._after = tuple(h for h in self._after if h.key not in gone)
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
        if not plan.acting.may_be_of(plan.person, [step.holding for step in plan.steps]):
            return frozenset()
        return frozenset(step.key for step in plan.steps if _ends_key(plan, step.holding))

    async def _do(self, step: Step, *, is_own: bool = False) -> None:
        plan = self.plan
        reason = self._obstacle(step, is_own=is_own) or await self._locks_out(step)
        if reason is not None:
            finished = after(self.client, step, "held back", reason)
        else:
            is_it = is_own and plan.acting.is_recognized
            is_it = is_it and plan.acting.ids == (step.holding.id,)
            finished = await done(
                self.client,
                step,
                plan.person,
                plan.transfer_to,
                is_own=is_it,
                pauses=self.pauses,
            )
            if finished.is_over and step.holding.kind == "owner_role":
                finished = await self._owned_again(finished)
        self._steps.append(finished)
        self._write()
        if self.on_step is not None:
            self.on_step(finished, len(plan.steps))

    def _obstacle(self, step: Step, *, is_own: bool) -> str | None:
        """What a step waits for that did not succeed, or is not known."""
        if step.obstacle is not None:
            return step.obstacle
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

    async def _locks_out(self, step: Step) -> str | None:
        """Why a step waits that could take its last owner from the organization.

        The plan may be old, and others may be offboarded at the same time.
        """
        plan = self.plan
        is_of_owner = step.holding.kind in ("owner_role", "membership") or step.holding.manages
        if not (plan.may_be_owner and is_of_owner):
            return None
        why = await self._no_owner()
        if why is None:
            return None
        for place, earlier in enumerate(self._steps):
            if earlier.holding.kind == "owner_role" and earlier.outcome == "done":
                self._steps[place] = await self._made_owner(earlier, why)
        return f"{why}: make somebody else an owner first"

    async def _owned_again(self, step: Step) -> Step:
        """A demotion, taken back where it was the last owner's: two may leave at the same time."""
        why = await self._no_owner()
        return step if why is None else await self._made_owner(step, why)

    async def _no_owner(self) -> str | None:
        """Why nobody is to be taken who may be the last owner; ``None`` where one stays."""
        plan = self.plan
        is_owner_left = await is_owned(
            self.client, plan.owners, plan.leaving, directly=owns_directly(plan.person)
        )
        if is_owner_left is None and not self.plan.allow_unknown_owners:
            return "whether the organization has another owner now is not known"
        return "the organization has no other owner any more" if is_owner_left is False else None

    async def _made_owner(self, step: Step, reason: str) -> Step:
        """A demotion after the person was made an owner again."""
        try:
            await self.client.users.update(step.holding.id, role=OWNER)
        except APIError as error:
            refused = not_known("", error).reason
            reason += f", and they could not be made one again: {refused}; make somebody an owner"
            return after(self.client, step, "not known", reason)
        return after(self.client, step, "held back", f"{reason}, so they are one again")

    async def _look(self) -> None:
        """Read what is left where something was done, again after a while where it is there."""
        for pause in (*self.pauses, None):
            try:
                self._after, self._lacks = await self._left()
            except AuthenticationError as error:
                self._after = None
                self._lacks = (f"what is left: {not_known('', error).reason}",)
                return
            over = {step.key for step in self._steps if step.is_over}
            found = {held.key for held in self._after} & over
            if not found:
                return
            if pause is None:
                self._doubt(found)
                return
            await self.client._caller.sleep(pause)

    def _doubt(self, found: Collection[tuple[str, str, str | None]]) -> None:
        """Doubt the steps whose things are still there although they are over."""
        for place, step in enumerate(self._steps):
            if step.key in found:
                reason = f"it was {step.outcome}, and is still there when looked for"
                self._steps[place] = after(self.client, step, "not known", reason)

    async def _left(self) -> tuple[tuple[Holding, ...], tuple[str, ...]]:
        plan = self.plan
        over = [step for step in self._steps if step.is_over]
        part = _part([*over, *self._ended_with_membership(over)], plan.known)
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
            notes=tuple(dict.fromkeys((*(known.notes if known else ()), *plan.notes))),
            not_known=self._not_known,
            runs=(*runs, this),
            leave_ownerless=plan.leave_ownerless or (known is not None and known.leave_ownerless),
        )
        self.record = self.record.having(entry)
        try:
            evidence.write(self.path, self.record)
        except OSError as error:
            error.add_note(self._cut_off())
            raise

    def _now(self) -> datetime:
        return (self.client._caller.server_now() or datetime.now(UTC)).replace(microsecond=0)


async def run_all(works: Sequence[Offboarding]) -> list[OffboardingResult]:
    """Carry out several offboardings: what may end the key in use after all else of everybody.

    Raises:
        InvalidInputError: something must be decided first.
        OSError: the evidence cannot be written.
    """
    if undecided := [text for work in works for text in work.plan.undecided]:
        raise InvalidInputError(" ".join(undecided))
    record = works[0].record if works else None
    for work in works:
        work.record = record
        await work.begin()
        record = work.record
    results = []
    for work in works:
        work.record = record
        results.append(await work.end())
        record = work.record
    return results


def _ends_key(plan: OffboardingPlan, held: Holding) -> bool:
    """Whether the key in use may not work, or do as much, without what its owner holds."""
    if held.kind == "admin_key":
        return plan.acting.may_be(held.id)
    return held.kind == "membership" or (held.kind == "organization_role" and held.manages)


def planned(record: Record, plans: Iterable[OffboardingPlan]) -> Record:
    """A record that has everybody who is offboarded, before the first step of the first."""
    for plan in plans:
        if record.of(plan.person) is None:
            record = record.having(
                Entry(
                    person=plan.person,
                    transfer_to=plan.transfer_to,
                    before=plan.holdings,
                    steps=plan.steps,
                    notes=plan.notes,
                    not_known=plan.not_known,
                    runs=(),
                    leave_ownerless=plan.leave_ownerless,
                )
            )
    return record


def _part(steps: Iterable[Step], known: Iterable[str]) -> Part:
    """Where some steps did something, and what there was besides."""
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
        known=frozenset(known),
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
