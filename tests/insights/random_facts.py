"""Facts about access made at random, with all that the API may leave out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from openai_admin.insights.access.facts import (
    AdminKeyFact,
    Assignment,
    Facts,
    GroupFact,
    KeyFact,
    Person,
    ProjectFact,
    ProjectMember,
    RoleFact,
    ServiceAccountFact,
    Source,
)

Thing = TypeVar("Thing")

TAKEN_AT = datetime(2026, 11, 20, 12, 30, 15, 250_000, tzinfo=UTC)
PERMISSIONS = (
    *("api.usage.read", "api.usage.*", "api.*.read", "api.project.read", "api.project.write"),
    *("api_usage.read", "api.usage.read.more", "api.management.write", "*", "x.*.y"),
)


def random_facts(seed: int) -> Facts:
    """A few of everything; the same for the same seed."""
    return _Making(Random(f"facts/{seed}")).facts()


class _Making:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.people = [f"user-{n}" for n in range(random.randint(1, 4))]
        self.strangers = ["user-gone", "user-elsewhere"]
        self.groups = [f"group-{n}" for n in range(random.randint(0, 3))]
        self.projects = [f"proj-{n}" for n in range(random.randint(0, 3))]
        self.accounts = [f"svc-{n}" for n in range(random.randint(0, 3))]

    def facts(self) -> Facts:
        places = [None, *self.projects, "proj-unlisted"]
        listed = self.projects[: self.random.randint(0, 4)]
        return Facts(
            taken_at=TAKEN_AT,
            people=tuple(map(self.person, self.people)),
            roles=tuple(role for place in places for role in self.roles(place)),
            groups=tuple(map(self.group, self.groups)),
            projects=tuple(
                ProjectFact(id=id, status=self.pick("active", "active", "archived", None, "odd"))
                for id in listed
            ),
            members=tuple(self.member(places) for _ in range(self.random.randint(0, 8))),
            assignments=tuple(self.assignment(places) for _ in range(self.random.randint(0, 16))),
            service_accounts=tuple(
                ServiceAccountFact(id=id, project_id=project, role=self.pick(*_ACCOUNT_ROLES))
                for id in self.accounts
                for project in self.some(self.projects, 1)
            ),
            keys=tuple(self.key(n) for n in range(self.random.randint(0, 6))) if places[1:] else (),
            admin_keys=tuple(self.admin_key(n) for n in range(self.random.randint(0, 5))),
        )

    def person(self, id: str) -> Person:
        return Person(
            id=id,
            role=self.pick("owner", "reader", "reader", "Owner", "none", None, "unheard"),
            is_member=self.pick(True, True, True, False, None),
            enabled=self.pick(None, None, True, True, False),
            banned=self.pick(None, None, False, False, True),
        )

    def roles(self, place: str | None) -> list[RoleFact]:
        kind = "organization" if place is None else "project"
        names = ("owner", "reader") if place is None else ("owner", "member", "viewer")
        found = [
            RoleFact(
                id=self.pick(f"role-api-{kind}-{name}", f"role-api-{kind}-{name}", f"role-{name}"),
                name=self.pick(name, name.title(), None if place is None else name),
                project_id=place,
                permissions=self.permissions(),
                is_predefined=self.chance(0.9),
            )
            for name in names
            if self.chance(0.85)
        ]
        found += [
            RoleFact(
                id=f"role-{n}",
                name=self.pick(f"Role {n}", "owner", None),
                project_id=place,
                permissions=self.permissions(),
            )
            for n in range(self.random.randint(0, 2))
        ]
        return found

    def group(self, id: str) -> GroupFact:
        members = tuple(self.some([*self.people, *self.strangers], 4))
        return GroupFact(id=id, member_ids=None if self.chance(0.15) else members)

    def member(self, places: Sequence[str | None]) -> ProjectMember:
        return ProjectMember(
            project_id=self.random.choice([place for place in places if place is not None]),
            user_id=self.user(),
            role=self.pick("owner", "member", "viewer", "Member", "NONE", None, "unheard"),
        )

    def assignment(self, places: Sequence[str | None]) -> Assignment:
        kind = self.pick("user", "user", "group", "group", "robot")
        place = self.random.choice(places)
        named = "organization" if place is None else "project"
        sources = [
            Source(type=self.pick("group", "tenant"), id=id) for id in self.some(self.groups, 2)
        ]
        return Assignment(
            principal_type=kind,
            principal_id=self.pick(*self.groups, "group-gone") if kind == "group" else self.user(),
            project_id=place,
            role_id=self.pick(
                "role-0", "role-1", "role-2", "role-owner", f"role-api-{named}-owner"
            ),
            permissions=self.permissions(),
            is_predefined=self.chance(0.3),
            sources=tuple(sources) if kind == "user" and self.chance(0.5) else (),
        )

    def key(self, number: int) -> KeyFact:
        kind = self.pick("user", "user", "service_account", "service_account", None, "odd")
        owner = self.pick(*self.accounts, "svc-gone") if kind == "service_account" else self.user()
        return KeyFact(
            id=f"key-{number}",
            project_id=self.pick(*self.projects, "proj-unlisted"),
            owner_access=self.pick("active", "active", "inactive", "INACTIVE", None),
            owner_type=kind,
            owner_id=None if self.chance(0.1) else owner,
            expires_at=self.ending(),
        )

    def admin_key(self, number: int) -> AdminKeyFact:
        owner = self.pick(self.user(), self.user(), self.user(), *self.accounts[:1], None)
        return AdminKeyFact(
            id=f"admin-key-{number}",
            is_admin_key=self.pick(True, True, True, None),
            owner_id=owner,
            expires_at=self.ending(),
        )

    def user(self) -> str:
        return self.random.choice([*self.people, *self.people, *self.strangers])

    def permissions(self) -> tuple[str, ...] | None:
        return None if self.chance(0.15) else tuple(self.some(PERMISSIONS, 3))

    def ending(self) -> datetime | None:
        moments = (timedelta(0), timedelta(microseconds=1), timedelta(days=-1), timedelta(days=1))
        return self.pick(None, None, None, *(TAKEN_AT + moment for moment in moments))

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def pick(self, *choices: Thing) -> Thing:
        return self.random.choice(choices)

    def some(self, things: Sequence[Thing], most: int) -> list[Thing]:
        return self.random.sample(things, self.random.randint(0, min(most, len(things))))


_ACCOUNT_ROLES = ("owner", "member", "none", None, "unheard")
