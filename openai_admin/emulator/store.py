"""The emulator's state: everything an organization has, in memory, in wire shape."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import lookups
from .auth import Credential, Keyring
from .replies import redact
from .table import Record, Scoped, Table

ID_PREFIXES = {
    "organization": "org-",
    "project": "proj_",
    "user": "user-",
    "service_account": "svc_acct_",
    "api_key": "key_",
    "invite": "invite-",
    "certificate": "cert_",
    "audit_log": "audit_log-",
    "group": "group_",
    "role": "role_",
    "rate_limit": "rl-",
    "spend_alert": "alert_",
    "external_key": "extkey_",
    "external_storage": "extstore_",
    "workload_identity_provider": "wip_",
    "federation_rule": "wifr_",
    "checkpoint_permission": "cp_",
}
_ALPHABET = string.ascii_letters + string.digits
_NOT_IN_SNAPSHOTS = frozenset(
    {
        "seed",
        "now",
        "meter",
        "costs_by_project_and_user",
        "key_deletion_delay",
        "reporting_delay",
        "_random",
    }
)


class Store:
    """The state of one organization.

    Tables hold plain dicts in wire shape. What an answer must not show is kept in them under
    names with a leading underscore. A record is changed by `Table.update` alone, never in
    place, nested values included: `snapshot` shares the records.

    `now` gives Unix seconds. Ids and secrets come from `seed`: the same calls give the same ids.
    """

    def __init__(self, *, seed: int, now: Callable[[], int]) -> None:
        self.seed = seed
        self.now = now
        self._random = random.Random(seed)

        self.organization: Record = {"id": self.new_id("organization"), "name": "Example"}
        self.keys = Keyring()
        """The accepted keys; whatever creates or deletes a key grants or revokes it here."""
        self.settings: dict[tuple[str, ...], Record] = {}
        """What exists once: `("spend_limit",)`, or for a project `("spend_limit", project_id)`."""
        self.meter: Any = None
        """Answers usage and costs; the demo organization puts it here."""
        self.bursts: list[Any] = []
        """Minutes in which a key is used many times as much as the meter says."""
        self.reporting_delay = 0
        """Seconds after which usage and costs are reported."""
        self.key_deletion_delay = 0
        """Seconds for which a deleted key still works."""
        self.costs_by_project_and_user = False
        """Whether costs can be grouped by people together with projects."""

        self.projects = Table("project", keys=lookups.PROJECTS)
        self.users = Table("user", keys=lookups.USERS)
        self.invites = Table("invite", keys=lookups.INVITES)
        self.admin_api_keys = Table("API key")
        self.certificates = Table("certificate", order="desc")
        self.audit_logs = Table(
            "audit log event", order="desc", keys=lookups.AUDIT_LOGS, numbers=("effective_at",)
        )
        self.groups = Table("group")
        self.roles = Table("role", keys=lookups.ROLES)
        self.spend_alerts = Table("spend alert")
        self.external_keys = Table("external key")
        self.external_storage = Table("external storage")
        self.workload_identity_providers = Table("workload identity provider")

        # By user id, or group id.
        self.user_roles = Scoped("role assignment")
        self.group_roles = Scoped("role assignment")
        self.group_users = Scoped("user")
        # By project id.
        self.project_users = Scoped("user")
        self.project_groups = Scoped("group")
        self.project_roles = Scoped("role", keys=lookups.ROLES)
        self.project_api_keys = Scoped("API key")
        self.project_service_accounts = Scoped("service account")
        self.project_rate_limits = Scoped("rate limit")
        self.project_certificates = Scoped("certificate", order="desc")
        self.project_spend_alerts = Scoped("spend alert")
        # By (project id, user id), or (project id, group id).
        self.project_user_roles = Scoped("role assignment")
        self.project_group_roles = Scoped("role assignment")
        # By workload identity provider id.
        self.federation_rules = Scoped("federation rule")
        # By the name of a fine-tuned model's checkpoint.
        self.checkpoint_permissions = Scoped("checkpoint permission", order="desc")

    def new_id(self, kind: str) -> str:
        """A new id in the API's style for this kind of thing, a key of `ID_PREFIXES`."""
        return ID_PREFIXES[kind] + self._letters(24)

    def new_secret(self, prefix: str = "sk-admin-") -> str:
        """A new key value with this prefix, which nobody takes for a real one."""
        return f"{prefix}emulated-{self._letters(48)}"

    @contextmanager
    def apart(self, randomness: random.Random) -> Iterator[None]:
        """Take ids and secrets from another sequence meanwhile, so that its own goes on as ever."""
        own, self._random = self._random, randomness
        try:
            yield
        finally:
            self._random = own

    def audit(
        self,
        event_type: str,
        payload: Record,
        *,
        actor: Record,
        project: Record | None = None,
        effective_at: int | None = None,
        id: str | None = None,
    ) -> Record:
        """Append an audit log event, whose payload is under a key named after its type.

        `project` is any record with the project's `id` and `name`. `effective_at`, in Unix
        seconds, is now unless given; events are appended in the order of their time. The event
        gets a new `id` unless one is given.
        """
        event: Record = {
            "id": id or self.new_id("audit_log"),
            "type": event_type,
            "effective_at": self.now() if effective_at is None else effective_at,
        }
        if project is not None:
            event["project"] = {"id": project["id"], "name": project["name"]}
        event["actor"] = actor
        event[event_type] = payload
        return self.audit_logs.add(event)

    def first_owner(self) -> Record:
        """The owner who has been in the organization longest; one is created if there is none."""
        return self.users.first(having={"role": {"owner"}}) or self.users.add(
            {
                "object": "organization.user",
                "id": self.new_id("user"),
                "name": "Olivia Owner",
                "email": "owner@example.com",
                "role": "owner",
                "added_at": self.now(),
            }
        )

    def issue_admin_key(
        self,
        name: str,
        owner: Record,
        *,
        id: str | None = None,
        scopes: frozenset[str] | None = None,
        expires_at: int | None = None,
    ) -> tuple[Record, str]:
        """Create an admin key of a user, accept it from now on, and return its record and value.

        It gets a new `id` unless one is given.
        """
        value = self.new_secret("sk-admin-")
        record = self.admin_api_keys.add(
            {
                "object": "organization.admin_api_key",
                "id": id or self.new_id("api_key"),
                "name": name,
                "redacted_value": redact(value, mask="..."),
                "created_at": self.now(),
                "last_used_at": None,
                "expires_at": expires_at,
                "owner": {
                    "type": "user",
                    "object": "organization.user",
                    "id": owner["id"],
                    "name": owner["name"],
                    "created_at": owner["added_at"],
                    "role": owner["role"],
                },
            }
        )
        self.keys.grant(
            Credential(
                id=record["id"],
                value=value,
                owner={"id": owner["id"], "email": owner["email"]},
                scopes=scopes,
                expires_at=expires_at,
            )
        )
        return record, value

    def refuse_key(self, id: str) -> None:
        """Refuse the key with this id, which was deleted, at once or after the delay there is."""
        key, delay = self.keys.find(id), self.key_deletion_delay
        if key is None or delay <= 0:
            self.keys.revoke(id)
            return
        end = self.now() + delay
        if key.expires_at is None or end < key.expires_at:
            self.keys.change(id, expires_at=end)

    def note_use(self, key: Credential) -> None:
        """Note that a key was used just now, to the second, also in the person who has it."""
        now, project_id = self.now(), key.project_id
        keys = self.admin_api_keys if project_id is None else self.project_api_keys[project_id]
        _note(keys, key.id, "last_used_at", now)
        if key.owner_type == "user":
            _note(self.users, key.owner["id"], "api_key_last_used_at", now)

    def snapshot(self) -> Snapshot:
        """The state as it is now, for `restore`; records are shared, so it is quick."""
        state = vars(self).items()
        copies = {name: value.copy() for name, value in state if name not in _NOT_IN_SNAPSHOTS}
        return Snapshot(copies, self._random.getstate())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this store; it can be used again."""
        vars(self).update({name: value.copy() for name, value in snapshot.state.items()})
        self._random.setstate(snapshot.randomness)

    def _letters(self, count: int) -> str:
        return "".join(self._random.choices(_ALPHABET, k=count))


def _note(table: Table, id: str, field: str, now: int) -> None:
    record = table.find(id)
    if record is not None and record.get(field) != now:
        table.update(id, {field: now})


class Snapshot:
    """The whole state of a store at one moment; opaque, made and used by `Store`."""

    def __init__(self, state: dict[str, Any], randomness: Any) -> None:
        self.state = state
        self.randomness = randomness
