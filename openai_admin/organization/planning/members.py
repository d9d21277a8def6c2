"""Members of a project: added, given another role, removed."""

from __future__ import annotations

from typing import Any, Final

from ...directory.permissions import OWNER
from ..document.model import Member
from ..folding import folded
from .assignments import check_roles, plan_roles_of
from .comparing import compare_keys
from .context import Id, InProject, Planning
from .holders import Holder, members_there, members_wanted
from .invites import INVITED_AS
from .model import FieldChange, From
from .resolved import Resolved
from .steps import Timing

_SECTION: Final = "projects.members"
_MEMBER = "member"


def plan_members(planning: Planning, project: InProject) -> None:
    """Plan who is a member of a project; who is only invited is in `invites`."""
    if project.wanted.members is None or not planning.is_planned(_SECTION):
        return
    if planning.is_known(_SECTION, project.there.members, project.label):
        _Members(planning, project).plan()


class _Members:
    def __init__(self, planning: Planning, project: InProject) -> None:
        self._planning = planning
        self._project = project
        self._wanted = project.wanted.members or {}
        self._there = project.there.members or {}

    def plan(self) -> None:
        planning, project = self._planning, self._project
        asked: dict[Id, str] = {}
        unclear: list[str] = []
        for label, member in self._wanted.items():
            if self._comes_with_invite(label, member):
                continue
            place = Holder(section=_SECTION, subject=label, place=project)
            wanted = members_wanted(planning, [label], place)
            asked.update(wanted.names)
            unclear += wanted.unclear
            if planning.people.id(label) is None:
                check_roles(planning, place, member.roles or ())
        there: dict[Id, str] = {}  # the state's labels
        shown: dict[Id, str] = {}
        for label in self._there:
            place = Holder(section=_SECTION, subject=label, place=project)
            for id, name in members_there(planning, [label], place).names.items():
                there[id], shown[id] = label, name
        self._tell_of_invites()
        compare_keys(
            planning,
            _SECTION,
            Resolved(names=asked, unclear=unclear),
            Resolved(names=shown, is_told=planning.people.is_told),
            add=lambda key: self._add(asked[key], key),
            keep=lambda key: self._keep(asked[key], key, self._there[there[key]]),
            remove=lambda key: self._remove(shown[key], key, self._there[there[key]]),
            project=project.label,
            id=project.id,
        )

    def _tell_of_invites(self) -> None:
        """Say which invites grant the project though the file does not, and stay as they are."""
        planning, people = self._planning, self._planning.people
        wanted = {folded(label) for label in self._wanted}
        is_managed = planning.is_planned("people") and planning.wanted.people is not None
        for label in self._there:
            if folded(label) in wanted or not people.is_invited(label):
                continue
            if is_managed and (people.in_file(label) is not None or planning.is_pruned("people")):
                continue  # the invite is sent again without it, or withdrawn
            planning.untouched(
                _SECTION,
                label,
                "invited",
                "an invite grants it, and `people` does not have them",
                project=self._project.label,
            )

    def _comes_with_invite(self, label: str, member: Member) -> bool:
        """Whether somebody is to be all that an invite makes them, which grants it or will."""
        people = self._planning.people
        if people.id(label) is not None or member.roles:
            return False
        granted = next((m for a, m in self._there.items() if folded(a) == folded(label)), None)
        if granted is not None and member.role in (None, granted.role):
            return True
        is_sent = self._planning.is_planned("people") and people.in_file(label) is not None
        return is_sent and member.role in INVITED_AS

    def _add(self, label: str, id: Id) -> None:
        member = self._wanted[label]
        role = member.role or _MEMBER
        step = self._step(
            "create",
            label,
            "projects.users.create",
            {"role": role, "user_id": id},
            [FieldChange(field="role", new=role)],
            timing="first" if role == OWNER else "add",
        )
        if step is not None:
            self._roles(label, id, member, (), needs=step)

    def _keep(self, label: str, id: Id, there: Member) -> None:
        member = self._wanted[label]
        step = None
        if member.role is not None and member.role != there.role:
            step = self._step(
                "change",
                label,
                "projects.users.update",
                {"user_id": id, "role": member.role},
                [FieldChange(field="role", old=there.role, new=member.role)],
                timing=_timing(there.role, member.role),
            )
        self._roles(label, id, member, there.roles, needs=step)

    def _remove(self, label: str, id: Id, there: Member) -> None:
        changes = [FieldChange(field="role", old=there.role)]
        if there.roles:
            changes.append(FieldChange(field="roles", old=there.roles))
        self._step("remove", label, "projects.users.delete", {"user_id": id}, changes)

    def _roles(
        self,
        label: str,
        id: Id,
        member: Member,
        there: tuple[str, ...] | None,
        needs: From | None,
    ) -> None:
        project = self._project
        if member.roles is None:
            return
        if not self._planning.is_known(_SECTION, there, project.label, subject=label):
            return
        plan_roles_of(
            self._planning,
            Holder(section=_SECTION, subject=label, place=project),
            member.roles,
            there or (),
            operation="projects.users.roles",
            scope={"project_id": project.id, "user_id": id},
            needs=needs,
        )

    def _step(
        self,
        action: Any,
        label: str,
        operation: str,
        arguments: dict[str, Any],
        changes: list[FieldChange],
        **more: Any,
    ) -> From | None:
        return self._planning.add(
            _SECTION,
            action,
            label,
            operation,
            {"project_id": self._project.id, **arguments},
            project=self._project.label,
            changes=changes,
            **more,
        )


_LEAST_FIRST = ("viewer", _MEMBER, OWNER)


def _timing(old: str | None, new: str) -> Timing:
    """When a role is changed: owners first, and what gives less after what gives more."""
    if new == OWNER:
        return "first"
    is_more = old in _LEAST_FIRST[: _LEAST_FIRST.index(new)] if new in _LEAST_FIRST else False
    return "add" if is_more else "lessen"
