"""Who is in what and has which role: yes, no, or not known, and what to read to know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..state import State
from .needed import Needed, Part
from .ownership import all_of, any_of
from .standing import Standing


class Knowing:
    """Answers questions of what there is; what is not known is ``None``.

    Args:
        state: what there is.
        standing: who holds what of it.

    Attributes:
        needed: what must be read to answer what could not be answered so far.
    """

    def __init__(self, state: State, standing: Standing) -> None:
        self._state = state
        self._standing = standing
        self.needed = Needed()

    def lacks(self, *parts: Part, person: str | None = None) -> None:
        """Keep that something must be read, and perhaps of whom which roles they have."""
        people = frozenset() if person is None else frozenset({person})
        self.needed |= Needed(parts=frozenset(parts), people=people)

    def is_in_group(self, person: str, group: str) -> bool | None:
        """Whether somebody is in a group."""
        if person in self._standing.members_of_groups.get(group, ()):
            return True
        if self._standing.is_whole_group(group):
            return False
        self.lacks(("groups.members", None))
        return None

    def is_member(self, person: str, project: str) -> bool | None:
        """Whether somebody is a member of a project by themselves."""
        members = self._standing.members_of.get(project)
        if members is not None and person in members:
            return True
        if members is not None and self._state.is_whole("projects.members", project):
            return False
        self.lacks(("projects.members", project))
        return None

    def has_group(self, project: str, group: str) -> bool | None:
        """Whether a group has access to a project."""
        if group in self._groups_of(project):
            return True
        return False if self._are_groups_of(project) else None

    def has_person(self, project: str, person: str) -> bool | None:
        """Whether somebody has access to a project, by themselves or through a group."""
        return any_of(self._ways(project, person))

    def _ways(self, project: str, person: str) -> Iterable[bool | None]:
        yield self.is_member(person, project)
        yield from (self.is_in_group(person, group) for group in self._groups_of(project))
        yield False if self._are_groups_of(project) else None

    def group_holds(self, group: str, role: str, project: str | None) -> bool | None:
        """Whether a group was given a role, of the organization or of a project."""
        if project is not None:
            if role in self._groups_of(project).get(group, ()):
                return True
            return False if self._are_groups_of(project) else None
        held = self._standing.roles_of_groups.get(group)
        if held is None or group in self._standing.unread_groups:
            self.lacks(("groups.roles", None))
            return None
        return role in held

    def holds_directly(self, person: str, role: str, project: str | None) -> bool | None:
        """Whether somebody was given a role, of the organization or of a project."""
        if project is not None and self.is_member(person, project) is False:
            return False
        given = self._standing.given(person, project)
        if given is not None:
            return role in given
        section = "people.roles" if project is None else "projects.members"
        self.lacks((section, project), person=person)
        return None

    def person_holds(self, person: str, role: str, project: str | None) -> bool | None:
        """Whether somebody has a role, by themselves or through a group."""
        return any_of(self._sources(person, role, project))

    def _sources(self, person: str, role: str, project: str | None) -> Iterable[bool | None]:
        yield self.holds_directly(person, role, project)
        for group in self._standing.groups if project is None else self._groups_of(project):
            holds = self.group_holds(group, role, project)
            yield False if holds is False else all_of(holds, self.is_in_group(person, group))
        is_known = self._are_groups_read() if project is None else self._are_groups_of(project)
        yield False if is_known else None

    def has_account(self, project: str, account: str) -> bool | None:
        """Whether a service account is in a project; ``None`` as well where not all were read."""
        accounts = self._standing.accounts_in(project)
        if accounts is not None and account in accounts:
            return True
        if accounts is not None and self._state.is_whole("projects.service_accounts", project):
            return False
        self.lacks(("projects.service_accounts", project))
        return None

    def _groups_of(self, project: str) -> Mapping[str, frozenset[str]]:
        """The groups that are known to have access to a project, with the ids of their roles."""
        return self._standing.roles_in(project)[1] if project in self._standing.projects else {}

    def _are_groups_of(self, project: str) -> bool:
        """Whether no others have access to it."""
        there, section = self._standing.projects.get(project), "projects.groups"
        if there is None or there.groups is None or not self._state.is_whole(section, project):
            self.lacks((section, project))
            return False
        if there.groups.keys() <= (self._state.document.groups or {}).keys():
            return True
        self.lacks(("groups", None))  # else it is not known which these are
        return False

    def _are_groups_read(self) -> bool:
        """Whether there are no other groups."""
        if self._state.document.groups is not None and self._state.is_whole("groups"):
            return True
        self.lacks(("groups", None))
        return False
