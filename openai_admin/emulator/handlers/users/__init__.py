"""Members of the organization, whose last owner always stays an owner."""

from __future__ import annotations

from functools import partial

from ....resources.users import Users
from ...listing import after_last_id, page
from ...lookups import address
from ...replies import bad_request, invalid_choice
from ...role_holders import RoleHolder, keep_an_owner
from ...roles import Scope
from ...routing import Call, emulates
from ...rules import name_of, refuse_managed
from ...store import Store
from ...table import Record, public

ROLES = ("owner", "reader")
_NULLS = dict.fromkeys(
    (
        "api_key_last_used_at",
        "created",
        "developer_persona",
        "is_default",
        "is_scale_tier_authorized_purchaser",
        "is_scim_managed",
        "is_service_account",
        "technical_level",
    )
)


def rendered(store: Store, user: Record) -> Record:
    """A user as an answer shows it, with everything that the API says about one."""
    projects = [
        {k: project[k] for k in ("id", "name")}
        | {"role": store.project_users[project["id"]].get(user["id"])["role"]}
        for project in store.projects.some(store.project_users.scopes_of(user["id"]))
        if project["status"] != "archived"
    ]
    person = {
        "object": "user",
        "id": user["id"],
        "name": user["name"],
        "email": user["email"],
        "picture": None,
        "enabled": True,
        "banned": False,
        "banned_at": None,
    }
    listed = {"object": "list", "data": projects}
    return {**_NULLS, **public(user), "projects": listed, "user": person}


@emulates(Users.list)
def list_users(call: Call) -> Record:
    store = call.store
    wanted = {address(email) for email in call.query.texts("emails")}
    having = {"email": wanted} if wanted else None
    render = partial(rendered, store)
    return after_last_id(page(call.query, store.users, having=having, render=render))


@emulates(Users.retrieve)
def retrieve(call: Call) -> Record:
    return rendered(call.store, call.store.users.get(call.path["user_id"]))


@emulates(Users.update)
def update(call: Call) -> Record:
    store, body = call.store, call.body
    user = store.users.get(call.path["user_id"])
    role, role_id = body.get("role"), body.get("role_id")
    if role is not None and role not in ROLES:
        raise invalid_choice("role", role, ROLES)
    given = None if role_id is None else Scope(store).roles.get(role_id)
    if given is not None and given["predefined_role"]:
        if role is not None and role != given["name"]:
            raise bad_request("'role' and 'role_id' name different roles.", param="role_id")
        role, given = given["name"], None
    if role == "reader" and user["role"] == "owner":
        keep_an_owner(store, user["id"])
    traits = ("developer_persona", "technical_level")
    changes = {name: name_of(body, name) for name in traits if name in body}
    if role is not None:
        changes["role"] = role
    if changes:
        user = store.users.update(user["id"], changes)
        call.audit("user.updated", {"id": user["id"], "changes_requested": changes})
    if given is not None:
        RoleHolder.user(Scope(store), user["id"]).give(call, given["id"])
    return rendered(store, user)


@emulates(Users.delete)
def delete(call: Call) -> Record:
    store = call.store
    user = store.users.get(call.path["user_id"])
    refuse_managed(f"User '{user['id']}'", user)
    if user["role"] == "owner":
        keep_an_owner(store, user["id"])
    # Memberships and roles go. Keys stay, and stay in force: that they would be deleted is nowhere
    # documented, and the API lists keys whose owners have no access among those that are enabled.
    store.users.remove(user["id"])
    for memberships in (store.project_users, store.group_users):
        for scope in list(memberships.scopes_of(user["id"])):
            memberships[scope].remove(user["id"])
    store.user_roles.discard(user["id"])
    for key in [key for key in store.project_user_roles if key[1] == user["id"]]:
        store.project_user_roles.discard(key)
    call.audit("user.deleted", {"id": user["id"]})
    return {"object": "organization.user.deleted", "id": user["id"], "deleted": True}
