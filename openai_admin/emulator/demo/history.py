"""The past of the demo organization, from its tables: somebody created each of its objects."""

from __future__ import annotations

from collections.abc import Iterator

from ..metering.shape import DAY
from ..roles import Scope
from ..table import Record
from .journal import Journal
from .keys import Key
from .people import email

_HOUR = 3600
_WITHDRAWN = (("Anouk de Vreis", 45), ("Stella Broks", 20), ("Igor Simic", 210))
NETWORKS = ["203.0.113.0/24", "198.51.100.0/24"]
"""Of the offices, to which access is restricted."""


def tell_of_organization(journal: Journal) -> None:
    """The organization's own settings, and how access to it is restricted."""
    store, founder = journal.store, journal.people.owners[0]
    began, id = founder["added_at"], store.organization["id"]
    for days, changes in (
        (0, {"title": store.organization["name"], "name": "northwind-robotics"}),
        (30, {"usage_dashboard_visibility": "ANY_ROLE", "threads_ui_visibility": "OWNERS"}),
        (130, {"api_call_logging": "enabled_per_call"}),
        (290, {"description": "Robots that pick, pack and answer the telephone"}),
    ):
        payload = {"id": id, "changes_requested": changes}
        journal.note(began + days * DAY, "organization.updated", payload, by=founder)

    at = began + 60 * DAY
    named = {"id": "ip-allowlist-1", "name": "Offices"}
    for delay, event_type, payload in (
        (0, "ip_allowlist.created", {**named, "allowed_ips": NETWORKS[:1]}),
        (_HOUR, "ip_allowlist.config.activated", {"configs": [named]}),
        (90 * DAY, "ip_allowlist.updated", {"id": named["id"], "allowed_ips": NETWORKS}),
        (140 * DAY, "scim.enabled", {"id": id}),
        (140 * DAY - _HOUR, "tenant.sso_connection.setup.started", {"id": "sso-1"}),
        (140 * DAY - _HOUR // 2, "tenant.sso_connection.created", {"id": "sso-1"}),
    ):
        journal.note(at + delay, event_type, payload, by=founder)


def tell_of_people(journal: Journal, left_at: dict[str, int]) -> None:
    """How people joined the organization, and left it; `left_at` is by user id."""
    store = journal.store
    invited = {i["email"]: i for i in store.invites if i["status"] == "accepted"}
    for user in journal.users.values():
        at = user["added_at"]
        by = user if user["email"] in invited else journal.owner(at)
        payload = {"id": user["id"], "data": {"role": user["role"]}}
        journal.note(at, "user.added", payload, by=by)
    for id, at in left_at.items():
        journal.note(at, "user.deleted", {"id": id}, by=journal.owner(at))

    by_address = {user["email"]: user for user in journal.users.values()}
    for invite in store.invites:
        at, data = invite["created_at"], {"email": invite["email"], "role": invite["role"]}
        payload = {"id": invite["id"], "data": data}
        journal.note(at, "invite.sent", payload, by=journal.owner(at))
        if invite["status"] == "accepted":
            by = by_address[invite["email"]]
            journal.note(invite["accepted_at"], "invite.accepted", {"id": invite["id"]}, by=by)
    for name, days in _WITHDRAWN:
        at, id = store.now() - days * DAY, store.new_id("invite")
        payload = {"id": id, "data": {"email": email(name), "role": "reader"}}
        journal.note(at, "invite.sent", payload, by=journal.owner(at))
        journal.note(at + 9 * _HOUR, "invite.deleted", {"id": id}, by=journal.owner(at))


def tell_of_projects(journal: Journal) -> None:
    """How projects were created, staffed, configured and archived."""
    store = journal.store
    for planned in journal.projects:
        project, at = planned.record, planned.record["created_at"]
        name = project["name"]
        payload = {"id": project["id"], "data": {"name": name, "title": name}}
        by = journal.manager(project["id"], at)
        journal.note(at, "project.created", payload, by=by, project=project)
        archived_at = project["archived_at"]
        if archived_at is not None:
            by = journal.manager(project["id"], archived_at)
            payload = {"id": project["id"]}
            journal.note(archived_at, "project.archived", payload, by=by, project=project)
        for member in store.project_users[project["id"]]:
            _tell_of_member(journal, project, member)
        for limit in list(store.project_rate_limits[project["id"]])[:3]:
            values = {k: v for k, v in limit.items() if k.startswith(("max_", "batch_"))}
            changed = at + journal.random.randrange(10 * DAY, 40 * DAY)
            payload = {"id": limit["id"], "changes_requested": values}
            journal.note_of_program(changed, "rate_limit.updated", payload, project=project)
    for number, (key, value) in enumerate(store.settings.items()):
        name, *ids = key
        if ids and name != "spend_limit":  # spend limits are not in the audit log
            project, at = store.projects.get(ids[0]), store.now() - (150 - 17 * number % 120) * DAY
            payload = {"id": project["id"], "changes_requested": {name: value}}
            journal.note_of_program(at, "project.updated", payload, project=project)


def _tell_of_member(journal: Journal, project: Record, member: Record) -> None:
    at = member["added_at"]
    by = journal.manager(project["id"], at)
    role = "owner" if member["id"] == by["id"] else "member"
    payload = {"id": member["id"], "data": {"role": role}}
    journal.note(at, "user.added", payload, by=by, project=project)
    if member["role"] != role:
        at += 2 * DAY
        payload = {"id": member["id"], "changes_requested": {"role": member["role"]}}
        by = journal.owner(at)
        journal.note(at, "user.updated", payload, by=by, project=project)


def tell_of_keys(journal: Journal, keys: tuple[Key, ...]) -> None:
    """How service accounts and keys were created, and keys deleted."""
    store = journal.store
    for planned in journal.projects:
        for account in store.project_service_accounts[planned.id]:
            at = account["created_at"]
            payload = {"id": account["id"], "data": {"role": account["role"]}}
            by = journal.manager(planned.id, at)
            journal.note(at, "service_account.created", payload, by=by, project=planned.record)
    for key in keys:
        project, at = key.project.record, key.created_at
        # A service account's key is created by whoever manages the project.
        by = journal.users.get(key.owner_id) or journal.manager(project["id"], at)
        payload = {"id": key.id, "data": {"scopes": []}}
        journal.note(at, "api_key.created", payload, by=by, project=project)
        if key.fate == "deleted" and key.until is not None:
            by = journal.manager(project["id"], key.until)
            journal.note(key.until, "api_key.deleted", {"id": key.id}, by=by, project=project)
    for admin_key in store.admin_api_keys:
        by = journal.users[admin_key["owner"]["id"]]
        payload = {"id": admin_key["id"], "data": {"scopes": []}}
        journal.note(admin_key["created_at"], "api_key.created", payload, by=by)


def tell_of_roles(journal: Journal) -> None:
    """How groups and roles were created and assigned."""
    store = journal.store
    for group in store.groups:
        at = group["created_at"]
        payload: Record = {"id": group["id"], "data": {"group_name": group["name"]}}
        journal.note(at, "group.created", payload, by=journal.owner(at))
        for user in store.group_users[group["id"]]:
            joined = max(at, journal.users[user["id"]]["added_at"]) + _HOUR
            payload = {"id": group["id"], "user_id": user["id"]}
            event_type = "tenant.group.member.added"
            journal.note(joined, event_type, payload, by=journal.owner(joined))
    for scope in (Scope(store), *(Scope(store, p.record) for p in journal.projects)):
        where = {"resource_type": scope.resource_type, "resource_id": scope.resource_id}
        defined = [role for role in scope.roles if not role["predefined_role"]]
        for role in defined:
            at, by = role["_created_at"], journal.users[role["_created_by"]["id"]]
            permissions = role["permissions"]
            payload = {"id": role["id"], "role_name": role["name"], "permissions": permissions}
            payload |= where
            journal.note(at, "role.created", payload, by=by, project=scope.project)
            for kind, id in _holders(journal, scope, role["id"]):
                payload = {"id": role["id"], "principal_type": kind, "principal_id": id, **where}
                event_type = "role.assignment.created"
                journal.note(at + _HOUR, event_type, payload, by=by, project=scope.project)


def _holders(journal: Journal, scope: Scope, role_id: str) -> Iterator[tuple[str, str]]:
    """Who was given a role of a scope: `user` or `group`, and the id."""
    for user in journal.store.users.some(scope.users_with(role_id)):
        yield "user", user["id"]
    for group in journal.store.groups.some(scope.groups_with(role_id)):
        yield "group", group["id"]


def tell_of_security(journal: Journal) -> None:
    """Certificates, encryption keys, storage and workload identities."""
    store = journal.store
    for certificate in store.certificates:
        at = certificate["created_at"]
        named = {"id": certificate["id"], "name": certificate["name"]}
        journal.note(at, "certificate.created", named, by=journal.owner(at))
        projects = [
            p.record for p in journal.projects if named["id"] in store.project_certificates[p.id]
        ]
        if certificate["_active"] or projects:
            payload: Record = {"certificates": [named]}
            for place in projects or (None,):
                by = journal.owner(at)
                journal.note(at + _HOUR, "certificates.activated", payload, by=by, project=place)
    for key in store.external_keys:
        at = key["created_at"]
        payload = {"id": key["id"], "data": {"name": key["name"]}}
        journal.note(at, "external_key.registered", payload, by=journal.owner(at))
    for storage in store.external_storage:
        at = storage["created_at"]
        data = {"geography": storage["geography"], "provider": storage["provider"]}
        payload = {"id": storage["id"], "data": data}
        project = store.projects.get(storage["project_id"])
        by = journal.manager(project["id"], at)
        journal.note(at, "external_storage.registered", payload, by=by, project=project)
    for provider in store.workload_identity_providers:
        at = provider["created_at"]
        payload = {"id": provider["id"], "data": {k: provider[k] for k in ("name", "issuer")}}
        journal.note(at, "workload_identity_provider.created", payload, by=journal.owner(at))
        for rule in store.federation_rules[provider["id"]]:
            at, mapping = rule["created_at"], "workload_identity_provider_mapping.created"
            data = {k: rule[k] for k in ("name", "project_id", "service_account_id")}
            payload = {"id": rule["id"], "identity_provider_id": provider["id"], "data": data}
            project = store.projects.get(rule["project_id"])
            by = journal.manager(project["id"], at)
            journal.note(at, mapping, payload, by=by, project=project)
