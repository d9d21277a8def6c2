"""A plan carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

import anyio
import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._transport.tasks import run_all
from ..._tree import AdminResources
from ...insights.text import count
from ..planning.model import Plan, Step
from .checking import check
from .creations import Creations
from .creations import opened as journal_opened
from .line import AT_ONCE, Line, needs_of
from .log import Log, opened
from .making import Making
from .model import Applied, AppliedStep, OnStep
from .owning import leaving, lessens_owner, of_organization, staying, why_kept
from .sending import Patience, Sending, Sent
from .telling import named
from .turns import turns_of

_Client = AdminResources[Async]
_OWNERS = "owners"
_ENDED: Mapping[str, str] = {
    "failed": "failed",
    "not tried": "was not tried",
    "not known": "may not have been done",
}


async def apply(
    client: _Client,
    plan: Plan,
    *,
    force: Collection[str] = (),
    log: str | PathLike[str] | None = None,
    journal: str | PathLike[str] | None = None,
    actor: str | None = None,
    on_step: OnStep | None = None,
    patience: Patience | None = None,
) -> Applied:
    """Carry a plan out, exactly as it is; what it depends on is not looked at again.

    Args:
        client: an asynchronous client.
        plan: the plan.
        force: the kinds of thresholds that may be passed.
        log: a file that gets a line of JSON for each step.
        journal: a file that notes what is made before it is, so that no later process makes it
            again while it may not be shown yet; by default only runs of this client know.
        actor: who the log says applies it.
        on_step: receives each step once it has ended.
        patience: how long is waited for what the API does not show yet.

    Raises:
        InvalidInputError: the plan must not be applied, or cannot be; nothing was sent.
        OSError: the log or the journal cannot be written any more; no further step was begun.
        CancelledError: it was cancelled; a note says what was done, and what is not known.
    """
    # In a worker: of thousands of steps it takes longer than the loop may be held.
    await anyio.to_thread.run_sync(check, plan, force)
    turns = turns_of(client._caller)
    read_at = plan.made_at or _now(client)
    with ExitStack() as stack:
        kept = None
        if journal is not None:
            kept = stack.enter_context(journal_opened(Path(journal), read_at))
        lines = None
        if log is not None:
            lines = stack.enter_context(opened(Path(log), plan.organization, actor))
        work = _Applying(
            client=client,
            plan=plan,
            forces_owners=_OWNERS in force,
            log=lines,
            creations=Creations(turns.made, kept, read_at),
            on_step=on_step,
            patience=patience or Patience(),
        )
        return await work.run()


@attrs.define(kw_only=True)
class _Applying:
    """A plan that is carried out.

    Attributes:
        client: an asynchronous client.
        plan: the plan.
        forces_owners: whether owners are made less where it is not known whether another stays.
        log: where each step is noted.
        creations: what was made or may have been.
        on_step: receives each step once it has ended.
        patience: how long is waited for what the API does not show yet.
    """

    client: _Client
    plan: Plan
    forces_owners: bool
    log: Log | None
    creations: Creations
    on_step: OnStep | None
    patience: Patience
    _line: Line = attrs.field(init=False)
    _making: Making = attrs.field(init=False)
    _owners: anyio.Lock = attrs.field(factory=anyio.Lock)
    _ended: dict[str, AppliedStep] = attrs.field(factory=dict)
    _unlogged: OSError | None = None

    def __attrs_post_init__(self) -> None:
        self._line = Line(self.plan.steps)
        made_at = self.plan.made_at
        self._making = Making(
            client=self.client,
            sending=Sending(client=self.client, made_at=made_at, patience=self.patience),
            creations=self.creations,
            now=self._now,
            made_at=made_at,
            named=frozenset(
                each
                for step in self.plan.steps
                for each in step.arguments.values()
                if isinstance(each, str)
            ),
        )

    async def run(self) -> Applied:
        """Do the steps, as many at once as may be."""
        begun = self._now()
        workers = min(AT_ONCE, len(self.plan.steps))
        with self._told_cut_off():
            await run_all([self._work] * workers)
            if self._unlogged is None:
                await self._look_for_doubles()
        if self._unlogged is not None:
            self._unlogged.add_note(self._cut_off())
            raise self._unlogged
        return Applied(
            organization=self.plan.organization,
            steps=tuple(self._ended[step.id] for step in self.plan.steps),
            begun_at=begun,
            ended_at=self._now(),
        )

    async def _work(self) -> None:
        """Do steps until none is left."""
        while (step := await self._line.next()) is not None:
            try:
                sent = await self._do(step)
            except asyncio.CancelledError as cancellation:
                may_be_done = bool(getattr(cancellation, "__notes__", ()))
                outcome: Sent = Sent(
                    outcome="not known" if may_be_done else "not tried",
                    reason="it was cut off",
                )
                applied = self._ended_as(step, outcome)
                self._log(applied)  # at once: nothing can be waited for any more
                self._tell(applied)
                raise
            applied = self._ended_as(step, sent)
            await self._logged(applied)
            self._tell(applied)
            self._line.end(step)

    async def _look_for_doubles(self) -> None:
        """Say of what others have made at the same time, too, that it is there twice."""
        for id, sent in (await self._making.doubled()).items():
            before = self._ended[id]
            again = attrs.evolve(sent, id=before.id, request_id=before.request_id)
            await self._logged(self._ended_as(before.step, again))

    async def _do(self, step: Step) -> Sent:
        obstacle = self._obstacle(step)
        if obstacle is not None:
            return Sent(outcome="not tried", reason=obstacle)
        ids = {id: done.id for id in needs_of(step) if (done := self._ended[id]).id is not None}
        if not (of_organization(step) and lessens_owner(step)):
            return await self._making.send(step, ids)
        async with self._owners:  # one after the other: each may be the last
            reason = await self._owner_kept(step)
            if reason is not None:
                return Sent(outcome="failed", reason=reason)
            return await self._making.send(step, ids)

    def _obstacle(self, step: Step) -> str | None:
        """What a step needs that did not succeed."""
        for need in needs_of(step):
            before = self._ended[need]
            if not before.is_over:
                return (
                    f"it needs another step, which {_ENDED[before.outcome]}: {named(before.step)}"
                )
        return None

    async def _owner_kept(self, step: Step) -> str | None:
        """Why an owner stays one: somebody may have changed the others since the plan was made."""
        made = [s for s in self.plan.steps if s.id in self._ended and self._ended[s.id].is_over]
        return await why_kept(
            self.client,
            step,
            known=staying(made),
            leaving=leaving(self.plan.steps),
            forced=self.forces_owners,
        )

    def _ended_as(self, step: Step, sent: Sent) -> AppliedStep:
        """Note what became of a step."""
        applied = self._ended[step.id] = AppliedStep(
            step=step,
            outcome=sent.outcome,
            reason=sent.reason,
            id=sent.id,
            request_id=sent.request_id,
            at=self._now(),
            until=sent.until,
            missing_scopes=sent.missing_scopes,
        )
        return applied

    async def _logged(self, applied: AppliedStep) -> None:
        if self.log is not None:  # in a worker: the loop must not wait for the disk
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._log, applied)

    def _log(self, applied: AppliedStep) -> None:
        """Add the line of a step to the log."""
        if self.log is not None and self._unlogged is None:
            try:
                self.log.add(applied)
            except OSError as error:
                self._unlogged = error

    def _tell(self, applied: AppliedStep) -> None:
        """Tell of a step that ended; let none begin that cannot be noted."""
        if self._unlogged is None:
            self._unlogged = self.creations.error
        if self._unlogged is not None:
            self._line.stop()
        if self.on_step is not None:
            self.on_step(applied, len(self.plan.steps))

    @contextmanager
    def _told_cut_off(self) -> Iterator[None]:
        try:
            yield
        except asyncio.CancelledError as cancellation:
            cancellation.add_note(self._cut_off())
            raise

    def _cut_off(self) -> str:
        """What to know of work that was cut off."""
        ended = [*self._ended.values()]
        done = sum(step.is_over for step in ended)
        was = "was" if done == 1 else "were"
        told = f"{done:,} of {count(len(self.plan.steps), 'step')} {was} done."
        doubtful = [named(step.step) for step in ended if step.outcome == "not known"]
        if doubtful:
            told += f" These may have been done or not: {', '.join(doubtful)}."
        return f"{told} Plan again to go on."

    def _now(self) -> datetime:
        return _now(self.client)


def _now(client: _Client) -> datetime:
    """The server's time in whole seconds; this machine's before it is known."""
    return (client._caller.server_now() or datetime.now(UTC)).replace(microsecond=0)
