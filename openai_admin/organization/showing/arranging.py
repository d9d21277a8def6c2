"""A plan arranged for people: grouped, in words, with what matters counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import attrs

from ..._text.visible import visible
from ...directory.not_known import NotKnown
from ..planning.model import FieldChange, Plan, Step, Untouched
from ..planning.wording import ended
from .model import Change, Group, Remark, Remarks, Row, Shown, Subject, Value
from .places import order_of, subject_of, title_of, where
from .values import change_of, loss_of

NOTHING = "Nothing is to be done."
"""The summary of a plan without steps."""

_FEW = 5  # so many of a kind are named, more are counted
_ARCHIVE = "projects.archive"
_OF_RULES = "identity_providers.rules"
_GIVEN = {"members": "member", "roles": "role"}
"""What one of a list is called."""

_OBVIOUS = frozenset(("`protect` names it", "an identity provider manages it"))
"""Reasons that their title says already."""

_KEPT = {
    "scim": "Managed by an identity provider, and left as it is",
    "protected": "Protected, and left as it is",
    "invited": "Goes on once an invite was accepted",
    "not_in_file": "Not in the file, and left as it is, as `prune` does not name it",
}


def arranged(plan: Plan, names: Mapping[str, str] | None = None, *, full: bool = False) -> Shown:
    """A plan as it is shown.

    Args:
        plan: the plan.
        names: names of projects, groups and people by id, for what is not known of them.
        full: whether everything that stays as it is is named; else much of a kind is counted.
    """
    made = {_key(step) for step in plan.steps if step.action == "create"}
    steps = sorted(plan.steps, key=lambda s: order_of(s.section, s.subject, s.project))
    groups = tuple(
        Group(title=title, rows=tuple(_row(step, _is_new(step, made)) for step in steps))
        for title, steps in groupby(steps, lambda step: title_of(step.section, step.project))
    )
    remarks = (
        *_prevented(plan),
        *unknown(plan.not_known, plan.untouched, names or {}),
        *kept(plan.untouched, full=full),
    )
    return Shown(summary=summary_of(plan), groups=groups, remarks=remarks)


def matters(row: Row) -> bool:
    """Whether a step is to be looked at first: it grants power, or cannot be undone."""
    return row.power is not None or row.is_final


def summary_of(plan: Plan) -> str:
    """How much a plan does: ``3 to create, 2 to change, 1 to remove; 1 grants power.``"""
    if not plan.steps:
        return NOTHING
    counts = plan.counts
    done = ", ".join(
        f"{counts[action]:,} to {action}"
        for action in ("create", "change", "remove")
        if counts[action]
    )
    power = sum(step.power is not None for step in plan.steps)
    final = sum(step.is_final for step in plan.steps)
    parts = [done]
    if power:
        parts.append(f"{power:,} {'grants' if power == 1 else 'grant'} power")
    if final:
        parts.append(f"{final:,} cannot be undone")
    return f"{'; '.join(parts)}."


def _key(step: Step) -> tuple[str, str | None, str]:
    return step.section, step.project, step.subject


def _is_new(step: Step, made: Container[tuple[str, str | None, str]]) -> bool:
    """Whether a step is about something that the plan makes, or that is in a project it makes."""
    project = step.project
    return _key(step) in made or (project is not None and ("projects", project, project) in made)


def _row(step: Step, is_new: bool) -> Row:
    return Row(
        action=step.action,
        subject=_subject(step),
        changes=tuple(_changes(step, is_new)),
        power=None if step.power is None else _ended(step.power),
        is_final=step.is_final,
        notes=tuple(_ended(note) for note in step.notes),
    )


def _subject(step: Step) -> Subject:
    if step.section == _OF_RULES:
        # A rule is unique in its provider alone, which stands last in the step's id.
        provider = step.id.split("/")[-1].replace("%2F", "/").replace("%25", "%")
        return Subject(name=visible(f"{provider}: rule {step.subject}"))
    return subject_of(step.section, step.subject, step.project)


def _changes(step: Step, is_new: bool) -> Iterator[Change]:
    if step.operation == _ARCHIVE:
        yield Change(field="", values=(Value("archived", "old"),))
        return
    if step.section == "projects.certificates":
        return  # that they are active is what the section is about
    for change in step.changes:
        if _is_said(step, change):
            continue
        field, part = change.field, _one_of_list(change)
        if part is not None:
            yield Change(field=_GIVEN[field], values=(part,))
            continue
        if step.action == "remove":
            shown = loss_of(change)
        else:
            shown = change_of(change, was_nothing=step.action == "create" or is_new)
        if shown is not None:
            is_named = field in (step.section.rpartition(".")[2], step.subject)
            yield Change(
                field="" if is_named else shown.field, values=shown.values, joint=shown.joint
            )


def _is_said(step: Step, change: FieldChange) -> bool:
    """Whether what the step is about says it already."""
    if step.action == "change":
        return False
    if change.field == "name":
        return step.subject in (change.old, change.new)
    return change.field == "amount" and step.section.endswith("spend_alerts")


def _one_of_list(change: FieldChange) -> Value | None:
    """The one thing that is added to or taken from a list, where it is that."""
    if change.field not in _GIVEN:
        return None
    if isinstance(change.new, str) and change.old is None:
        return Value(visible(change.new), "new")
    if isinstance(change.old, str) and change.new is None:
        return Value(visible(change.old), "old")
    return None


def _prevented(plan: Plan) -> Iterator[Remarks]:
    if plan.impossible:
        rows = [
            Remark(
                what=_placed(_named(each.section, each.subject, each.project), each.where),
                text=_ended(each.reason),
            )
            for each in plan.impossible
        ]
        yield Remarks(title="Cannot be done", rows=tuple(rows), is_bad=True)
    if plan.exceeded:
        rows = [
            Remark(what=f"--force {visible(each.kind)}", text=_ended(each.reason))
            for each in plan.exceeded
        ]
        yield Remarks(title="Refused unless forced", rows=tuple(rows), is_bad=True)


def unknown(
    not_known: Iterable[NotKnown],
    untouched: Iterable[Untouched],
    names: Mapping[str, str],
    *,
    title: str = "Not known, and left as it is",
) -> Iterator[Remarks]:
    """What is not known, where anything is.

    Args:
        not_known: what the API refused.
        untouched: what stays as it is; of it, what is not known.
        names: names by id.
        title: what it is called.
    """
    by_reason: dict[str, dict[str, None]] = {}
    for part in not_known:
        by_reason.setdefault(part.reason, {})[part.what(names)] = None
    rows = [
        Remark(what=visible(", ".join(parts)), text=_ended(reason))
        for reason, parts in by_reason.items()
    ]
    rows += [_remark(each) for each in untouched if each.kind == "not_known"]
    if rows:
        yield Remarks(title=title, rows=tuple(rows), is_bad=True)


def kept(untouched: Sequence[Untouched], *, full: bool) -> Iterator[Remarks]:
    """What is known and stays as it is.

    Args:
        untouched: what stays as it is.
        full: whether everything is named; else much of a kind is counted.
    """
    for kind, title in _KEPT.items():
        found = [each for each in untouched if each.kind == kind]
        if not found:
            continue
        is_whole = full or len(found) <= _FEW
        yield Remarks(title=title, rows=tuple(_each(found) if is_whole else _counted(found)))


def _each(found: Iterable[Untouched]) -> Iterator[Remark]:
    for each in found:
        is_obvious = each.kind == "not_in_file" or each.reason in _OBVIOUS
        yield attrs.evolve(_remark(each), text="") if is_obvious else _remark(each)


def _counted(found: Sequence[Untouched]) -> Iterator[Remark]:
    counts = Counter(each.section for each in found)
    counted = ", ".join(f"{section} ({number:,})" for section, number in counts.items())
    yield Remark(what=counted, text="--full names each.")


def _remark(untouched: Untouched) -> Remark:
    what = _named(untouched.section, untouched.subject, untouched.project)
    if untouched.kind == "not_known":
        what = _placed(what, untouched.where)
    return Remark(what=what, text=_ended(untouched.reason))


def _ended(text: str) -> str:
    """A text that is one sentence or more, with its full stop; it may begin with a name."""
    return ended(visible(text))


def _placed(what: str, stands: str | None) -> str:
    """A thing with where it stands in the file."""
    return f"{visible(stands)}: {what}" if stands else what


def _named(section: str, subject: str, project: str | None) -> str:
    return f"{subject_of(section, subject, project, alone=True)}{where(project, section)}"
