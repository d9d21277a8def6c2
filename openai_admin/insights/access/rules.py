"""Who can do what, by the facts alone.

The rules, each with its source. *Contract* is the description of the API's operations; *guide* is
OpenAI's public guide to permissions ("Manage permissions in the OpenAI platform"); *safe* marks
what neither says, decided so that nobody looks less powerful than they may be, or stands as not
known.

**Places.** A grant has a ``project_id``; ``null`` means the organization and every project.

1. A role of the organization counts in the organization and in every project, so its grants have
   the ``project_id`` ``null``. A role of a project counts in that project alone (guide: roles of
   the organization "apply everywhere", those of a project "only in that project").
2. Nothing is granted in a project whose `status` is ``archived`` (contract: it refuses what is
   scoped to it): its memberships, assignments, service accounts and keys are ignored, and it is
   none of the projects of rule 9. A project that is not in the facts, or has another status, is
   not archived.

**People.** The principal ``("user", id)``, for each of `Facts.people`.

3. What somebody has is the union of their roles, from all of rules 4 to 9 (guide). Equal grants
   (principal, permission, ``project_id``) are one, with every path; equal paths are one.
4. A person whose account is banned (`banned` is true) or disabled (`enabled` is false) has
   nothing, and nothing of them is unknown (contract: `enabled` says whether the account can be
   used). What is ``null`` is neither.
5. The `role` of a membership, in the organization (`Person.role`) or in a project
   (`ProjectMember.role`), stands for the predefined role of that name there (contract: it names
   ``owner``, ``reader``, ``member``, ``viewer``). That is the role in `Facts.roles` of the same
   ``project_id`` with `is_predefined` whose `name`, in lower case, is the membership's role in
   lower case, or whose `id` is ``role-api-organization-ROLE`` or ``role-api-project-ROLE``; of
   several, the first by `id`. The path is ``membership`` (id: the role's name as it came), then
   ``role``. The role ``none`` (in any letter case) grants nothing. Where `role` is ``null`` it is
   unknown: ``unnamed``, with an empty path - in the organization not where
   `is_member` is false. Where there is no such predefined role it is unknown: ``undefined``, with
   the path ``membership``. Users of a project count even if they are not among the people; then
   they are a principal too. Of several memberships of one person in one project each counts.
6. A role that was assigned to a user (`Assignment`, `principal_type` ``user``) is theirs. Where
   `sources` is empty the path is ``role``; otherwise there is a path for each source: a step with
   the source's `type` and `id`, then ``role`` (contract: `assignment_sources` are the groups that
   it is inherited from). Users with an assignment count like those of rule 5.
7. A role that was assigned to a group (`principal_type` ``group``) is that of each user in its
   `member_ids`; the path is ``group``, then ``role``. Groups are never in groups (contract: their
   users are users). Of a group whose `member_ids` are ``null``, nothing follows; members count
   like those of rule 5. Assignments of any other `principal_type` are ignored.
8. What a role grants is the `permissions` of the role in `Facts.roles` with the same id and
   ``project_id``; where there is none, or its permissions are ``null``, the `permissions` of the
   assignment; where these are ``null`` too it is unknown: ``permissions``, with the path up to and
   including ``role``. For a membership there is no assignment. An empty list grants nothing. One
   permission implies no other (contract: permissions are texts of their own).
9. An owner of the organization - anybody who has, by any path of rules 5 to 7, a role of the
   organization that is a predefined ``owner`` as rule 5 would find it, or an assigned one in the
   organization whose id is ``role-api-organization-owner`` - has in every project of
   `Facts.projects` also what the project's predefined ``owner`` grants (guide: in its table, the
   owner of the organization may do all that a project's owner may). The path is the whole path of
   the organization's role, then ``role`` (of the project). Where a project has no predefined
   ``owner``, in the facts, or its permissions are ``null``, that is unknown: ``undefined`` with
   the path of the organization's role, or ``permissions`` with the project's role after it.

**Service accounts.** The principal ``("service_account", id)``.

10. It has what its `role` stands for in its project, as in rule 5: ``none`` is nothing, ``null`` is
    unknown.

**Keys of projects.** The principal ``("api_key", id)``. The ``project_id`` of all it has is its
project's.

11. A key whose `expires_at` is not later than `taken_at` has nothing (contract: it stops working).
12. A key whose `owner_type` is neither ``user`` nor ``service_account``, or whose `owner_id` is
    ``null``, is unknown: ``unowned``, with an empty path.
13. Any other key has at most what its owner has in its project: the owner's grants, and what is
    unknown of the owner, of that project and of the ``project_id`` ``null``. Its scopes, which the
    API does not show, may leave less; so may the want of a role in the project, as the guide asks
    for "some project role" of the owner (safe). Each path begins with the owner: ``user`` or
    ``service_account``. The service account is the one of the same id and project.
14. A user's key is unknown where the user is not one of the principals that rules 3 to 7 know:
    ``absent`` - somebody who has left, or everybody where people could not be read -, or where
    rule 4 holds: ``blocked``. A service account's key is unknown where there is no such account in
    the project: ``absent``. The path is the owner. Where none of these is so and the key's
    `owner_access` is ``inactive`` (in any letter case), it has what rule 13 says and is unknown
    besides: ``left``, with the owner as its path. (Contract: keys of people who are not in the
    project any more still work, and it does not say what they may do.)

**Admin keys.** The principal ``("admin_api_key", id)``.

15. As keys of projects (rules 11 to 14), of an owner who is a user - a service account's id is not
    among the people, and so unknown: ``absent`` -, but with all that the owner has, at its own
    places. Where `is_admin_key` is ``null`` it is unknown: ``kind``, with an empty path, before
    anything else but rule 11. A ``null`` `owner_id` is ``unowned``.

**Steps.** The ``project_id`` of a step is where its membership or role is of; for ``user``,
``service_account``, ``group`` and other sources it is ``null``. An unknown has its principal, its
``project_id``, its reason and its path; equal ones are one.

**Asking.** A held permission answers a question where they are equal, or where one of the two,
with each ``*`` standing for any run of characters, dots included, covers the other as a text. (The
contract has no wildcards; the emulator's shape of a permission allows ``*``.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import attrs

from ...directory.permissions import OWNER, names_of_predefined
from .answers import Evaluated, Grant, Path, Principal, PrincipalKind, Reason, Step, Unknown
from .facts import AdminKeyFact, Facts, KeyFact, Person, RoleFact

ORGANIZATION_OWNER = "role-api-organization-owner"
"""The id of the predefined role of the organization's owners."""

