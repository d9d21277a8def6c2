"""Organizations made at random from a seed, with everything odd that the API allows.

What is odd on purpose: two people of one name, addresses in other letter case, a person without a
name, people in no project, projects without an owner, with one owner, with owners by group alone,
without anybody, groups without members, owners by a custom role and by a group, predefined roles
given again beside the membership's own, roles that nobody has, permissions that nobody knows,
people and groups that the identity provider manages, keys of people who left (of one who came back
under a new id too), keys that have ended, project keys among the admin keys, invites in other
letter case, archived projects.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import TypeVar

import attrs

from openai_admin.emulator import Emulator
from openai_admin.emulator.archive import empty
from openai_admin.emulator.auth import READ_SCOPES, WRITE_SCOPES
from openai_admin.emulator.certificates import add_certificate, set_active
from openai_admin.emulator.demo.people import MEMBERS, new_user
from openai_admin.emulator.metering.shape import DAY
from openai_admin.emulator.project_keys import add_project_key
from openai_admin.emulator.roles import Scope
from openai_admin.emulator.table import Record

Thing = TypeVar("Thing")

ORGANIZATION_PERMISSIONS = (
    *sorted(READ_SCOPES | WRITE_SCOPES),
    "api.groups.read",
    "api.groups.write",
    "api.future.thing",
)
PROJECT_PERMISSIONS = (
    "api.project.read",
    "api.project.write",
    "api.prompts.write",
    "api.model.request",
    "api.future.thing",
)
_OWNING = {
    "organization": tuple(sorted(READ_SCOPES | WRITE_SCOPES)),
    "project": ("api.project.read", "api.project.write"),
}
_PROJECT_ROLES = ("owner", "member", "member", "viewer")


@attrs.frozen(kw_only=True)
class Size:
    """The most that there is of each kind; there may be fewer.

    `people` are besides the emulator's own owner; `invites` may be as many as people.
    """

    people: int = 9
    groups: int = 4
    projects: int = 4
    roles: int = 3
    """Of the organization, and of each project."""
    keys: int = 8
    """Of each project, those of its service accounts included."""


SMALL = Size()
"""Enough for every oddity, and made in a few milliseconds."""


FEW = Size(people=6, groups=3, projects=3, roles=2, keys=5)
"""Fewer, where what is asked about them takes long."""


def organization(
    seed: int, *, size: Size = SMALL, now: Callable[[], int] | None = None
) -> Emulator:
    """An emulator, not started yet, with an organization that `seed`, `size` and `now` decide.

    Its `admin_key` is that of Olivia, an owner whom every one of them has. The values of all keys
    are in its `store.keys`.
    """
    emulator = Emulator(state="empty", seed=seed, now=now or (lambda: int(time.time())))
    fill(emulator, seed, size=size)
    return emulator


def fill(emulator: Emulator, seed: int, *, size: Size = SMALL) -> None:
    """Put such an organization into an emulator that was made with ``state="empty"``."""
    _Making(emulator, Random(f"organization/{seed}"), size).everything()


class _Making:
    def __init__(self, emulator: Emulator, random: Random, size: Size) -> None:
        self.store = emulator.store
        self.random = random
        self.size = size
        self.now = self.store.now()
        self.people: list[Record] = [self.store.first_owner()]
        self.former: list[Record] = []
        self.groups: list[Record] = []

    def everything(self) -> None:
        self.add_people()
        self.add_groups()
        self.add_roles(Scope(self.store), ORGANIZATION_PERMISSIONS)
        self.give_roles(Scope(self.store), self.people, self.groups)
        for number in range(self.random.randint(1, self.size.projects)):
            self.add_project(number)
        self.add_admin_keys()
        self.add_invites()
        self.add_certificates()

    def add_people(self) -> None:
        store, random = self.store, self.random
        names = random.sample(MEMBERS, self.size.people + 3)
        for number in range(random.randint(2, self.size.people)):
            name = random.choice(names[:number]) if number and self.chance(0.15) else names[number]
            address = f"{name.split()[0].lower()}.{number}@example.com"
            user = new_user(
                store,
                name,
                "owner" if self.chance(0.2) else "reader",
                self.past(400),
                address=self.other_case(address),
            )
            user["is_scim_managed"] = self.chance(0.25)
            if self.chance(0.06):
                user["name"] = None
            self.people.append(store.users.add(user))
        for number, name in enumerate(names[-3:]):
            self.former.append(
                new_user(
                    store, name, "reader", self.past(400), address=f"former.{number}@example.com"
                )
            )
        if self.chance(0.4):
            again = random.choice(self.people[1:])
            self.former.append(
                new_user(store, again["name"], "reader", 0, address=again["email"].upper())
            )

    def add_groups(self) -> None:
        for number in range(self.random.randint(0, self.size.groups)):
            group = self.store.groups.add(
                {
                    "id": self.store.new_id("group"),
                    # Two groups may have one name.
                    "name": f"Group {number if self.chance(0.9) else 0}",
                    "created_at": self.past(300),
                    "group_type": "tenant_group" if self.chance(0.1) else "group",
                    "is_scim_managed": self.chance(0.3),
                }
            )
            self.groups.append(group)
            for user in self.some(self.people, empty=0.25):
                self.store.group_users[group["id"]].add({"id": user["id"]})

    def add_roles(self, scope: Scope, permissions: Sequence[str]) -> None:
        kind = "organization" if scope.project is None else "project"
        for number in range(self.random.randint(0, self.size.roles)):
            if self.chance(0.3):
                granted = [*_OWNING[kind], *self.some(permissions[-2:])]
            else:
                granted = self.some(permissions, empty=0.1)
            scope.define(
                f"Role {number}",
                list(dict.fromkeys(granted)),
                None,
                creator=self.people[0],
                created_at=self.past(200),
            )

    def give_roles(self, scope: Scope, people: Iterable[Record], groups: Iterable[Record]) -> None:
        roles = [role["id"] for role in scope.roles]
        for user in people:
            if self.chance(0.25):
                for id in self.some(roles, most=2):
                    scope.user_table(user["id"]).add({"id": id})
        for group in groups:
            if self.chance(0.5):
                for id in self.some(roles, most=2):
                    scope.group_table(group["id"]).add({"id": id})

    def add_project(self, number: int) -> None:
        store = self.store
        project = store.projects.add(
            {
                "object": "organization.project",
                "id": store.new_id("project"),
                "name": f"Project {number if self.chance(0.9) else 0}",
                "created_at": self.past(300),
                "archived_at": None,
                "status": "active",
                "residency": "GLOBAL",
                "external_key_id": None,
                "_default": number == 0,
            }
        )
        id = project["id"]
        # Without people of its own, its only access is by groups, service accounts and keys.
        people = self.some(self.people, empty=0.15)
        for user in people:
            member = {field: user[field] for field in ("id", "name", "email", "added_at")}
            role = self.random.choice(_PROJECT_ROLES)
            store.project_users[id].add(
                {"object": "organization.project.user", **member, "role": role}
            )
        groups = self.some(self.groups, empty=0.4)
        for group in groups:
            store.project_groups[id].add({"id": group["id"], "created_at": group["created_at"]})
        scope = Scope(store, project)
        self.add_roles(scope, PROJECT_PERMISSIONS)
        self.give_roles(scope, people, groups)
        accounts = [self.add_account(project, i) for i in range(self.random.randint(0, 3))]
        self.add_keys(project, accounts)
        if number and self.chance(0.2):
            empty(store, id)
            store.projects.update(id, {"status": "archived", "archived_at": self.now})

    def add_account(self, project: Record, number: int) -> Record:
        return self.store.project_service_accounts[project["id"]].add(
            {
                "object": "organization.project.service_account",
                "id": self.store.new_id("service_account"),
                "name": f"account-{number if self.chance(0.8) else 0}",
                "role": self.random.choice(("owner", "member", "none")),
                "created_at": self.past(200),
            }
        )

    def add_keys(self, project: Record, accounts: Sequence[Record]) -> None:
        keys = self.store.project_api_keys[project["id"]]
        for number in range(self.random.randint(0, self.size.keys)):
            if accounts and self.chance(0.4):
                owner = self.random.choice(accounts)
            else:
                owner = self.random.choice(self.former if self.chance(0.2) else self.people)
            key, _ = add_project_key(
                self.store,
                project["id"],
                owner,
                name=f"key-{number}",
                scopes=[],
                expires_at=self.ending(),
            )
            changes: Record = {"created_at": self.past(150)}
            if self.chance(0.1):
                changes["name"] = None
            if self.chance(0.6):
                changes["last_used_at"] = self.past(100)
            keys.update(key["id"], changes)

    def add_admin_keys(self) -> None:
        store = self.store
        for number in range(self.random.randint(0, 5)):
            owner = self.random.choice(self.former if self.chance(0.2) else self.people)
            scopes = READ_SCOPES if self.chance(0.3) else None
            store.issue_admin_key(f"admin-{number}", owner, scopes=scopes, expires_at=self.ending())
        if self.chance(0.4):  # the API has listed keys of projects too
            found = (key for keys in store.project_api_keys.values() for key in keys)
            for key in found:
                if key["owner"]["type"] == "service_account":
                    store.admin_api_keys.add({**key, "object": "organization.admin_api_key"})
                    break

    def add_invites(self) -> None:
        for number in range(self.random.randint(0, 5)):
            # Of a member too: the identity provider may have brought the person in meanwhile.
            known = self.chance(0.4)
            address = self.random.choice(self.people)["email"] if known else f"new{number}@web.com"
            sent = self.past(12)
            accepted = known and self.chance(0.5)
            self.store.invites.add(
                {
                    "object": "organization.invite",
                    "id": self.store.new_id("invite"),
                    "email": self.other_case(address),
                    "role": "owner" if self.chance(0.2) else "reader",
                    "status": "accepted" if accepted else "pending",
                    "created_at": sent,
                    "expires_at": sent + 7 * DAY,
                    "accepted_at": sent + DAY if accepted else None,
                    "projects": [
                        {"id": project["id"], "role": self.random.choice(("member", "owner"))}
                        for project in self.some(list(self.store.projects), most=2)
                    ],
                }
            )

    def add_certificates(self) -> None:
        # The audit log takes its events in the order of their time.
        moments = sorted(self.past(200) for _ in range(self.random.randint(0, 3)))
        for number, begun in enumerate(moments):
            certificate = add_certificate(
                self.store,
                name=f"certificate-{number}",
                pem=None,
                validity=(begun, begun + 365 * DAY),
                created_at=begun,
            )
            if self.chance(0.5):
                set_active(self.store, certificate, None, True)
            for project in self.some(list(self.store.projects)):
                set_active(self.store, certificate, project, True)
            if self.chance(0.8):  # else before the audit log was switched on
                person = self.random.choice([*self.people, *self.former])
                user = {"id": person["id"], "email": person["email"]}
                self.store.audit(
                    "certificate.created",
                    {"id": certificate["id"], "name": certificate["name"]},
                    actor={"type": "session", "session": {"user": user, "ip_address": "192.0.2.1"}},
                    effective_at=begun,
                )

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def past(self, days: int) -> int:
        """A moment at most so many days ago."""
        return self.now - self.random.randrange(3600, days * DAY)

    def ending(self) -> int | None:
        """When a key ends: never, in a while, or some time ago."""
        if self.chance(0.6):
            return None
        return self.now + self.random.choice((-5, 30, 200)) * DAY

    def other_case(self, address: str) -> str:
        return address.title() if self.chance(0.3) else address

    def some(self, things: Sequence[Thing], *, empty: float = 0.0, most: int = 100) -> list[Thing]:
        """Some of these in their order, none with the chance `empty`."""
        if not things or self.chance(empty):
            return []
        count = self.random.randint(1, min(most, len(things)))
        chosen = sorted(self.random.sample(range(len(things)), count))
        return [things[index] for index in chosen]
