"""Members of groups and projects, and assigned roles, by the ids that their names stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ..._declare.arguments import shown, suggest
from .context import Id, Place, Planning
from .known_people import ALIKE
from .resolved import Resolved
from .roles import role_id


@attrs.frozen(kw_only=True)
class Holder:
    """What has members or roles.

    Attributes:
        section: the section of what it has.
        subject: its label.
        place: the project that it has them in; ``None`` for the organization.
    """

    section: str
    subject: str
    place: Place[Any] | None = None

    @property
    def project(self) -> str | None:
        """The label of that project."""
        return None if self.place is None else self.place.project


def members_wanted(planning: Planning, labels: Iterable[str], of: Holder) -> Resolved[Id]:
    """People of the file by user id; of who cannot be a member yet, why is told."""
    found: dict[Id, str] = {}
    unclear = []
    for label in labels:
        id = member_wanted(planning, label, of)
        if id is None:
            unclear.append(label)
        else:
            found[id] = label
    return Resolved(names=found, unclear=unclear)


def member_wanted(planning: Planning, label: str, of: Holder) -> str | None:
    """The user id of somebody whom the file names; else why there is none is told."""
    people = planning.people
    id = people.id(label)
    if ids := people.alike(label):
        reason = ALIKE.format(", ".join(ids))
        planning.impossible(of.section, of.subject, f"{label}: {reason}", project=of.project)
        return None
    if id is not None and id not in planning.gone:
        return id
    if id is not None:
        reason = f"{label} is removed from the organization, as `people` does not have them."
    elif people.in_file(label) is not None and not (
        people.is_invited(label) or planning.is_planned("people")
    ):
        reason = f"{label} is not a member yet, and the section `people` was left out"
        planning.untouched(of.section, of.subject, "invited", reason, project=of.project)
        return None
    elif people.is_invited(label) or people.in_file(label) is not None:
        planning.untouched(
            of.section,
            of.subject,
            "invited",
            f"{label} has to accept an invite first; the next plan goes on with it",
            project=of.project,
            named=label,
        )
        return None
    elif planning.there.people is None or not planning.is_whole("people"):
        reason = f"whether {label} is a member could not be read, so nothing of it is changed"
        planning.untouched(
            of.section, of.subject, "not_known", reason, project=of.project, named=label
        )
        return None
    else:
        known = [*people.wanted, *people.there]
        reason = f"{shown(label)} is not a member of the organization"
        near = suggest(label, known)
        reason += ": add them to `people`, which invites them." if near == "." else near
    planning.impossible(of.section, of.subject, reason, project=of.project, named=label)
    return None


def members_there(planning: Planning, labels: Iterable[str], of: Holder) -> Resolved[Id]:
    """The state's people by user id, without those who are removed or only invited."""
    people = planning.people
    found: dict[Id, str] = {}
    for label in labels:
        id = people.id(label)
        if id is None and "@" not in label:
            id = label  # as somebody without an address is called
        if id in planning.gone or (id is None and people.is_invited(label)):
            continue
        if id is None:
            reason = f"the user id of {label} is not known, so their membership stays as it is"
            planning.untouched(of.section, of.subject, "not_known", reason, project=of.project)
        else:
            found[id] = people.in_file(label) or label
    return Resolved(names=found, is_told=people.is_told)


def roles_wanted(planning: Planning, labels: Iterable[str], of: Holder) -> Resolved[Id]:
    """Roles of the file by their ids; of those that cannot be, why is told."""
    found: dict[Id, str] = {}
    unclear = []
    for label in labels:
        id = role_id(planning, label, section=of.section, subject=of.subject, place=of.place)
        if id is None:
            unclear.append(label)
        else:
            found[id] = label
    return Resolved(names=found, unclear=unclear)


def roles_there(planning: Planning, labels: Iterable[str], of: Holder) -> Resolved[Id]:
    """The state's roles by their ids, in the file's words."""
    project_id = None if of.place is None else of.place.there.id
    role_names = planning.standing.role_names
    own = {*role_names.predefined(project_id).values()}
    found: dict[Id, str] = {}
    unclear = []
    for label in labels:
        id = role_names.known(label, project_id)
        if id is None:
            unclear.append(label)
        else:
            found[id] = planning.label_of("roles", label, of.place)
    return Resolved(
        names=found,
        unclear=unclear,
        is_told=lambda key: key in own or planning.is_told("roles", key, of.place),
    )
