"""Who leaves an organization, what is theirs in it, and what may stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from random import Random

import attrs

from openai_admin.emulator.replies import EmulatedError
from openai_admin.emulator.role_holders import RoleHolder
from openai_admin.emulator.roles import Scope
from openai_admin.emulator.store import Store
from openai_admin.emulator.table import Record
from tests.snapshots import Entry, Snapshot


@attrs.frozen
class Leaver:
    """Somebody who is to be offboarded.

    Attributes:
        kind: what is special about them.
        named: what the command is given: an address, or an id.
        ids: all ids that are theirs, former ones too.
        address: their address.
        user: the record of their membership; None for others.
    """

    kind: str
    named: str
    ids: frozenset[str]
    address: str
    user: Record | None = None

    @property
    def is_managed(self) -> bool:
        """Whether an identity provider manages the membership."""
        return self.user is not None and bool(self.user.get("is_scim_managed"))


KINDS = {
    "owner": 2,
    "only owner of a project": 6,
    "managed by SCIM": 2,
    "reader": 1,
    "former member": 2,
    "invited only": 2,
    "with a pending invite": 6,
    "back again": 6,
    "the caller": 1,
}
"""What may be special about somebody, and how much it is preferred, since not all have somebody."""


def leaver(store: Store, seed: int) -> Leaver:
    """Somebody of an organization, of one of the kinds that it has somebody of."""
    random = Random(f"leaver/{seed}")
    users = list(store.users)
    by_kind = {kind: found for kind in KINDS if (found := _of_kind(store, kind))}
    kind = random.choices([*by_kind], [KINDS[kind] for kind in by_kind])[0]
    address, id = random.choice(by_kind[kind])
    user = next((user for user in users if user["id"] == id), None)
    ids = {found for found, its in _known(store) if its.casefold() == address.casefold()}
    is_by_id = id is not None and random.random() < 0.3
    return Leaver(kind, id if is_by_id and id else address, frozenset(ids), address, user)


def _known(store: Store) -> set[tuple[str, str]]:
    """The ids and addresses of all who are or were there, as memberships and keys have them."""
    found = {(user["id"], user["email"]) for user in store.users}
    for keys in store.project_api_keys.values():
        people = (key["owner"]["user"] for key in keys if key["owner"]["type"] == "user")
        found |= {(person["id"], person["email"]) for person in people}
    return found


def _of_kind(store: Store, kind: str) -> list[tuple[str, str | None]]:
    """The addresses and ids of those of a kind."""
    users = {user["id"]: user for user in store.users}
    addresses = {user["email"].casefold() for user in users.values()}
    pending = {i["email"].casefold() for i in store.invites if _is_open(store, i)}
    olivia = store.first_owner()["id"]
    if kind == "invited only":
        return sorted((address, None) for address in pending - addresses)
    if kind == "former member":
        known = sorted(_known(store))
        return [(a, id) for id, a in known if id not in users and a.casefold() not in addresses]
    chosen: Mapping[str, Callable[[Record], bool]] = {
        "owner": lambda user: user["role"] == "owner" and user["id"] != olivia,
        "only owner of a project": lambda user: any(
            _is_named_alone(store, user["id"], p["id"]) for p in store.projects
        ),
        "managed by SCIM": lambda user: bool(user.get("is_scim_managed")),
        "reader": lambda user: user["role"] == "reader",
        "with a pending invite": lambda user: user["email"].casefold() in pending,
        "back again": lambda user: any(
            a.casefold() == user["email"].casefold() and id != user["id"] for id, a in _known(store)
        ),
        "the caller": lambda user: user["id"] == olivia,
    }
    return [(user["email"], user["id"]) for user in users.values() if chosen[kind](user)]


def _is_open(store: Store, invite: Record) -> bool:
    return bool(invite["status"] == "pending" and invite["expires_at"] > store.now())


def _is_named_alone(store: Store, user_id: str, project_id: str) -> bool:
    """Whether nobody else is a project's owner by the membership, whatever roles others have."""
    owners = {m["id"] for m in store.project_users[project_id] if m["role"] == "owner"}
    return owners == {user_id}


def _manages(store: Store, user_id: str, project: Record) -> bool:
    """Whether somebody is in a project, and its only owner."""
    return user_id in store.project_users[project["id"]] and _owners(store, project) == {user_id}


def _owners(store: Store, project: Record) -> set[str]:
    """The ids of the owners of a project: by the membership, a role of their own or a group's."""
    scope = Scope(store, project)
    found = set()
    for user in store.users:
        try:
            holder = RoleHolder.user(scope, user["id"], also_through_groups=True)
        except EmulatedError:  # not in the project
            continue
        roles = [scope.roles.get(id) for id in holder.sources()]
        if any("api.project.write" in role["permissions"] for role in roles):
            found.add(user["id"])
    return found


def managed_alone(store: Store, who: Leaver) -> list[str]:
    """The ids of the projects that have no other owner."""
    return [p["id"] for p in store.projects for id in who.ids if _manages(store, id, p)]


def theirs(snapshot: Snapshot, who: Leaver) -> set[Entry]:
    """Everything of an emulator's store that a person holds, in force or not."""
    found = {entry for entry, record in snapshot.items() if _is_theirs(entry, record, who)}
    keys = {entry[-1] for entry in found if entry[0] in ("admin_api_keys", "project_api_keys")}
    return found | {("accepted key", id) for id in keys if ("accepted key", id) in snapshot}


def _is_theirs(entry: Entry, record: Record, who: Leaver) -> bool:
    table, *place, id = entry
    if table in ("users", "group_users", "project_users"):
        return id in who.ids
    if table in ("user_roles", "project_user_roles"):
        return place[-1] in who.ids
    if table == "invites":
        return bool(record["email"].casefold() == who.address.casefold())
    if table == "project_api_keys":
        return (record["owner"].get("user") or {}).get("id") in who.ids
    if table == "admin_api_keys":
        return record["owner"].get("type") == "user" and record["owner"].get("id") in who.ids
    return False


def may_stay(store: Store, entry: Entry, who: Leaver, archived: Collection[str]) -> bool:
    """Whether something of theirs may be there in the end, if the plan named it.

    These are what an identity provider manages, what nobody can use any more, and what is history.
    """
    table, *place, id = entry
    if table in ("users", "user_roles"):
        return who.is_managed
    if table == "group_users":
        return who.is_managed and bool(store.groups.get(place[0])["is_scim_managed"])
    if table == "project_api_keys":
        return place[0] in archived
    return table == "invites" and not _is_open(store, store.invites.get(id))
