"""Projects, and everything in them, as blocks."""

from __future__ import annotations

from typing import Any

import attrs

from ..document.model import Models, Project, RateLimit
from ..folding import folded
from .blocks import Block, Reference
from .making import INTERVAL, Making, alert_of, cents, name_of

_TOOLS = ("code_interpreter", "file_search", "image_generation", "mcp", "web_search")
_LIMITS = tuple(a.name for a in attrs.fields(RateLimit) if a.name != "id")


def add_project(making: Making, label: str, project: Project) -> Block | None:
    """Add a project and what is in it; ``None`` where its id is not known."""
    if project.id is None:
        return None
    if making.lacks(f"the project {label}", {"name": name_of(project, label)}):
        return None
    one = _One(making, label, project, project.id)
    one.add_all()
    return one.block


class _One:
    """One project; private."""

    def __init__(self, making: Making, label: str, project: Project, id: str) -> None:
        keys = making.state.document.external_keys or {}
        key = keys.get(project.external_key or "")
        self._making, self._label, self._project, self._id = making, label, project, id
        self._section = f"The project {label}"
        attributes = {
            "name": name_of(project, label),
            "geography": project.geography,
            "external_key_id": None if key is None else key.id,
        }
        self.block = making.add(self._section, "project", [label], attributes, [id])
        self._roles: dict[str, Reference | str] = {
            name: role_id for (place, name), role_id in making.state.role_ids.items() if place == id
        }

    def add_all(self) -> None:
        self._own_roles()
        self._members()
        self._groups()
        for label, account in (self._project.service_accounts or {}).items():
            if account.id is not None:
                name = {"name": name_of(account, label)}
                what = f"the service account {label} of {self._label}"
                if not self._making.lacks(what, name):
                    self._add("project_service_account", [label], name, account.id)
        self._limits()
        self._settings()
        self._left_out()

    def _add(self, kind: str, words: list[str], attributes: dict[str, Any], *ids: str) -> Block:
        return self._making.add(
            self._section,
            kind,
            [self._label, *words],
            {"project_id": self.block.its("project_id"), **attributes},
            [self._id, *ids],
        )

    def _own_roles(self) -> None:
        for label, role in (self._project.roles or {}).items():
            needed = {"name": name_of(role, label), "permissions": role.permissions}
            what = f"the role {label} of {self._label}"
            if role.id is None or self._making.lacks(what, needed):
                continue
            block = self._add(
                "project_role",
                [label],
                {
                    "role_name": needed["name"],
                    "description": role.description,
                    "permissions": needed["permissions"],
                },
                role.id,
            )
            self._roles[label] = block.its("role_id")

    def _members(self) -> None:
        people = self._making.state.document.people or {}
        ids = {address: id for id, address in self._making.state.addresses.items()}
        for label, member in (self._project.members or {}).items():
            person = people.get(label)
            id = person.id if person is not None else ids.get(label)
            if id is None:
                if folded(label) not in self._making.state.invites:  # which say it themselves
                    self._lack(f"the id of {label}")
                continue
            words = [label.partition("@")[0]]
            whose = {"user_id": self._making.people.get(label, id)}
            if member.role is not None:
                self._add("project_user", words, {**whose, "role": member.role}, id)
            for role in member.roles or ():
                role_id = self._role_id(role)
                if role_id is None:
                    self._lack(f"the id of the role {role} of {label}")
                    continue
                attributes = {**whose, "role_id": self._roles[role]}
                self._add("project_user_role", [*words, role], attributes, id, role_id)

    def _groups(self) -> None:
        groups = self._making.state.document.groups or {}
        for label, given in (self._project.groups or {}).items():
            group = groups.get(label)
            if group is None or group.id is None:
                self._lack(f"the id of the group {label}")
                continue
            whose = {"group_id": self._making.groups[label]}
            ids = {role: self._role_id(role) for role in given.roles}
            known = {role: id for role, id in ids.items() if id is not None}
            for role in sorted(ids.keys() - known.keys()):
                self._lack(f"the id of the role {role} of {label}")
            if not known:
                self._lack(f"the role of the group {label}")
            for i, (role, role_id) in enumerate(known.items()):
                if not i:
                    attributes = {**whose, "role": self._roles[role]}
                    self._add("project_group", [label], attributes, group.id, role_id)
                else:
                    attributes = {**whose, "role_id": self._roles[role]}
                    self._add("project_group_role", [label, role], attributes, group.id, role_id)

    def _role_id(self, label: str) -> str | None:
        return self._making.role_id(label, self._project.roles, self._id)

    def _lack(self, what: str) -> None:
        self._making.leave(f"In the project {self._label}, {what} is not known.")

    def _limits(self) -> None:
        for model, limit in (self._project.rate_limits or {}).items():
            if limit.id is not None:
                values = {name: getattr(limit, name) for name in _LIMITS}
                attributes = {"rate_limit_id": limit.id, **values}
                self._add("project_rate_limit", [model], attributes, limit.id)

    def _settings(self) -> None:
        project = self._project
        if project.spend_limit is not None and not isinstance(project.spend_limit, str):
            amount = {**INTERVAL, "threshold_amount": cents(project.spend_limit)}
            self._add("project_spend_limit", [], amount)
        for alert in project.spend_alerts or ():
            if alert.id is not None:
                words = [f"at_{cents(alert.amount)}"]
                self._add("project_spend_alert", words, alert_of(alert), alert.id)
        if isinstance(project.models, Models):
            models = {"mode": project.models.mode, "model_ids": project.models.models}
            self._add("project_model_permissions", [], models)
        tools = project.hosted_tools or {}
        if all(name in tools for name in _TOOLS):
            enabled = {f"{name}_enabled": tools[name] for name in _TOOLS}
            self._add("project_hosted_tool_permissions", [], enabled)
        elif tools:
            self._lack("whether each hosted tool may be used")
        if project.data_retention is not None:
            self._add("project_data_retention", [], {"type": project.data_retention})

    def _left_out(self) -> None:
        project = self._project
        for what, is_set in (
            ("service tiers", project.service_tiers is not None),
            ("certificates that are active in a project", bool(project.certificates)),
            ("external storage", bool(project.external_storage)),
            ("the role of a service account", bool(project.service_accounts)),
            ("the residency of a project", project.residency is not None),
        ):
            if is_set:
                self._making.leave(f"The provider has no resource or attribute for {what}.")
