"""The offboarding of one person, step by step, recorded after each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import attrs

from ..._declare.resource import Async
from ..._text.visible import visible
from ..._tree import AdminResources
from ...directory.not_known import not_known
from ...errors import AuthenticationError, InvalidInputError
from ...insights.text import count
from .evidence import Evidence
from .guarding import (
    HAS_OWNER,
    awaited,
    is_owned_by_now,
    lacks_owner,
    leaves_ownerless,
    locks_out,
    made_owner,
)
from .journal import Keeping, Log
from .looking import left
from .model import Holding, OffboardingPlan, OffboardingResult, Step
from .preparing import Prepared
from .record import Entry, Run, merged, updated
from .steps import after, done, settled

_Client = AdminResources[Async]
_PAUSES = (1.0, 3.0)
"""Seconds after which what should be gone is looked for again: listings lag behind."""


@attrs.define(kw_only=True)
class Offboarding:
    """The offboarding of one person, step by step.

    Attributes:
        client: an asynchronous client.
        plan: what is to be done.
        known: what earlier runs recorded.
        keeping: where the journal is kept; ``None`` where there is nothing to write into one.
        evidence: what is recorded for an auditor, of everybody.
        on_step: receives each step once it is over or failed, and how many there are.
        pauses: seconds after which what should be gone is looked for again.
    """

    client: _Client
    plan: OffboardingPlan
    known: Entry | None = None
    keeping: Keeping | None = None
    evidence: Evidence | None = None
    on_step: Callable[[Step, int], None] | None = None
    pauses: Sequence[float] = _PAUSES
    _begun: datetime = attrs.field(init=False)
    _steps: list[Step] = attrs.field(factory=list)
    _after: tuple[Holding, ...] | None = None
    _lacks: tuple[str, ...] = ()
    _log: Log | None = None

    def __attrs_post_init__(self) -> None:
        self._begun = self._now()

    async def run(self) -> OffboardingResult:
        """Do all steps, and look at what is left; a cancellation says how to go on.

        Raises:
            InvalidInputError: something must be decided first.
            OffboardingError: its journal cannot be kept, as another process has it.
            OSError: the journal or the evidence cannot be written.
        """
        (result,) = await run_all([self])
        return result

    def open(self, journals: ExitStack) -> None:
        """Have the journal for this process alone.

        Raises:
            OffboardingError: another process has it, or none can be kept.
        """
        if self.keeping is None:
            return
        self._log = journals.enter_context(self.keeping.opened())
        past = self._log.past
        if past is not None and past.finished_at is None:  # it may have gone on since the plan
            self.known = merged(self.known, past.entry)

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
        result = OffboardingResult(
            plan=plan,
            steps=tuple({step.key: step for step in (*plan.earlier, *self._steps)}.values()),
            before=self._before,
            after=self._after,
            not_known=self._not_known,
            begun_at=plan.begun_at or self._begun,
            ended_at=self._now(),
        )
        self._write(result)
        return result

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
        reason = await self._reason_to_wait(step, is_own=is_own)
        if reason is not None:
            finished = after(self.client, step, "held back", reason)
        elif await is_owned_by_now(self.client, plan, step):
            finished = after(self.client, step, "already gone", HAS_OWNER)
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

    async def _reason_to_wait(self, step: Step, *, is_own: bool) -> str | None:
        """Why a step is not done now; where that is an owner who must stay, they are one again."""
        reason = awaited(step, self._steps, is_own=is_own)
        reason = reason or await leaves_ownerless(self.client, self.plan, step, self._steps)
        if reason is not None:
            return reason
        hold = await locks_out(self.client, self.plan, step)
        if hold is None:
            return None
        for place, earlier in enumerate(self._steps):
            is_demotion = earlier.holding.kind == "owner_role" and earlier.outcome == "done"
            if hold.is_last and is_demotion:
                self._steps[place] = await made_owner(self.client, earlier, hold.why)
        return hold.reason

    async def _owned_again(self, step: Step) -> Step:
        """A demotion, taken back where it was the last owner's: two may leave at the same time."""
        why = await lacks_owner(self.client, self.plan, directly=True)
        return step if why is None else await made_owner(self.client, step, why)

    async def _look(self) -> None:
        """Read what is left where something was done, again after a while where it is there."""
        for pause in (*self.pauses, None):
            try:
                found = await left(self.client, self.plan, self._steps)
            except AuthenticationError as error:
                self._after = None
                self._lacks = (f"what is left: {not_known('', error).reason}",)
                return
            self._after, self._lacks = found.holdings, found.not_known
            over = {step.key for step in self._steps if step.is_over}
            again = {held.key for held in found.holdings} & over
            if not again:
                return
            if pause is None:
                self._doubt(again)
                return
            await self.client._caller.sleep(pause)

    def _doubt(self, found: Collection[tuple[str, str, str | None]]) -> None:
        """Doubt the steps whose things are still there although they are over."""
        for place, step in enumerate(self._steps):
            if step.key in found:
                reason = f"it was {step.outcome}, and is still there when looked for"
                self._steps[place] = after(self.client, step, "not known", reason)

    def _record(self, *, ended: bool = False) -> Entry:
        """What is recorded of the person by now."""
        at = self._now() if ended else None
        return updated(
            self.known,
            self.plan,
            Run(begun_at=self._begun, acting=self.plan.acting, ended_at=at),
            self._steps,
            after=self._after if ended else None,
            not_known=self._not_known,
        )

    def _write(self, result: OffboardingResult | None = None) -> None:
        """Write what was done, or what came of it, to the journal and then to the evidence."""
        entry = self._record(ended=result is not None)
        if (log := self._log) is not None:
            with self._told_unwritten(log.journal.path):
                if result is None:
                    log.put(entry)
                else:
                    log.end(entry, result.ended_at, is_complete=result.is_complete)
        if self.evidence is not None:
            with self._told_unwritten(self.evidence.path):
                self.evidence.put(entry)

    @contextmanager
    def _told_unwritten(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename = str(path)
            error.add_note(self._cut_off())
            raise

    def _now(self) -> datetime:
        return (self.client._caller.server_now() or datetime.now(UTC)).replace(microsecond=0)


def works(
    client: _Client,
    prepared: Prepared,
    on_step: Callable[[int], Callable[[Step, int], None]] | None = None,
) -> list[Offboarding]:
    """The offboardings that were planned together.

    Args:
        client: an asynchronous client.
        prepared: what was planned.
        on_step: what gives the `on_step` of each, by its place.
    """
    return [
        Offboarding(
            client=client,
            plan=one.plan,
            known=one.known,
            keeping=one.keeping,
            evidence=prepared.evidence,
            on_step=None if on_step is None else on_step(place),
        )
        for place, one in enumerate(prepared.each)
    ]


async def run_all(works: Sequence[Offboarding]) -> list[OffboardingResult]:
    """Carry out several offboardings: what may end the key in use after all else of everybody.

    Raises:
        InvalidInputError: something must be decided first.
        OffboardingError: a journal cannot be kept, as another process has it; nothing was changed.
        OSError: the journal or the evidence cannot be written.
    """
    if undecided := [text for work in works for text in work.plan.undecided]:
        raise InvalidInputError(" ".join(undecided))
    with ExitStack() as journals:
        for work in works:
            work.open(journals)
        for work in works:
            await work.begin()
        return [await work.end() for work in works]


def _ends_key(plan: OffboardingPlan, held: Holding) -> bool:
    """Whether the key in use may not work, or do as much, without what its owner holds."""
    if held.kind == "admin_key":
        return plan.acting.may_be(held.id)
    return held.kind == "membership" or (held.kind == "organization_role" and held.manages)
