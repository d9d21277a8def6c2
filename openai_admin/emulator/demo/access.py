"""Access that grew beside the plan: who may do an owner's things without being one.

It comes after all the rest and has ids of its own, so that the rest is the same with and without
it. One person has something of every kind: memberships, groups, roles, keys of projects, an admin
key, a project that nobody else owns, a certificate that they uploaded, and an invite that is
still pending.
"""

from __future__ import annotations

from ..auth import READ_SCOPES, WRITE_SCOPES
from ..certificates import add_certificate
from ..metering.shape import DAY
from ..roles import Scope
from ..table import Record
from .groups import add_group
from .invites import add_invite
from .journal import Journal
from .keys import Key, note_use

PERSON = 14
"""The place among the members of the one who holds everything."""
PROJECT = "Checkout Fraud Review"
"""The project that this person owns alone."""
MANAGED_PROJECT = "Marketing Studio"
"""The project that a group manages."""
GROUP = "Operations"

_YEAR = 365


def add_access(journal: Journal, newer: tuple[Key, ...]) -> None:
    """Add all of it, and tell of it; `newer` are the keys that replace others."""
    now, person = journal.store.now(), journal.people.members[PERSON]
    _tell_of_newer_keys(journal, newer)
    _leave_alone(journal, now - 60 * DAY, person)
    _add_roles(journal, now - 55 * DAY, person)
    _add_admin_keys(journal, person)
    _upload_certificate(journal, now - 25 * DAY, person)
    _invite(journal, now - 5 * DAY, person)


def _note(
    journal: Journal,
    at: int,
    event_type: str,
    payload: Record,
    by: Record,
    project: Record | None = None,
) -> None:
    id = journal.store.new_id("audit_log")
    journal.note(at, event_type, payload, by=by, project=project, id=id)


def _tell_of_newer_keys(journal: Journal, newer: tuple[Key, ...]) -> None:
    for key in newer:
        payload = {"id": key.id, "data": {"scopes": []}}
        by, project = key.project.members[0], key.project.record
        _note(journal, key.created_at, "api_key.created", payload, by, project)


def _leave_alone(journal: Journal, at: int, person: Record) -> None:
    """Let the other owner of the person's project become a member of it."""
    project = _project(journal, PROJECT)
    users = journal.store.project_users[project["id"]]
    other = next(m for m in users if m["role"] == "owner" and m["id"] != person["id"])
    users.update(other["id"], {"role": "member"})
    payload = {"id": other["id"], "changes_requested": {"role": "member"}}
    _note(journal, at, "user.updated", payload, person, project)


def _add_roles(journal: Journal, at: int, person: Record) -> None:
    """Give an owner's permissions by roles: to the person, and to a group of two others."""
    store, members, founder = journal.store, journal.people.members, journal.people.owners[0]
    age = (store.now() - at) // DAY
    team = (members[5], members[6])
    group = add_group(store, GROUP, age, False, (*team, person))
    named = {"id": group["id"], "data": {"group_name": GROUP}}
    _note(journal, at, "group.created", named, founder)
    for user in (*team, person):
        joined = {"id": group["id"], "user_id": user["id"]}
        _note(journal, at + 3600, "tenant.group.member.added", joined, founder)

    organization = Scope(store)
    everything = sorted(READ_SCOPES | WRITE_SCOPES)
    deputy = _define(journal, organization, at, "Deputy", "Stands in for an owner.", everything)
    organization.user_table(person["id"]).add({"id": deputy["id"]})
    _tell_of_assignment(journal, organization, at, deputy, "user", person["id"])

    scope = Scope(store, _project(journal, MANAGED_PROJECT))
    permissions = ["api.project.read", "api.project.write"]
    manager = _define(journal, scope, at, "Manager", "Manages the project.", permissions)
    store.project_groups[scope.resource_id].add({"id": group["id"], "created_at": at})
    scope.group_table(group["id"]).add({"id": manager["id"]})
    _tell_of_assignment(journal, scope, at, manager, "group", group["id"])

    own = Scope(store, _project(journal, PROJECT))
    editor = _define(journal, own, at, "Prompt editor", "Changes prompts.", ["api.prompts.write"])
    own.user_table(person["id"]).add({"id": editor["id"]})
    _tell_of_assignment(journal, own, at, editor, "user", person["id"])


def _define(
    journal: Journal, scope: Scope, at: int, name: str, description: str, permissions: list[str]
) -> Record:
    founder = journal.people.owners[0]
    role = scope.define(name, permissions, description, creator=founder, created_at=at)
    payload = {"id": role["id"], "role_name": name, "permissions": permissions}
    payload |= {"resource_type": scope.resource_type, "resource_id": scope.resource_id}
    _note(journal, at, "role.created", payload, founder, scope.project)
    return role


def _tell_of_assignment(
    journal: Journal, scope: Scope, at: int, role: Record, kind: str, id: str
) -> None:
    payload = {"id": role["id"], "principal_type": kind, "principal_id": id}
    payload |= {"resource_type": scope.resource_type, "resource_id": scope.resource_id}
    founder = journal.people.owners[0]
    _note(journal, at + 3600, "role.assignment.created", payload, founder, scope.project)


def _add_admin_keys(journal: Journal, person: Record) -> None:
    """Add an admin key of the person, which never expires, and one of an owner that will."""
    store, second = journal.store, journal.people.owners[1]
    now = store.now()
    for owner, name, age, idle, lifetime in (
        (person, "fraud-export", 50, 3 * DAY, None),
        (second, "security-scan", 10, 2 * 3600, 90),
    ):
        at = now - age * DAY
        expires_at = None if lifetime is None else at + lifetime * DAY
        key, _ = store.issue_admin_key(name, owner, expires_at=expires_at)
        used = {"created_at": at, "last_used_at": now - idle}
        store.admin_api_keys.update(key["id"], used)
        note_use(store, owner, now - idle)
        payload = {"id": key["id"], "data": {"scopes": []}}
        _note(journal, at, "api_key.created", payload, owner)


def _upload_certificate(journal: Journal, at: int, person: Record) -> None:
    validity = (at, at + _YEAR * DAY)
    certificate = add_certificate(
        journal.store, name="fraud-review-egress", pem=None, validity=validity, created_at=at + 3600
    )
    payload = {k: certificate[k] for k in ("id", "name")}
    _note(journal, at + 3600, "certificate.created", payload, person)


def _invite(journal: Journal, at: int, person: Record) -> None:
    """Invite the person by an address that became theirs only later: no member is invited."""
    planned = next(p for p in journal.projects if p.record["name"] == MANAGED_PROJECT)
    invite = add_invite(journal.store, person["email"], at, "pending", planned)
    data = {"email": invite["email"], "role": invite["role"]}
    payload = {"id": invite["id"], "data": data}
    _note(journal, at, "invite.sent", payload, journal.people.owners[1])


def _project(journal: Journal, name: str) -> Record:
    return next(p.record for p in journal.projects if p.record["name"] == name)
