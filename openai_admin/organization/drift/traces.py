"""Which events of the audit log tell of what a plan would take back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from ..planning.model import FieldChange, Step


@attrs.frozen
class Trace:
    """The events that something left.

    Attributes:
        types: their types.
        ids: the arguments of the step whose values they name, all of them.
        setting: what they call the setting that was changed; empty where they are about one thing.
        names: what they call fields of the file, by those, where it is another name.
        is_whole: whether they tell a setting as a whole, also what of it was not changed.
        named_by: the types of events by which the name of what is gone is known, where the step
            does not know its id.
    """

    types: Sequence[str]
    ids: Sequence[str] = ()
    setting: str = ""
    names: Mapping[str, Sequence[str]] = attrs.field(factory=dict)
    is_whole: bool = False
    named_by: Sequence[str] = ()


def _thing(event: str, argument: str, **names: Sequence[str]) -> _Table:
    """The traces of things whose events name their id, and one or another their name."""
    made, changed, gone = (f"{event}.{what}" for what in ("created", "updated", "deleted"))
    return {
        "create": Trace((gone,), named_by=(made, changed, gone)),
        "update": Trace((changed,), (argument,), names=names),
        "delete": Trace((made,), (argument,)),
    }


def _roles(*ids: str) -> _Table:
    """The traces of roles that are assigned."""
    return {
        "create": Trace(("role.assignment.deleted",), ids),
        "delete": Trace(("role.assignment.created",), ids),
    }


def _setting(event: str, setting: str, **names: Sequence[str]) -> Trace:
    ids = ("project_id",) if event == "project" else ()
    return Trace((f"{event}.updated",), ids, setting, names, is_whole=True)


def _alert(event: str) -> Trace:
    names = {"amount": ("threshold_amount",), "emails": ("recipients",)}
    return Trace((f"{event}.updated",), ("alert_id",), "spend_alert", names, is_whole=True)


_Table = Mapping[str, Trace]
_PROVIDER = "workload_identity_provider_id"
_RULE = "workload_identity_federation_rule_id"
_ADDED, _REMOVED = "permissions_added", "permissions_removed"
_OF_ROLES: Mapping[str, Sequence[str]] = {
    "name": ("role_name",),
    "permissions": (_ADDED, _REMOVED),
}

OF_RESOURCES: Mapping[str, _Table] = {
    "users": {
        "update": Trace(("user.updated",), ("user_id",)),
        "delete": Trace(("user.added",), ("user_id",)),
    },
    "invites": {"delete": Trace(("invite.sent",), ("invite_id",))},
    "users.roles": _roles("user_id", "role_id"),
    "groups": {
        **_thing("group", "group_id"),
        "update": Trace(("group.updated",), ("group_id",), names={"name": ("group_name",)}),
    },
    "groups.users": {
        "create": Trace(("group.updated",), ("group_id", "user_id")),
        "delete": Trace(("group.updated",), ("group_id", "user_id")),
    },
    "groups.roles": _roles("group_id", "role_id"),
    "roles": _thing("role", "role_id", **_OF_ROLES),
    "projects": {
        "create": Trace(("project.deleted",), named_by=("project.created", "project.updated")),
        "update": Trace(
            ("project.updated",),
            ("project_id",),
            names={"name": ("title", "name"), "external_key": ("external_key_id",)},
        ),
        "archive": Trace(("project.created",), ("project_id",)),
    },
    "projects.users": {
        "create": Trace(("user.deleted",), ("user_id",)),
        "update": Trace(("user.updated",), ("user_id",)),
        "delete": Trace(("user.added",), ("user_id",)),
    },
    "projects.users.roles": _roles("user_id", "role_id"),
    "projects.groups": {
        "create": Trace(("role.assignment.deleted",), ("group_id",)),
        "delete": Trace(("role.assignment.created",), ("group_id",)),
    },
    "projects.groups.roles": _roles("group_id", "role_id"),
    "projects.roles": _thing("role", "role_id", **_OF_ROLES),
    # No event has the name of an account, so that which one is gone cannot be told.
    "projects.service_accounts": {
        "update": Trace(("service_account.updated",), ("service_account_id",)),
        "delete": Trace(("service_account.created",), ("service_account_id",)),
    },
    "projects.rate_limits": {"update": Trace(("rate_limit.updated",), ("rate_limit_id",))},
    "projects.spend_limit": dict.fromkeys(("update", "delete"), _setting("project", "spend_limit")),
    "projects.spend_alerts": dict.fromkeys(("update", "delete"), _alert("project")),
    "projects.model_permissions": dict.fromkeys(
        ("update", "delete"), _setting("project", "model_permissions", models=("model_ids",))
    ),
    "projects.hosted_tool_permissions": {"update": _setting("project", "hosted_tool_permissions")},
    "projects.service_tier_settings": {
        "update": _setting("project", "service_tier_settings", enabled=("enabled_tiers",))
    },
    "projects.data_retention": {"update": _setting("project", "data_retention")},
    "projects.certificates": {
        "activate": Trace(("certificates.deactivated",), ("certificate_ids",)),
        "deactivate": Trace(("certificates.activated",), ("certificate_ids",)),
    },
    "external_storage": {
        "delete": Trace(("external_storage.registered",), ("external_storage_id",))
    },
    "spend_limit": dict.fromkeys(("update", "delete"), _setting("organization", "spend_limit")),
    "spend_alerts": dict.fromkeys(("update", "delete"), _alert("organization")),
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
    "workload_identity_providers": _thing(
        "workload_identity_provider",
        _PROVIDER,
        transformations=("attribute_transformations",),
        discovery_url=("verification",),
        jwks=("verification",),
    ),
    "workload_identity_providers.federation_rules": _thing(
        "workload_identity_provider_mapping", _RULE, attributes=("attribute_matchers",)
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
        change: the change that one must tell; ``None`` for whatever it tells.
    """

    trace: Trace
    ids: frozenset[str]
    name: str | None
    project_id: str | None
    change: FieldChange | None = None

    def told(self, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What an event says of the change, by its own names; ``None`` where that is nothing."""
        setting, change = self.trace.setting, self.change
        found = _named(payload, setting) if setting else payload
        if found is _ABSENT:
            return None
        if change is None or change.field == setting or not isinstance(found, Mapping):
            return {setting: found}
        names = self.trace.names.get(change.field, (change.field,))
        values = {name: _named(found, name) for name in names}
        return {name: value for name, value in values.items() if value is not _ABSENT} or None

    def is_all(self, told: Mapping[str, Any]) -> bool:
        """Whether an event says all of the change: of permissions, each that came or went."""
        if self.change is None or not told.keys() & {_ADDED, _REMOVED}:
            return True
        old, new = {*(self.change.old or ())}, {*(self.change.new or ())}
        return new - old <= {*told.get(_ADDED, ())} and old - new <= {*told.get(_REMOVED, ())}

    def is_all_since(self, before: Mapping[str, Any]) -> bool:
        """Whether all of the change came after an event: of a list, each part that differs."""
        if self.change is None or not isinstance(self.change.new, tuple):
            return True
        old, new = {*_listed(self.change.old)}, {*_listed(self.change.new)}
        earlier = {each for value in before.values() for each in _listed(value)}
        return earlier.isdisjoint(new - old) and old - new <= earlier


def wanted_of(step: Step, change: FieldChange | None = None) -> Wanted | None:
    """What to look for of a step; ``None`` where no event could be told from others.

    Args:
        step: the step.
        change: the change of it that is meant, `old` as the file says, where it changes something.
    """
    resource, _, verb = step.operation.rpartition(".")
    trace = OF_RESOURCES.get(resource, {}).get(verb)
    if trace is None:
        return None
    ids: list[Any] = []
    for argument in trace.ids:
        value = step.arguments.get(argument)
        ids += value if isinstance(value, list | tuple) else [value]
    if "certificate_ids" in trace.ids:  # each is a change of its own, which has its label
        if change is not None:
            labels = [each.field for each in step.changes]
            ids = [ids[labels.index(change.field)]]
        change = None
    if not all(isinstance(id, str) for id in ids):
        return None  # what another step makes is not there
    if trace.named_by:
        return Wanted(trace, frozenset(), _name(step), _place(step))
    return Wanted(trace, frozenset(ids), None, _place(step), change)


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


_ABSENT = object()


def _named(value: Any, name: str) -> Any:
    """The value that has a name in a payload, however deep; `_ABSENT` where none has."""
    if not isinstance(value, Mapping):
        return _ABSENT
    if name in value:
        return value[name]
    deeper = (_named(each, name) for each in value.values())
    return next((found for found in deeper if found is not _ABSENT), _ABSENT)


def shown_in(payload: Mapping[str, Any], changes: Iterable[FieldChange]) -> frozenset[str]:
    """The fields of something new that the event which tells of it says as they are now."""
    return frozenset(
        each.field for each in changes if _is_same(_named(payload, each.field), each.new)
    )


def _is_same(told: Any, now: Any) -> bool:
    """Whether values are the same; of lists, in whichever order."""
    if isinstance(now, tuple) and isinstance(told, list):
        return all(each in now for each in told) and all(each in told for each in now)
    return bool(told == now)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else () if value is None else (value,)
