"""Organizations and files at random: a file is what there is, edited as a person might."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, TypeVar

import attrs

from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
)
from openai_admin.organization.sections import PRUNABLE
from tests.organization.planning.world import (
    ORGANIZATION_ROLES,
    PROJECT_ROLES,
    Defined,
    Joined,
    Place,
    Sent,
    Team,
    User,
    World,
)

T = TypeVar("T")
PERMISSIONS = ("api.audit_logs.read", "api.files.read", "api.management.write", "api.project.write")
PEOPLE = ("ana", "bob", "cho", "dia", "eve")
NAMES = ("Core", "Data", "Ops")


def organization(random: Random) -> World:
    """An organization of a few people, groups, roles and projects; names may be taken twice."""
    world = World()
    for name in PEOPLE[: random.randint(1, 4)]:
        world.users[f"user_{name}"] = User(f"{name}@example.com", _one(random, ORGANIZATION_ROLES))
    world.users["user_ana"].role = "owner"
    world.acting = _one(random, (None, "user_ana", *world.users))
    for name in NAMES[: random.randint(0, 2)]:
        world.roles[f"role_{name}"] = _defined(random, f"{name} role")
    for user in world.users.values():
        user.roles = _some(random, world.roles)
    for number in range(random.randint(0, 3)):
        world.groups[f"group_{number}"] = Team(
            _one(random, NAMES),
            members=_some(random, world.users),
            roles=_some(random, [*world.roles, ORGANIZATION_ROLES["owner"]]),
        )
    world.managed_groups = {id for id in world.groups if random.random() < 0.1}
    world.managed_people = {id for id in world.users if random.random() < 0.1}
    for number in range(random.randint(0, 3)):
        world.projects[f"proj_{number}"] = _place(random, world)
    if random.random() < 0.5:
        active = [id for id, place in world.projects.items() if not place.is_archived]
        granted = {id: _one(random, ("member", "owner")) for id in _some(random, active)}
        world.invites["invite_0"] = Sent("new@example.com", "reader", granted)
    return world


def _place(random: Random, world: World) -> Place:
    place = Place(_one(random, NAMES), is_archived=random.random() < 0.2)
    if place.is_archived:
        return place
    for name in NAMES[: random.randint(0, 2)]:
        place.roles[f"role_{len(world.projects)}_{name}"] = _defined(random, f"{name} role")
    for id in _some(random, world.users):
        joined = Joined(_one(random, PROJECT_ROLES), _some(random, place.roles))
        place.members[id] = joined
    known = [*place.roles, *PROJECT_ROLES.values()]
    place.groups = {id: {_one(random, known)} for id in _some(random, world.groups)}
    return place


def _defined(random: Random, name: str) -> Defined:
    return Defined(name, tuple(sorted(_some(random, PERMISSIONS))))


def _one(random: Random, things: Iterable[T]) -> T:
    things = list(things)
    return things[random.randint(0, len(things) - 1)]


def _some(random: Random, things: Iterable[T]) -> set[T]:
    return {each for each in things if random.random() < 0.5}


def file(random: Random, there: Document) -> Document:
    """What there is, as somebody edited it."""
    return _Editor(random, there).document()


@attrs.define
class _Editor:
    random: Random
    there: Document
    wanted: Document = attrs.field(factory=Document)

    def document(self) -> Document:
        roles = self._maybe(self._named(self.there.roles or {}, self._role, "Auditors"))
        people = self._maybe(self._people())
        self.wanted = Document(roles=roles, people=people)
        groups = self._maybe(self._named(self.there.groups or {}, self._group, "Night shift"))
        self.wanted = attrs.evolve(self.wanted, groups=groups)
        projects = self._maybe(self._named(self.there.projects or {}, self._project, "Search"))
        prune = _one(self.random, ((), ("all",), tuple(sorted(_some(self.random, PRUNABLE)))))
        return attrs.evolve(self.wanted, projects=projects, prune=prune)

    def _happens(self, chance: float = 0.25) -> bool:
        return self.random.random() < chance

    def _maybe(self, part: T) -> T | None:
        return None if self._happens(0.15) else part

    def _people(self) -> dict[str, Person]:
        found: dict[str, Person] = {}
        for label, person in (self.there.people or {}).items():
            if self._happens(0.2):
                continue
            role = _one(self.random, ORGANIZATION_ROLES) if self._happens() else person.role
            written = label.upper() if self._happens(0.1) else label
            found[written] = Person(role=self._maybe(role), roles=self._some_roles())
        if self._happens(0.4):
            found["zoe@example.com"] = Person(role="reader", roles=self._some_roles())
        return found

    def _some_roles(self) -> tuple[str, ...] | None:
        known = self.there.roles if self.wanted.roles is None else self.wanted.roles
        return self._maybe(tuple(sorted(_some(self.random, known or ()))))

    def _named(self, there: Any, edit: Any, new: str) -> dict[str, Any]:
        found = {}
        for label, each in there.items():
            if self._happens(0.2):
                continue
            name = f"{each.name} II" if self._happens(0.2) else each.name
            is_pinned = label != each.name or name != each.name or self._happens(0.2)
            edited = attrs.evolve(edit(each), id=each.id if is_pinned else None, name=name)
            found[label] = edited
        if self._happens(0.4):
            found[new] = edit(None)
        return found

    def _role(self, role: Role | None) -> Role:
        permissions = tuple(sorted(_some(self.random, PERMISSIONS)))
        kept = role is not None and not self._happens()
        return Role(permissions=role.permissions if kept and role else permissions)

    def _addresses(self) -> Sequence[str]:
        known = self.there.people if self.wanted.people is None else self.wanted.people
        return sorted(known or ())

    def _group(self, group: Group | None) -> Group:
        members = tuple(sorted(_some(self.random, self._addresses())))
        return Group(members=self._maybe(members), roles=self._some_roles())

    def _project(self, project: Project | None) -> Project:
        roles = self._maybe(
            self._named((project and project.roles) or {}, self._role, "Prompt writers")
        )
        defined = (project and project.roles) if roles is None else roles
        known = sorted(defined or ())
        groups = self.there.groups if self.wanted.groups is None else self.wanted.groups
        return Project(
            archived=True if self._happens(0.05) else None,
            members=self._maybe(
                {
                    address: Member(
                        role=self._maybe(_one(self.random, PROJECT_ROLES)),
                        roles=self._maybe(tuple(sorted(_some(self.random, known)))),
                    )
                    for address in sorted(_some(self.random, self._addresses()))
                }
            ),
            groups=self._maybe(
                {
                    label: ProjectGroup(roles=(_one(self.random, [*known, *PROJECT_ROLES]),))
                    for label in sorted(_some(self.random, groups or ()))
                }
            ),
            roles=roles,
        )
