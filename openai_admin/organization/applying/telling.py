"""A step, and what came of it, in a line."""

from __future__ import annotations

from collections.abc import Sequence

from ..._text.visible import visible
from ..planning.model import Plan, Step, Untouched
from .model import Applied, AppliedStep

_SIGNS = {"create": "+", "change": "~", "remove": "-"}


def named(step: Step) -> str:
    """A step in words: ``change projects.members ana@example.com (Search)``."""
    return visible(f"{step.action} {step.section} {step.subject}{_where(step)}")


def plan_lines(plan: Plan) -> Sequence[str]:
    """A plan as a plain list: a line for each step, and for what prevents or restrains it."""
    lines = [_step_line(step) for step in plan.steps]
    reasons = [each.reason for each in plan.impossible]
    reasons += [each.reason for each in plan.exceeded]
    lines += [f"! {visible(reason)}" for reason in reasons]
    lines += [f"? {each.what({})}: {each.reason}" for each in plan.not_known]
    lines += [
        visible(f"? {each.section} {each.subject}{_where(each)}: {each.reason}")
        for each in plan.untouched
        if each.kind == "not_known"
    ]
    return lines or ["Nothing is to be done."]


def applied_lines(applied: Applied) -> Sequence[str]:
    """What came of a plan: a count, and a line for each step that is not over."""
    counts = applied.counts
    told = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in counts) or "nothing to do"
    return [f"{told[:1].upper()}{told[1:]}.", *map(_left_line, applied.left)]


def _where(thing: Step | Untouched) -> str:
    return "" if thing.project in (None, thing.subject) else f" ({thing.project})"


def _step_line(step: Step) -> str:
    changes = ", ".join(_change(each.field, each.old, each.new) for each in step.changes)
    notes = " ".join((*([step.power] if step.power else ()), *step.notes))
    parts = [f"{_SIGNS[step.action]} {named(step)}", *filter(None, (changes, notes))]
    return visible(": ".join(parts))


def _change(field: str, old: object, new: object) -> str:
    return f"{field} {_shown(old)} → {_shown(new)}"


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(str, value)) + "]"
    return "none" if value is None else str(value)


def _left_line(applied: AppliedStep) -> str:
    reason = f": {visible(applied.reason)}" if applied.reason else ""
    return f"{applied.outcome}: {named(applied.step)}{reason}"
