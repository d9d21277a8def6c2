"""A step, and what came of it, in a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..._text.visible import visible
from ..planning.model import Step
from ..showing.places import subject_of
from .model import Applied, AppliedStep


def named(step: Step) -> str:
    """A step in words: ``change member ana@example.com (Search)``."""
    what = str(subject_of(step.section, step.subject, step.project, alone=True))
    return f"{step.action} {what.removeprefix('person ')}{visible(_where(step))}"


def applied_lines(applied: Applied) -> Sequence[str]:
    """What came of a plan: a count, and a line for each step that is not over."""
    counts = applied.counts
    told = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in counts) or "nothing to do"
    return [f"{told[:1].upper()}{told[1:]}.", *map(_line, applied.left)]


def ended_lines(ended: Iterable[AppliedStep]) -> Sequence[str]:
    """A line for each step that ended before a plan was cut off, what was done among them."""
    return [*map(_line, ended)]


def _where(thing: Step) -> str:
    return "" if thing.project in (None, thing.subject) else f" ({thing.project})"


def _line(applied: AppliedStep) -> str:
    reason = f": {visible(applied.reason)}" if applied.reason else ""
    return f"{applied.outcome}: {named(applied.step)}{reason}"