_NONE = "none"
_INACTIVE = "inactive"


def evaluate(facts: Facts) -> Evaluated:
    """What follows from facts, by the rules of this module.

    It takes about a second of computation for ten thousand people; call it in a worker.
    """
    return _Evaluation(facts).answer()


@attrs.frozen
class _Holding:
    """A role that somebody has, or something in its place that is not known."""

    project_id: str | None
    path: Path
    permissions: tuple[str, ...] = ()
    reason: Reason | None = None

    def of(self, owner: Step, project_id: str | None) -> _Holding:
        """What a key has of it, there."""
        return attrs.evolve(self, path=(owner, *self.path), project_id=project_id)


_Held = tuple[PrincipalKind, str, Iterable[_Holding]]
"""A principal, by kind and id, with what it has."""


class _Evaluation:
    """One evaluation, with what it looks up."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.archived = {p.id for p in facts.projects if p.status == "archived"}
        self.roles = {(role.project_id, role.id): role for role in facts.roles}
        self.predefined: dict[tuple[str | None, str], str] = {}
        for role in sorted(facts.roles, key=lambda role: role.id, reverse=True):
            if role.is_predefined:
                for name in _names(role):
                    self.predefined[role.project_id, name] = role.id
        self.blocked = {p.id for p in facts.people if is_blocked(p)}
        self.people: dict[str, list[_Holding]] = {p.id: [] for p in facts.people}
        self.accounts: dict[tuple[str, str], list[_Holding]] = {}

    def answer(self) -> Evaluated:
        self._memberships()
        self._assignments()
        self._owners()
        held: list[_Held] = [("user", id, self.people[id]) for id in self.people]
        held = [one for one in held if one[1] not in self.blocked]
        for account in self.facts.service_accounts:
            if account.project_id not in self.archived:
                place, id = account.project_id, account.id
                self.accounts[place, id] = [*self._of_membership(place, account.role)]
                held.append(("service_account", id, self.accounts[place, id]))
        held += (
            ("api_key", key.id, self._of_key(key))
            for key in self.facts.keys
            if key.project_id not in self.archived and not self._is_expired(key)
        )
        held += (
            ("admin_api_key", key.id, self._of_admin_key(key))
            for key in self.facts.admin_keys
            if not self._is_expired(key)
        )
        return _answered(held)

    def _memberships(self) -> None:
        for person in self.facts.people:
            if person.role is not None or person.is_member is not False:
                self.people[person.id] += self._of_membership(None, person.role)
        for member in self.facts.members:
            if member.project_id not in self.archived:
                held = self.people.setdefault(member.user_id, [])
                held += self._of_membership(member.project_id, member.role)

    def _assignments(self) -> None:
        members = {group.id: group.member_ids or () for group in self.facts.groups}
        for given in self.facts.assignments:
            place = given.project_id
            if place in self.archived:
                continue
            role = Step("role", given.role_id, place)
            if given.principal_type == "user":
                sources: list[Path] = [(Step(s.type, s.id), role) for s in given.sources]
                held = self.people.setdefault(given.principal_id, [])
                held += (
                    self._of_role(place, path, given.permissions) for path in sources or [(role,)]
                )
            elif given.principal_type == "group":
                path = (Step("group", given.principal_id), role)
                holding = self._of_role(place, path, given.permissions)
                for user_id in members.get(given.principal_id, ()):
                    self.people.setdefault(user_id, []).append(holding)

    def _owners(self) -> None:
        """Give owners of the organization what an owner has in each project."""
        owner_id = self.predefined.get((None, OWNER), ORGANIZATION_OWNER)
        marks = {Step("role", id) for id in (owner_id, ORGANIZATION_OWNER)}
        projects = [project.id for project in self.facts.projects if project.status != "archived"]
        for holdings in self.people.values():
            paths = dict.fromkeys(h.path for h in holdings if h.path and h.path[-1] in marks)
            for path in paths:
                holdings += (self._of_predefined(place, OWNER, path) for place in projects)

    def _of_membership(self, place: str | None, role: str | None) -> Iterator[_Holding]:
        if role is None:
            yield _Holding(place, (), reason="unnamed")
        elif role.lower() != _NONE:
            yield self._of_predefined(place, role, (Step("membership", role, place),))

    def _of_predefined(self, place: str | None, name: str, path: Path) -> _Holding:
        role_id = self.predefined.get((place, name.lower()))
        if role_id is None:
            return _Holding(place, path, reason="undefined")
        return self._of_role(place, (*path, Step("role", role_id, place)), None)

    def _of_role(self, place: str | None, path: Path, stated: tuple[str, ...] | None) -> _Holding:
        role = self.roles.get((place, path[-1].id))
        permissions = stated if role is None or role.permissions is None else role.permissions
        if permissions is None:
            return _Holding(place, path, reason="permissions")
        return _Holding(place, path, permissions)

    def _of_key(self, key: KeyFact) -> Iterator[_Holding]:
        place = key.project_id
        if key.owner_id is None or key.owner_type not in ("user", "service_account"):
            yield _Holding(place, (), reason="unowned")
            return
        holdings = [*self._of_key_owner(key.owner_type, key.owner_id, place)]
        yield from holdings
        is_owner_known = not any(h.reason in ("absent", "blocked") for h in holdings)
        if is_owner_known and (key.owner_access or "").lower() == _INACTIVE:
            owner = Step(key.owner_type, key.owner_id)
            yield _Holding(place, (owner,), reason="left")

    def _of_key_owner(self, kind: str, id: str, place: str) -> Iterator[_Holding]:
        if kind == "user":
            yield from self._of_owner(id, place)
            return
        owner = Step("service_account", id)
        holdings = self.accounts.get((place, id))
        if holdings is None:
            yield _Holding(place, (owner,), reason="absent")
            return
        for holding in holdings:
            yield holding.of(owner, place)

    def _of_admin_key(self, key: AdminKeyFact) -> Iterator[_Holding]:
        if key.is_admin_key is None:
            yield _Holding(None, (), reason="kind")
        elif key.owner_id is None:
            yield _Holding(None, (), reason="unowned")
        else:
            yield from self._of_owner(key.owner_id, None)

    def _of_owner(self, user_id: str, place: str | None) -> Iterator[_Holding]:
        """What a user's key has, in a project or, without one, everywhere."""
        owner = Step("user", user_id)
        holdings = self.people.get(user_id)
        if holdings is None or user_id in self.blocked:
            yield _Holding(place, (owner,), reason="absent" if holdings is None else "blocked")
            return
        for holding in holdings:
            if place is None:
                yield holding.of(owner, holding.project_id)
            elif holding.project_id in (None, place):
                yield holding.of(owner, place)

    def _is_expired(self, key: KeyFact | AdminKeyFact) -> bool:
        return key.expires_at is not None and key.expires_at <= self.facts.taken_at


