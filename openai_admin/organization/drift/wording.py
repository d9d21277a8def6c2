"""What is not as the file says, as a sentence."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from ..planning.model import FieldChange, Step
from ..showing.places import subject_of
from ..showing.values import change_of, loss_of, value_text

_MOST = 2  # fields of what is there or gone
_GIVEN = {"members": "", "roles": "the role "}
"""What stands before one of a list."""


def told(step: Step, changes: tuple[FieldChange, ...], *, shown: Collection[str] | None) -> str:
    """What a step would take back: what happened, where that was recorded, else how it is.

    Args:
        step: the step.
        changes: what differs: `old` as the file says, `new` as it is.
        shown: the fields that the event says which the audit log has of it; ``None`` for no event.
    """
    is_recorded = shown is not None
    name = named(step.section, step.subject, step.project)
    one = next((text for each in changes if (text := _one(each)) is not None), None)
    if step.operation == "projects.archive" and not changes:
        return f"{name} is not archived"
    if step.action == "change":
        return f"{name}{_changed(step, changes, is_recorded=is_recorded)}"
    happened, is_so = _GONE if step.action == "create" else _ADDED
    if step.operation == "invites.delete":
        happened, is_so = _INVITED
    if one is not None:
        return f"{name}: {one} {happened if is_recorded else is_so}"
    return f"{name} {happened if is_recorded else is_so}{_details(step, changes, shown)}"


_GONE = ("was removed", "is missing")
_ADDED = ("was added", "is there, and not in the file")
_INVITED = ("was invited", "is invited, and not in the file")
"""What happened, and how it is."""


def named(section: str, subject: str, project: str | None) -> str:
    """What something is called in a sentence that begins with it."""
    if section in ("groups.members", "groups.roles", "people.roles"):
        return str(subject_of(section, subject, project))
    name = str(subject_of(section, subject, project, alone=True))
    if section == "people":
        return name.removeprefix("person ")
    where = "" if project is None or section == "projects" else f" of {project}"
    return f"{name[:1].upper()}{name[1:]}{where}"


def _one(change: FieldChange) -> str | None:
    """The one thing of a list that differs, where it is that."""
    if change.field not in _GIVEN or (change.old is None) is (change.new is None):
        return None
    value = change.new if change.old is None else change.old
    return f"{_GIVEN[change.field]}{value_text('', value)}" if isinstance(value, str) else None


def _details(
    step: Step, changes: tuple[FieldChange, ...], shown_by_event: Collection[str] | None
) -> str:
    """What it is, or was, in brackets, where that is said in a few words.

    What is there may have become so after the event that tells of it, by somebody else.
    """
    parts: list[str] = []
    if step.section == "projects.certificates":
        return ""  # that it is active is what the section is about
    for each in changes:
        if each.field == "name" or _is_amount(step, each) or each.new == ():
            continue
        is_new = each.old is None
        shown = change_of(each, was_nothing=True) if is_new else loss_of(each)
        if shown is not None:
            text = shown.values[0].text
            is_later = (
                is_new
                and shown_by_event is not None
                and each.field not in shown_by_event
                and step.operation != "invites.delete"  # an invite cannot be changed
            )
            text = text if _is_said(step, each) else f"{shown.field} {text}"
            parts.append(f"now {text}" if is_later else text)
    return f" ({', '.join(parts)})" if 0 < len(parts) <= _MOST else ""


def _changed(step: Step, changes: tuple[FieldChange, ...], *, is_recorded: bool) -> str:
    parts = [_change(each, is_recorded=is_recorded) for each in changes]
    if len(changes) == 1 and _is_said(step, changes[0]):
        return parts[0]
    fields = (f" {each.field}{part}" for each, part in zip(changes, parts, strict=True))
    return f":{';'.join(fields)}"


def _change(change: FieldChange, *, is_recorded: bool) -> str:
    """What became of a thing, to be put right behind its name."""
    shown = change_of(change, was_nothing=False)
    values = () if shown is None else shown.values
    if shown is None or shown.joint == ", ":
        listed = ", ".join(each.text for each in values)
        return f" changed: {listed}" if is_recorded else f", compared with the file: {listed}"
    if len(values) == 1:
        return f" {'was changed to' if is_recorded else 'is'} {values[0].text}"
    old, new = (each.text for each in values)
    if not is_recorded:
        return f" is {new}, and {old} in the file"
    verb = "changed"
    if _is_number(change.old) and _is_number(change.new):
        verb = "raised" if change.new > change.old else "lowered"
    return f" was {verb} from {old} to {new}"


def _is_said(step: Step, change: FieldChange) -> bool:
    """Whether what the step is about says which field it is."""
    of_it = (step.section.rpartition(".")[2], step.subject)
    return change.field in of_it or _is_amount(step, change)


def _is_amount(step: Step, change: FieldChange) -> bool:
    """Whether it is what a spend alert is called by."""
    return change.field == "amount" and step.section.endswith("spend_alerts")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
