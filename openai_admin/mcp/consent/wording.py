"""A call in words for the person who is asked: what is done to what, and what it gives to whom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..._declare.effect import USUAL_ROLES
from ..._declare.operation import Operation
from ...directory.naming import name_of
from ...directory.permissions import OWNER, is_owner_like
from ...directory.wording import dollars, is_cents
from ..texts import quoted
from .things import Thing, Things

_MOST_LISTED = 20
_MOST_CHARACTERS = 200  # of an id or a text that is passed

Arguments = Mapping[str, Any]


def described(operation: Operation, arguments: Arguments, things: Things) -> str:
    """What a call is about: its arguments, with the names of what their ids stand for."""
    own = next((name for name in reversed([*arguments]) if _is_in_path(operation, name)), None)
    parts: list[str] = []
    for name, value in arguments.items():
        if name not in operation.parameters:  # it says how the answer is wanted
            continue
        of_subject = things.subject if name == own else None
        parts.append(f"{name} {_value(name, value, things, of_subject)}")
    amounts = [(n, v) for n, v in (things.subject or {}).items() if is_cents(n, v)]
    parts += [f"{name} {dollars(value)} until now" for name, value in amounts]
    return "; ".join(parts)


def _is_in_path(operation: Operation, name: str) -> bool:
    parameter = operation.parameters.get(name)
    return parameter is not None and parameter.place == "path"


def _value(name: str, value: Any, things: Things, subject: Thing | None = None) -> str:
    if is_cents(name, value):
        return dollars(value)
    if isinstance(value, str):
        argument = "role_id" if name == "role" else name
        return _labelled(value, things.get(argument, value) or subject)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, Sequence):
        return _listed(name.removesuffix("s"), value, things)
    return quoted(_json(value), most=_MOST_CHARACTERS)


def _listed(name: str, values: Sequence[Any], things: Things) -> str:
    """The values of a list, what gives most power first."""
    ordered = sorted(values, key=lambda each: not _is_powerful(each))
    shown = [_item(name, each, things) for each in ordered[:_MOST_LISTED]]
    if rest := len(values) - len(shown):
        shown.append(f"and {rest:,} more")
    return ", ".join(shown) or "none"


def _item(name: str, value: Any, things: Things) -> str:
    if name == "project" and isinstance(value, Mapping):
        id = value.get("id")
        label = _labelled(str(id), things.get("project_id", id))
        return f"{label} as {quoted(str(value.get('role')))}"
    return _value(name, value, things)


def _is_powerful(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.get("role") == OWNER
    return isinstance(value, str) and is_owner_like([value], of_project=True)


def _labelled(id: str, thing: Thing | None) -> str:
    """A text, behind the name of what it is the id of."""
    shown = quoted(id, most=_MOST_CHARACTERS)
    name = name_of(thing) if thing else None
    return shown if name is None or name == id else f"{quoted(name)} ({shown[1:-1]})"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


# --- power ---------------------------------------------------------------------------------


def power(operation: Operation, arguments: Arguments, things: Things) -> list[str]:
    """What a call that grants power gives to whom, a sentence each."""
    found = [*_as_owner(arguments, things), *_by_role(operation, arguments, things)]
    found += _by_permissions(arguments, things)
    if operation.name == "groups.users.create":
        found.append(_by_joining(things.roles))
    if arguments.get("create_service_account_only") is True:
        return found or ["It makes an account that has no key yet."]
    return found or [_OTHERWISE.get(operation.name, "It gives power.")]


def _whom(arguments: Arguments, things: Things) -> str:
    for name in ("user_id", "email", "service_account_id", "group_id"):
        value = arguments.get(name)
        if isinstance(value, str):
            every = "everybody in the group " if name == "group_id" else ""
            found = things.get(name, value) or things.subject
            return every + _labelled(value, found)
    return "them"


def _where(arguments: Arguments, things: Things) -> str:
    project = arguments.get("project_id")
    if not isinstance(project, str):
        return "the organization"
    return f"the project {_labelled(project, things.get('project_id', project))}"


def _as_owner(arguments: Arguments, things: Things) -> Iterator[str]:
    role = arguments.get("role")
    whom = _whom(arguments, things)
    if isinstance(role, str) and role.strip().lower() == OWNER:
        yield f"It makes {whom} an owner of {_where(arguments, things)}."
    elif isinstance(role, str) and role not in USUAL_ROLES and "group_id" not in arguments:
        yield f"What the role {quoted(role)} permits is not known: it may make {whom} an owner."
    for each in arguments.get("projects") or ():
        if isinstance(each, Mapping) and each.get("role") == OWNER:
            id = each.get("id")
            label = _labelled(str(id), things.get("project_id", id))
            yield f"It makes {whom} an owner of the project {label}."


def _by_role(operation: Operation, arguments: Arguments, things: Things) -> Iterator[str]:
    role = arguments.get("role_id")
    if role is None and "group_id" in arguments:
        role = arguments.get("role")
    if not isinstance(role, str):
        return
    if operation.name in _OF_ROLES:
        return
    of_project = operation.name.startswith("projects.")
    thing = things.get("role_id", role)
    permissions = (thing or {}).get("permissions")
    yield (
        f"It gives {_whom(arguments, things)} the role {_labelled(role, thing)} in"
        f" {_where(arguments, things)}{_permitting(permissions, of_project=of_project)}."
    )


def _by_joining(roles: Sequence[Thing] | None) -> str:
    """What somebody gets who joins a group."""
    projects = "and what the group may do in projects, which was not looked at"
    if roles is None:
        return f"It gives them all that the group may do, which could not be read, {projects}."
    if not roles:
        return f"It gives them no role in the organization, {projects}."
    listed = ", ".join(quoted(name_of(role) or "?") for role in roles[:_MOST_LISTED])
    rest = f" and {len(roles) - _MOST_LISTED:,} more" if len(roles) > _MOST_LISTED else ""
    permissions = [each for role in roles for each in role.get("permissions") or ()]
    owner = _OWNING if is_owner_like(_texts(permissions), of_project=False) else ""
    return f"It gives them the group's roles ({listed}{rest}){owner}, {projects}."


def _permitting(permissions: Any, *, of_project: bool) -> str:
    if not isinstance(permissions, list):
        return "; what the role permits could not be read, and it may make an owner"
    shown = _listed("permission", permissions, Things())
    owner = _OWNING if is_owner_like(_texts(permissions), of_project=of_project) else ""
    return f", which permits {shown}{owner}"


def _by_permissions(arguments: Arguments, things: Things) -> Iterator[str]:
    if "permissions" in arguments:
        new = _texts(arguments["permissions"] or ())
        subject = things.subject or {}
        old = subject.get("permissions")
        added = new if not isinstance(old, list) else [each for each in new if each not in old]
        owner = _OWNING if is_owner_like(added, of_project="project_id" in arguments) else ""
        unread = "" if isinstance(old, list) else " (what is permitted now could not be read)"
        lost = [each for each in _texts(old) if each not in new] if isinstance(old, list) else []
        whoever = "Whoever has the role"
        if added:
            yield f"{whoever} gets {_listed('permission', added, Things())}{owner}{unread}."
        if lost:
            yield f"{whoever} loses {_listed('permission', lost, Things())}."
        if not added and not lost:
            yield f"What the role permits stays as it is{unread}."
    if "scopes" in arguments and not arguments["scopes"]:
        yield "Without scopes the key may do everything."
    elif "scopes" in arguments:
        yield "It changes what the key may do."


def _texts(values: Iterable[Any]) -> list[str]:
    return [each for each in values if isinstance(each, str)]


_OF_ROLES = frozenset({"roles.update", "projects.roles.update"})
"""What changes a role, and gives it to nobody."""
_OWNING = ", with which they can make themselves an owner"
_KEY = "Whoever has the new key can use the project at the organization's expense."
_TOKENS = "It changes whose tokens are taken, and so who can act as a service account."
_OTHERWISE: Mapping[str, str] = {
    "admin_api_keys.create": (
        "Whoever has the new key can manage the whole organization: its people, keys and limits."
    ),
    "fine_tuning.checkpoints.permissions.create": "It lets the projects use the fine-tuned model.",
    "projects.service_accounts.api_keys.create": _KEY,
    "projects.service_accounts.create": _KEY,
    "workload_identity_providers.federation_rules.create": _TOKENS,
    "workload_identity_providers.federation_rules.update": _TOKENS,
    "workload_identity_providers.update": _TOKENS,
}
