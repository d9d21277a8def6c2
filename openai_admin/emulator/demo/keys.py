"""Service accounts, project keys and admin keys of the demo organization."""

from __future__ import annotations

from random import Random
from typing import Any, Literal

import attrs

from ..metering.shape import DAY
from ..project_keys import accept
from ..replies import redact
from ..store import Store
from ..table import Record
from .people import People
from .projects import PlannedProject

Fate = Literal["in use", "stale", "never used", "owner left", "deleted"]
REPLACED = {"copilot-review": 11, "warehouse-questions": 9}
"""Service accounts that have a newer key beside the older one -> for how many days it is used."""


@attrs.frozen
class Key:
    """A project key with what its usage depends on.

    `account` is the name of the service account that it belongs to, None for a person's key.
    `until` is the Unix time of its last use, None while it is in use.
    """

    id: str
    project: PlannedProject
    owner_id: str
    account: str | None
    fate: Fate
    created_at: int
    until: int | None = None
    since: int | None = None
    """The Unix time of its first use, None if it was used from the day after its creation."""


def add_keys(store: Store, projects: tuple[PlannedProject, ...], people: People) -> tuple[Key, ...]:
    """Fill the tables of service accounts and project keys, and return the keys."""
    random = Random(f"{store.seed}/keys")
    keys: list[Key] = []
    personal = 0
    for project in projects:
        keys += [_account_key(store, project, name) for name in project.plan.accounts]
        for place in range(max(0, project.plan.keys - len(project.plan.accounts))):
            fate = _fate(personal)
            if fate == "owner left":
                owner = people.former[sum(key.fate == fate for key in keys)]
            else:
                owner = project.members[place % len(project.members)]
            keys.append(_personal_key(store, project, owner, fate, random))
            personal += 1
    return tuple(keys)


def rotated_key(store: Store, projects: tuple[PlannedProject, ...]) -> Key:
    """A key that was replaced and deleted; its usage stays."""
    project = next(p for p in projects if "support-prod" in p.plan.accounts)
    user = project.members[0]
    created_at = max(project.record["created_at"], user["added_at"]) + DAY
    until = store.now() - 165 * DAY
    return Key(store.new_id("api_key"), project, user["id"], None, "deleted", created_at, until)


