"""Which events of the audit log tell of what a plan would take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ..planning.model import Step


@attrs.frozen
class Trace:
    """The events that something left.

    Attributes:
        types: their types.
        ids: the arguments of the step whose values they name, all of them.
        keys: what they say was changed, any of these; empty for whatever it was.
        named_by: the types of events by which the name of what is gone is known, where the step
            does not know its id.
    """

    types: Sequence[str]
    ids: Sequence[str] = ()
    keys: Sequence[str] = ()
    named_by: Sequence[str] = ()


def _thing(event: str, argument: str) -> _Table:
    """The traces of things whose events name their id, and one or another their name."""
    made, changed, gone = (f"{event}.{what}" for what in ("created", "updated", "deleted"))
    return {
        "create": Trace((gone,), named_by=(made, changed, gone)),
        "update": Trace((changed,), (argument,)),
        "delete": Trace((made,), (argument,)),
    }


def _roles(*ids: str) -> _Table:
    """The traces of roles that are assigned."""
    return {
        "create": Trace(("role.assignment.deleted",), ids),
        "delete": Trace(("role.assignment.created",), ids),
    }


def _setting(event: str, *keys: str, argument: str = "project_id") -> Trace:
    return Trace((f"{event}.updated",), (argument,) if event == "project" else (), keys)


_Table = Mapping[str, Trace]
_PROVIDER = "workload_identity_provider_id"
_RULE = "workload_identity_federation_rule_id"

OF_RESOURCES: Mapping[str, _Table] = {
    "users": {
        "update": Trace(("user.updated",), ("user_id",), ("role",)),
        "delete": Trace(("user.added",), ("user_id",)),
    },
    "invites": {"delete": Trace(("invite.sent",), ("invite_id",))},
    "users.roles": _roles("user_id", "role_id"),
    "groups": {
        **_thing("group", "group_id"),
        "update": Trace(("group.updated",), ("group_id",), ("group_name",)),
    },
    "groups.users": {
        "create": Trace(("group.updated",), ("group_id", "user_id")),
        "delete": Trace(("group.updated",), ("group_id", "user_id")),
    },
    "groups.roles": _roles("group_id", "role_id"),
    "roles": _thing("role", "role_id"),
    "projects": {
        "create": Trace(("project.deleted",), named_by=("project.created", "project.updated")),
        "update": Trace(
            ("project.updated",), ("project_id",), ("title", "name", "external_key_id")
        ),
        "archive": Trace(("project.created",), ("project_id",)),
    },
    "projects.users": {
        "create": Trace(("user.deleted",), ("user_id",)),
        "update": Trace(("user.updated",), ("user_id",), ("role",)),
        "delete": Trace(("user.added",), ("user_id",)),
    },
    "projects.users.roles": _roles("user_id", "role_id"),
    "projects.groups": {
        "create": Trace(("role.assignment.deleted",), ("group_id",)),
        "delete": Trace(("role.assignment.created",), ("group_id",)),
    },
    "projects.groups.roles": _roles("group_id", "role_id"),
    "projects.roles": _thing("role", "role_id"),
    # No event has the name of an account, so that which one is gone cannot be told.
    "projects.service_accounts": {
        "update": Trace(("service_account.updated",), ("service_account_id",)),
        "delete": Trace(("service_account.created",), ("service_account_id",)),
    },
    "projects.rate_limits": {"update": Trace(("rate_limit.updated",), ("rate_limit_id",))},
    "projects.spend_limit": dict.fromkeys(("update", "delete"), _setting("project", "spend_limit")),
    "projects.spend_alerts": dict.fromkeys(
        ("update", "delete"), Trace(("project.updated",), ("alert_id",), ("spend_alert",))
    ),
    "projects.model_permissions": dict.fromkeys(
        ("update", "delete"), _setting("project", "model_permissions")
    ),
    "projects.hosted_tool_permissions": {"update": _setting("project", "hosted_tool_permissions")},
    "projects.service_tier_settings": {"update": _setting("project", "service_tier_settings")},
    "projects.data_retention": {"update": _setting("project", "data_retention")},
    "projects.certificates": {
        "activate": Trace(("certificates.deactivated",), ("certificate_ids",)),
        "deactivate": Trace(("certificates.activated",), ("certificate_ids",)),
    },
    "external_storage": {
        "delete": Trace(("external_storage.registered",), ("external_storage_id",))
    },
    "spend_limit": dict.fromkeys(("update", "delete"), _setting("organization", "spend_limit")),
    "spend_alerts": dict.fromkeys(
        ("update", "delete"), Trace(("organization.updated",), ("alert_id",), ("spend_alert",))
    ),
    "data_retention": {"update": _setting("organization", "data_retention")},
    "certificates": {
        **_thing("certificate", "certificate_id"),
        "activate": Trace(("certificates.deactivated",), ("certificate_ids",)),
        "deactivate": Trace(("certificates.activated",), ("certificate_ids",)),
    },
    "external_keys": {
        "create": Trace(("external_key.removed",), named_by=("external_key.registered",)),
        "delete": Trace(("external_key.registered",), ("external_key_id",)),
    },
    "workload_identity_providers": _thing("workload_identity_provider", _PROVIDER),
    "workload_identity_providers.federation_rules": _thing(
        "workload_identity_provider_mapping", _RULE
    ),
}
"""By what makes, changes and removes a thing, the events of the opposite having happened."""


@attrs.frozen
class Wanted:
    """What is looked for in the audit log.

    Attributes:
        trace: the events.
        ids: the ids that one must name; empty where the id is not known.
        name: what the thing is called, where its id is not known.
        project_id: the project that it happened in; ``""`` where it does not matter, ``None`` for
            the organization.
    """

    trace: Trace
    ids: frozenset[str]
    name: str | None
    project_id: str | None


def wanted_of(step: Step) -> Wanted | None:
    """What to look for of a step; ``None`` where no event could be told from others."""
    resource, _, verb = step.operation.rpartition(".")
    trace = OF_RESOURCES.get(resource, {}).get(verb)
    if trace is None:
        return None
    ids: list[Any] = []
    for argument in trace.ids:
        value = step.arguments.get(argument)
        ids += value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(id, str) for id in ids):
        return None  # what another step makes is not there
    if trace.named_by:
        return Wanted(trace, frozenset(), _name(step), _place(step))
    return Wanted(trace, frozenset(ids), None, _place(step))


def of_archived(project_id: str) -> Wanted:
    """What to look for of a project that was archived."""
    return Wanted(Trace(("project.archived",)), frozenset((project_id,)), None, "")


def _name(step: Step) -> str:
    name = step.arguments.get("name", step.arguments.get("role_name"))
    return name if isinstance(name, str) else step.subject


def _place(step: Step) -> str | None:
    id = step.arguments.get("project_id")
    if isinstance(id, str) and step.section != "identity_providers.rules":
        return id
    return "" if step.project is not None or "." in step.section else None