def _names(role: RoleFact) -> set[str]:
    """The names of memberships that a predefined role stands for."""
    return names_of_predefined(role.id, role.name, of_project=role.project_id is not None)


def is_blocked(person: Person) -> bool:
    """Whether an account cannot be used, so that nothing it was given is in force (rule 4)."""
    return person.banned is True or person.enabled is False


def _answered(held: Sequence[_Held]) -> Evaluated:
    grants: list[Grant] = []
    unknown: dict[Unknown, None] = {}
    for kind, id, holdings in sorted(held, key=lambda of: of[:2]):
        principal = Principal(kind=kind, id=id)
        # Lists, since a path is seldom there already and takes long to hash.
        paths: defaultdict[tuple[str, str | None], list[Path]] = defaultdict(list)
        for holding in holdings:
            for permission in holding.permissions:
                known = paths[permission, holding.project_id]
                if holding.path not in known:
                    known.append(holding.path)
            if holding.reason is not None:
                found = Unknown(
                    principal=principal,
                    project_id=holding.project_id,
                    reason=holding.reason,
                    path=holding.path,
                )
                unknown[found] = None
        for permission, place in sorted(paths, key=lambda of: (of[0], of[1] or "")):
            grants.append(
                Grant(
                    principal=principal,
                    permission=permission,
                    project_id=place,
                    paths=tuple(sorted(paths[permission, place], key=_order)),
                )
            )
    return Evaluated(grants=tuple(grants), unknown=tuple(unknown))


def _order(path: Path) -> tuple[int, list[tuple[str, str, str]]]:
    """Short paths first, and then always alike."""
    return len(path), [(step.kind, step.id, step.project_id or "") for step in path]