def replace_keys(store: Store, keys: tuple[Key, ...]) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """Add newer keys of accounts whose older ones still exist; return the keys, and the newer ones.

    An account's work is the same as without, from one day on with the other key.
    """
    kept, newer = [], []
    for key in keys:
        days = REPLACED.get(key.account or "")
        if days is None:
            kept.append(key)
            continue
        moment = (store.now() // DAY - days) * DAY
        kept.append(attrs.evolve(key, until=moment))
        account = store.project_service_accounts[key.project.id].get(key.owner_id)
        created_at = store.now() - (days + 30) * DAY
        owner = _account_owner(account)
        id = _add_key(store, key.project, f"{account['name']}-key-2", created_at, owner)
        newer.append(attrs.evolve(key, id=id, created_at=created_at, since=moment))
    return tuple(kept), tuple(newer)


def set_last_used(store: Store, last_used: dict[str, int]) -> None:
    """Record in the keys, and in their owners, when they were last used, by key id."""
    by_user: dict[str, int] = {}
    for table in store.project_api_keys.values():
        for key in list(table):
            moment = last_used.get(key["id"])
            if moment is None:
                continue
            table.update(key["id"], {"last_used_at": moment})
            if key["owner"]["type"] == "user":
                user_id = key["owner"]["user"]["id"]
                by_user[user_id] = max(moment, by_user.get(user_id, 0))
    for user_id, moment in by_user.items():
        if (user := store.users.find(user_id)) is not None:
            note_use(store, user, moment)


def note_use(store: Store, user: Record, moment: int) -> None:
    """Record in a person that a key of theirs was used, unless another one was later."""
    before = store.users.get(user["id"])["api_key_last_used_at"] or 0
    store.users.update(user["id"], {"api_key_last_used_at": max(before, moment)})


def add_admin_keys(store: Store, people: People) -> tuple[str, ...]:
    """Fill the table of admin keys; the third owner's is the stale one, whose id is returned."""
    now = store.now()
    first, second, third = people.owners
    plans = (
        (third, "quarterly-audit", 390 * DAY, 131 * DAY),
        (first, "terraform", 330 * DAY, 5 * 3600),
        (second, "cost-export", 210 * DAY, 47 * 60),
        (first, "key-rotation", 84 * DAY, 2 * DAY),
    )
    for owner, name, age, idle in plans:
        _add_admin_key(store, owner, name, now - age, now - idle)
    return tuple(key["id"] for key in store.admin_api_keys if key["owner"]["id"] == third["id"])


def _fate(number: int) -> Fate:
    """Of 74 personal keys nine are stale, six were never used, four have owners who left."""
    if number % 8 == 5:
        return "stale"
    if number % 12 == 10:
        return "never used"
    if number in (3, 20, 39, 60):
        return "owner left"
    return "in use"


def _account_key(store: Store, project: PlannedProject, name: str) -> Key:
    created_at = project.record["created_at"] + DAY
    account: Record = {
        "object": "organization.project.service_account",
        "id": store.new_id("service_account"),
        "name": name,
        "role": "member",
        "created_at": created_at,
    }
    store.project_service_accounts[project.id].add(account)
    if project.plan.archived is not None:
        until = store.now() - project.plan.archived * DAY
        return Key(
            store.new_id("api_key"), project, account["id"], name, "deleted", created_at, until
        )
    id = _add_key(store, project, f"{name}-key", created_at, _account_owner(account))
    return Key(id, project, account["id"], name, "in use", created_at)


def _account_owner(account: Record) -> Record:
    shown = {k: account[k] for k in ("id", "name", "role", "created_at")}
    return {"type": "service_account", "service_account": shown}


def _personal_key(
    store: Store, project: PlannedProject, user: Record, fate: Fate, random: Random
) -> Key:
    now = store.now()
    oldest = min(project.plan.age - 5, (now - user["added_at"]) // DAY)
    age = random.randint(140, oldest)
    created_at = now - age * DAY + random.randrange(7 * 3600, 17 * 3600)
    until = None
    if fate == "stale":
        until = now - random.randint(95, min(240, age - 10)) * DAY
    purpose = random.choice(("laptop", "notebook", "experiments", "staging", "scripts", "ci"))
    member_role = "owner" if user["id"] == project.members[1]["id"] else "member"
    owner = {
        "type": "user",
        "user": {
            "id": user["id"],
            "name": user["name"],
            "email": user["email"],
            "role": member_role,
            "created_at": user["added_at"],
        },
    }
    handle = user["email"].partition(".")[0]
    access = "inactive" if fate == "owner left" else "active"
    id = _add_key(store, project, f"{handle}-{purpose}", created_at, owner, access=access)
    return Key(id, project, user["id"], None, fate, created_at, until)


def _add_key(
    store: Store,
    project: PlannedProject,
    name: str,
    created_at: int,
    owner: dict[str, Any],
    *,
    access: str = "active",
) -> str:
    prefix = "sk-svcacct-" if owner["type"] == "service_account" else "sk-proj-"
    id, value = store.new_id("api_key"), store.new_secret(prefix)
    key = store.project_api_keys[project.id].add(
        {
            "object": "organization.project.api_key",
            "id": id,
            "name": name,
            "redacted_value": redact(value, mask="..."),
            "created_at": created_at,
            "last_used_at": None,
            "expires_at": None,
            "owner": owner,
            "owner_project_access": access,
        }
    )
    accept(store, project.id, key, value)
    return id


def _add_admin_key(store: Store, owner: Record, name: str, created_at: int, used_at: int) -> Record:
    key, _ = store.issue_admin_key(name, owner, id=store.new_id("api_key"))
    note_use(store, owner, used_at)
    return store.admin_api_keys.update(
        key["id"], {"created_at": created_at, "last_used_at": used_at}
    )
