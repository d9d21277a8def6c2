"""Where people were not asked for roles of their own, and which answers that leaves in doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from ...directory.permissions import OWNER, names_of_predefined
from .answers import Grant
from .facts import Facts, RoleFact
from .roles import is_usual
from .rules import is_blocked

_Given = tuple[str, str | None]
"""A permission, and the project that it is in; ``None`` in the organization and every project."""

_ANYTHING = "*"  # of a role that does not say what it grants


class Unasked:
    """What people may have besides what was read: OpenAI's own roles in `Facts.assumed_in`, where
    memberships alone say who has them.

    Whoever is listed as less than an owner may have been given such a role as well. That matters
    only to what the role grants and they do not have anyway.

    Args:
        facts: what was read.
        grants: what follows from it.
    """

    def __init__(self, facts: Facts, grants: Iterable[Grant]) -> None:
        assumed = {*facts.assumed_in}
        blocked = {person.id for person in facts.people if is_blocked(person)}
        self._listed: defaultdict[str | None, set[str]] = defaultdict(set)
        if None in assumed:
            self._listed[None].update(
                one.id for one in facts.people if one.is_member and _is_less(one.role)
            )
        for one in facts.members:
            if one.project_id in assumed and _is_less(one.role):
                self._listed[one.project_id].add(one.user_id)
        for ids in self._listed.values():
            ids -= blocked
        self._roles: dict[str | None, set[_Given]] = {
            place: {
                given
                for role in facts.roles
                if is_usual(role) and (role.project_id == place or _is_of_owners(role, place))
                for given in _given(role)
            }
            for place, ids in self._listed.items()
            if ids
        }
        self._held: defaultdict[str, set[_Given]] = defaultdict(set)
        for grant in grants if self._roles else ():
            if grant.principal.kind == "user":
                self._held[grant.principal.id].add((grant.permission, grant.project_id))

    def places(
        self,
        asked: Callable[[str], bool] = lambda permission: True,
        *,
        project: str | None = None,
        person: str | None = None,
    ) -> set[str | None]:
        """The projects where somebody may have more than was read; ``None`` is the organization.

        Args:
            asked: whether a permission is asked for.
            project: the project that is asked about; ``None`` for everywhere.
            person: who is asked about; ``None`` for all.
        """
        found: set[str | None] = set()
        for place, roles in self._roles.items():
            wanted = [
                given
                for given in roles
                if asked(given[0]) and (project is None or given[1] in (None, project))
            ]
            listed = self._listed[place] & ({person} if person else self._listed[place])
            if any(not self._has(id, wanted) for id in listed):
                found.add(place)
        return found

    def of_owners(self, project: str | None, known: Collection[str]) -> set[str | None]:
        """Where there may be more owners than were read, of the organization or of a project.

        Args:
            project: the project; ``None`` for the organization.
            known: the people who are known to be owners.
        """
        asked = {None, project} & self._roles.keys()
        return {place for place in asked if not self._listed[place] <= {*known}}

    def _has(self, id: str, wanted: Iterable[_Given]) -> bool:
        held = self._held.get(id, set())
        return all(given in held or (given[0], None) in held for given in wanted)


def _is_less(role: str | None) -> bool:
    """Whether a membership is of less than an owner."""
    return (role or "").lower() != OWNER


def _is_of_owners(role: RoleFact, place: str | None) -> bool:
    """Whether an owner of the organization has a role of a project, where that is asked about."""
    if place is not None or role.project_id is None:
        return False
    return OWNER in names_of_predefined(role.id, role.name, of_project=True)


def _given(role: RoleFact) -> Iterable[_Given]:
    permissions = (_ANYTHING,) if role.permissions is None else role.permissions
    return ((permission, role.project_id) for permission in permissions)
