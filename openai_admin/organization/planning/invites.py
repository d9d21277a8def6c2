"""Invites: how people come who are not members, with the projects in which the file has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...directory.permissions import OWNER
from ..document.model import Member, Person
from ..folding import folded
from .comparing import MAY_BE_THERE, NOT_IN_FILE
from .context import Id, InProject, Planning
from .model import FieldChange, From
from .wording import listed

_SECTION = "people"
_MEMBERS = "projects.members"
_READER = "reader"
_MEMBER = "member"
INVITED_AS = (None, OWNER, _MEMBER)
"""The roles in a project that an invite can give; whichever it is, where the file says none."""


class _Granted(NamedTuple):
    """What an invite is to grant: roles by project, and what has to wait until it is accepted."""

    projects: dict[Id, str]
    later: list[str]


class Invites:
    """Plans the invites of one organization.

    Args:
        planning: the plan in the making, whose projects are planned already.
    """

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._labels: dict[Id, str] = dict(planning.standing.labels.items())
        self._wanted: dict[str, list[tuple[InProject, Member]]] = {}
        self._managed: dict[Id, InProject] = {}
        for project in planning.projects if planning.is_planned(_MEMBERS) else ():
            self._labels[project.id] = project.label
            if project.wanted.members is None or project.there.members is None:
                continue
            self._managed[project.id] = project
            for address, member in project.wanted.members.items():
                self._wanted.setdefault(folded(address), []).append((project, member))
        managed = {project.label for project in self._managed.values()}
        self._left_out = {
            folded(address)
            for label, wanted in (planning.wanted.projects or {}).items()
            if label not in managed and not wanted.archived
            for address in wanted.members or ()
        }
        self._invited: dict[str, dict[Id, str]] = {}
        for address, granted in planning.state.granted.items():
            for each in granted:
                self._labels.setdefault(each.project_id, each.label)
                of = self._invited.setdefault(folded(address), {})
                of[each.project_id] = each.role or _MEMBER
        self._groups: dict[str, list[str]] = {}
        for label, group in (planning.wanted.groups or {}).items():
            for address in group.members or ():
                self._groups.setdefault(folded(address), []).append(label)

    def plan(self, label: str, person: Person, there: Person | None) -> None:
        """Plan that somebody who is not a member is invited as the file has them.

        Args:
            label: the address.
            person: as the file has them.
            there: as they are invited already; an invite cannot be changed, so that one which
                differs is withdrawn and sent again.
        """
        invited = self._invited.get(folded(label), {}) if there is not None else {}
        # A project that is archived is granted no more, without another invite.
        old = {id: role for id, role in invited.items() if id not in self._planning.gone}
        granted = self._granted(label, person, old)
        if there is not None and self._is_unclear(label):
            reason = "the API does not say all that their invite grants, so it stays as it is"
            self._planning.untouched(_SECTION, label, "not_known", reason)
            return
        role = person.role or (there.role if there is not None else None) or _READER
        changes = self._changes(old, granted.projects)
        if there is None or role != there.role:
            was = None if there is None else there.role
            changes.insert(0, FieldChange(field="role", old=was, new=role))
        if not changes:
            return
        if not self._planning.is_whole(_SECTION):  # they may be a member
            self._planning.untouched(_SECTION, label, "not_known", MAY_BE_THERE)
            return
        odd = {id: role for id, role in granted.projects.items() if role not in INVITED_AS}
        if odd:
            what = f"their invite grants {listed(self._shown(odd))}, which another one could not"
            reason = f"{what}: it stays as it is, and the next plan goes on once it is accepted"
            self._planning.untouched(_SECTION, label, "invited", reason)
            return
        notes = []
        if granted.later:
            notes = [f"Once it is accepted, the next plan goes on: {listed(granted.later)}."]
        if folded(label) in self._left_out:
            notes.append("Not all projects that have them are planned now: it goes without those.")
        if there is None:
            self._send(label, role, granted.projects, changes, notes)
            return
        withdrawn = self._withdraw(label, "change", there)
        if withdrawn is not None:
            self._send(label, role, granted.projects, changes, notes, withdrawn)

    def _is_unclear(self, label: str) -> bool:
        """Whether it is not known what the invite that somebody has grants."""
        id = self._planning.state.invites.get(folded(label))
        return self._planning.unsaid.is_unsaid(_SECTION, id, "role", "projects")

    def withdraw(self, label: str, person: Person) -> None:
        """Plan that the invite of somebody who is not in the file is withdrawn."""
        self._withdraw(label, "remove", person)

    def withdraw_from_member(self, label: str, removed: From) -> None:
        """Plan that an invite of a member who is removed goes as well, where there is one.

        There is where it was sent before the address became theirs; they could come back by it.
        """
        id = self._planning.state.invites.get(folded(label))
        if id is not None:
            self._planning.add(
                _SECTION,
                "remove",
                label,
                "invites.delete",
                {"invite_id": id},
                part="invite",
                needs=[removed],
                notes=["An invite to the same address is open, by which they could come back."],
            )

    def _withdraw(self, label: str, action: str, person: Person) -> From | None:
        planning = self._planning
        id = planning.state.invites.get(folded(label))
        granted = self._shown(self._invited.get(folded(label), {}))
        withdrawn = [FieldChange(field="role", old=person.role)]
        withdrawn += [FieldChange(field="projects", old=granted)] if granted else []
        if planning.guard.is_protected_address(label):
            planning.untouched(_SECTION, label, "protected", "`protect` names it")
            return None
        if id is None:
            reason = "the id of their invite is not known, so it stays as it is"
            planning.untouched(_SECTION, label, "not_known", reason)
            return None
        if action == "remove":
            return planning.add(
                _SECTION,
                "remove",
                label,
                "invites.delete",
                {"invite_id": id},
                changes=withdrawn,
                notes=["It is an invite that was not accepted yet."],
            )
        return planning.add(
            _SECTION,
            "change",
            label,
            "invites.delete",
            {"invite_id": id},
            part="withdraw",
            changes=withdrawn,
            notes=["An invite cannot be changed: it is withdrawn, and another one is sent."],
        )

    def _send(
        self,
        label: str,
        role: str,
        projects: Mapping[Id, str],
        changes: list[FieldChange],
        notes: list[str],
        withdrawn: From | None = None,
    ) -> None:
        self._planning.add(
            _SECTION,
            "create" if withdrawn is None else "change",
            label,
            "invites.create",
            {
                "email": label,
                "role": role,
                # Always there: without it, the API grants the default project.
                "projects": [{"id": id, "role": given} for id, given in projects.items()],
            },
            changes=changes,
            needs=[withdrawn],
            notes=notes,
        )

    def _granted(self, label: str, person: Person, old: Mapping[Id, str]) -> _Granted:
        """What an invite grants: what the file has, and what it has granted where that stays."""
        planning = self._planning
        found = _Granted({}, [])
        refused: set[Id] = set()
        for project, member in self._wanted.get(folded(label), ()):
            if planning.guard.is_protected_project(project.id):
                if project.id not in old:
                    planning.untouched(
                        _MEMBERS, label, "protected", "`protect` names it", project=project.label
                    )
                continue
            role = member.role or old.get(project.id) or _MEMBER
            if role in INVITED_AS or role == old.get(project.id):
                found.projects[project.id] = role
            else:
                refused.add(project.id)
                found.later.append(f"{role} in {project.label}")
            found.later.extend(f"{each} in {project.label}" for each in member.roles or ())
        found.later.extend(f"the role {each}" for each in person.roles or ())
        found.later.extend(f"the group {each}" for each in self._groups.get(folded(label), ()))
        kept = {id: role for id, role in old.items() if self._stays(id, label, found, refused)}
        return _Granted({**kept, **found.projects}, found.later)

    def _stays(self, id: Id, label: str, found: _Granted, refused: set[Id]) -> bool:
        """Whether an invite goes on granting a project that the file does not have it grant."""
        planning = self._planning
        if id in found.projects or id in refused:
            return False
        if planning.guard.is_protected_project(id):
            return True
        project = self._managed.get(id)
        if project is None:
            return True
        if planning.is_pruned(_MEMBERS):
            return False
        planning.untouched(
            _MEMBERS, label, "not_in_file", NOT_IN_FILE.format(_MEMBERS), project=project.label
        )
        return True

    def _changes(self, old: Mapping[Id, str], new: Mapping[Id, str]) -> list[FieldChange]:
        before, after = self._shown(old), self._shown(new)
        if {*before} == {*after}:
            return []
        return [FieldChange(field="projects", old=before or None, new=after or None)]

    def _shown(self, projects: Mapping[Id, str]) -> tuple[str, ...]:
        return tuple(f"{self._labels.get(id, id)}: {role}" for id, role in projects.items())
