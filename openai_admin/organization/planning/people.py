"""People: their role in the organization, and who goes; who comes is in `invites`."""

from __future__ import annotations

from ..._declare.arguments import shown
from ...directory.permissions import OWNER
from ..document.model import Person
from ..folding import folded
from .comparing import NOT_IN_FILE
from .context import Planning
from .invites import Invites
from .known_people import ALIKE
from .model import FieldChange
from .wording import listed

_SECTION = "people"


def plan_people(planning: Planning) -> None:
    """Plan who is in the organization, and with which role."""
    wanted, there = planning.wanted.people, planning.there.people
    if wanted is None or not planning.is_planned(_SECTION):
        return
    if not planning.is_known(_SECTION, there):
        return
    people, invites = planning.people, Invites(planning)
    found: dict[str, str] = {}
    for label, person in wanted.items():
        is_ = people.label(label)
        if ids := people.alike(label):
            found |= dict.fromkeys(people.labels_of(ids), label)
            planning.impossible(_SECTION, label, ALIKE.format(", ".join(ids)))
        elif is_ is not None and is_ in found:
            reason = f"It is the same person as {shown(found[is_])}: leave one of them."
            planning.impossible(_SECTION, label, reason)
        elif is_ is None:
            _absent(planning, invites, label, person)
        else:
            found[is_] = label
            _present(planning, invites, label, person, is_)
    for label, person in people.there.items():
        if label in found:
            continue
        if not planning.is_pruned(_SECTION):
            planning.untouched(_SECTION, label, "not_in_file", NOT_IN_FILE.format(_SECTION))
        elif person.id is None:
            invites.withdraw(label, person)
        else:
            _remove(planning, invites, label, person)


def _absent(planning: Planning, invites: Invites, label: str, person: Person) -> None:
    if person.id is not None:
        planning.impossible(
            _SECTION,
            label,
            f"Nobody in the organization has the id {shown(person.id)}: "
            "take the pin away to invite them.",
        )
    elif "@" not in label:
        planning.impossible(
            _SECTION, label, f"{shown(label)} is not a member, and only an address can be invited."
        )
    else:
        invites.plan(label, person, None)


def _present(planning: Planning, invites: Invites, label: str, person: Person, is_: str) -> None:
    there = planning.people.there[is_]
    if there.id is None:
        invites.plan(label, person, there)
        return
    address = planning.state.addresses.get(there.id, is_)
    if (
        "@" in label
        and "@" in address
        and folded(label)
        not in (
            folded(address),
            folded(is_),
        )
    ):
        planning.impossible(
            _SECTION,
            label,
            f"The address of {there.id} is {address}, which only they can change: write that"
            " address.",
        )
        return
    if person.role is None or person.role == there.role:
        return
    planning.add(
        _SECTION,
        "change",
        label,
        "users.update",
        {"user_id": there.id, "role": person.role},
        changes=[FieldChange(field="role", old=there.role, new=person.role)],
        timing="first" if person.role == OWNER else "lessen",
    )


def _remove(planning: Planning, invites: Invites, label: str, person: Person) -> None:
    name = label if "@" in label else person.id
    offboard = f"`openai-admin offboard {name}` deletes them as well"
    notes = [f"Keys that they made in projects stay and go on working: {offboard}."]
    alone = planning.standing.owned_alone(person.id or "")
    if alone:
        notes.append(f"No other person is an owner of {listed(alone)}.")
    removed = planning.add(
        _SECTION,
        "remove",
        label,
        "users.delete",
        {"user_id": person.id},
        changes=[FieldChange(field="role", old=person.role)],
        notes=notes,
        gone=person.id,
    )
    if removed is not None:
        invites.withdraw_from_member(label, removed)
