"""Keys of projects and of the organization, and their owners."""

from __future__ import annotations

from .answer import JSON, OddAnswer, dropping, nulling, of_items, setting

_OF_PROJECTS = "projects.api_keys.list projects.api_keys.retrieve"
_ADMIN = "admin_api_keys.list admin_api_keys.retrieve"
_BOTH = f"{_OF_PROJECTS} {_ADMIN}"
_CREATED = (
    "admin_api_keys.create projects.service_accounts.create"
    " projects.service_accounts.api_keys.create"
)


def _holder(owner: JSON) -> JSON:
    """Who owns a key, however the owner is written."""
    return owner.get("user") or owner.get("service_account") or owner


def _flat(key: JSON) -> JSON:
    owner = key.get("owner") or {}
    holder = _holder(owner)
    flat = {"type": owner.get("type"), "id": holder.get("id"), "name": holder.get("name")}
    return {**key, "owner": flat}


def _nested(key: JSON) -> JSON:
    owner = key.get("owner") or {}
    kind = owner.get("type", "user")
    holder = {name: _holder(owner).get(name) for name in ("id", "name")}
    return {**key, "owner": {"type": kind, kind: holder}}


def _of_user(holder: JSON | None) -> JSON:
    return {"type": "user", "user": holder}


KEYS: tuple[OddAnswer, ...] = (
    of_items(
        _BOTH,
        "owner_null",
        "A key's owner is null, as that of one who was deleted.",
        nulling("owner"),
    ),
    of_items(_BOTH, "owner_absent", "A key has no owner.", dropping("owner")),
    of_items(_BOTH, "owner_flat", "A key's owner is flat: type, id and name.", _flat),
    of_items(
        _BOTH, "owner_nested", "A key's owner is nested: type, and an object under it.", _nested
    ),
    of_items(
        _BOTH,
        "owner_user_null",
        "A key belongs to a user who is null.",
        setting(owner=_of_user(None)),
    ),
    of_items(
        _BOTH,
        "owner_user_id_null",
        "A key belongs to a user whose id is null.",
        setting(owner=_of_user({"id": None, "name": "Gone"})),
    ),
    of_items(_BOTH, "last_used_at_absent", "A key has no last_used_at.", dropping("last_used_at")),
    of_items(
        f"{_BOTH} {_CREATED}",
        "created_at_absent",
        "A key, or an answer that shows one for the first time, has no created_at.",
        dropping("created_at"),
    ),
    of_items(_BOTH, "key_name_null", "A key's name is null.", nulling("name")),
    of_items(
        _ADMIN,
        "project_key",
        "A project's key is listed among the admin keys, owned by a service account.",
        setting(
            redacted_value="sk-svcacct-...abcd",
            owner={"type": "service_account", "id": "svc_acct_odd", "name": "bot"},
        ),
    ),
    of_items(
        _ADMIN,
        "owner_service_account",
        "An admin key belongs to a service account.",
        setting(owner={"type": "service_account", "id": "svc_acct_odd", "name": "bot"}),
    ),
    of_items(
        _CREATED,
        "created_owner_absent",
        "The answer that shows a key for the first time has no owner, role or name.",
        dropping("owner", "role", "name"),
    ),
    of_items(
        _CREATED,
        "created_id_absent",
        "The answer that shows a key for the first time has no id.",
        dropping("id"),
    ),
)
