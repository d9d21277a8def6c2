"""What came of a plan: each of its steps with its outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import attrs

from ..._wire.portable import Portable
from ..planning.model import Plan, Step

Outcome = Literal["done", "already so", "failed", "not tried", "not known"]
"""What became of a step: ``already so`` where there was nothing to do any more, ``not tried`` where
a step that it needs did not succeed, ``not known`` where it may have been done."""


@attrs.frozen(kw_only=True)
class AppliedStep(Portable):
    """A step of a plan, and what became of it.

    Attributes:
        step: the step.
        outcome: what became of it.
        reason: why, where it was not simply done.
        id: the id of what it made.
        request_id: the id of the request that was answered last.
        at: when it ended, by the server's clock.
        until: until when what may have been made may still appear, by the server's clock; before,
            it is not made again.
        missing_scopes: the scopes that the key lacks for it, as the API says.
    """

    step: Step
    outcome: Outcome
    reason: str | None = None
    id: str | None = None
    request_id: str | None = None
    at: datetime | None = None
    until: datetime | None = None
    missing_scopes: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether what it wants is so."""
        return self.outcome in ("done", "already so")


@attrs.frozen(kw_only=True)
class Applied(Portable):
    """What came of a plan.

    Attributes:
        organization: the organization's id.
        steps: the plan's steps, in its order.
        begun_at: when it began, by the server's clock.
        ended_at: when it ended.
    """

    organization: str | None = None
    steps: tuple[AppliedStep, ...] = ()
    begun_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def part_of(cls, plan: Plan, ended: Iterable[AppliedStep]) -> Applied:
        """What came of a plan that was cut off.

        Args:
            plan: the plan.
            ended: the steps that ended, as `OnStep` receives them; the others were not tried.
        """
        by_id = {each.step.id: each for each in ended}
        steps = (
            by_id.get(step.id)
            or AppliedStep(step=step, outcome="not tried", reason="it was not begun")
            for step in plan.steps
        )
        return cls(organization=plan.organization, steps=tuple(steps))

    @property
    def is_complete(self) -> bool:
        """Whether everything is so that the plan wanted."""
        return all(step.is_over for step in self.steps)

    @property
    def counts(self) -> Counter[Outcome]:
        """How many steps had which outcome."""
        return Counter(step.outcome for step in self.steps)

    @property
    def left(self) -> tuple[AppliedStep, ...]:
        """The steps that failed, were not tried, or may not have been done."""
        return tuple(step for step in self.steps if not step.is_over)

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """The scopes that the key lacks for what is left: with another one, it goes on."""
        return tuple(sorted({scope for step in self.left for scope in step.missing_scopes}))

    @property
    def until(self) -> datetime | None:
        """When everything that may have been made has appeared; ``None`` where nothing is awaited.

        What is applied again before makes none of it twice, and leaves it for later.
        """
        return max((step.until for step in self.steps if step.until is not None), default=None)


OnStep = Callable[[AppliedStep, int], None]
"""Receives each step once it has ended, and how many there are."""
