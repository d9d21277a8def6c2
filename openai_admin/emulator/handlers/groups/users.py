"""Users of a group, who must be members of the organization."""

from __future__ import annotations

from ....resources.groups.users import GroupUsers
from ...listing import after_next, page
from ...routing import Call, emulates
from ...table import Record, Table
from . import LIMIT, own_group


@emulates(GroupUsers.list)
def list_users(call: Call) -> Record:
    store = call.store

    def render(member: Record) -> Record:
        user = store.users.get(member["id"])
        return {"id": user["id"], "name": user["name"] or "", "email": user["email"]}

    return after_next(page(call.query, _members(call), render=render, limit=LIMIT, order="desc"))


@emulates(GroupUsers.create)
def create(call: Call) -> Record:
    group = own_group(call)
    user = call.store.users.get(call.body["user_id"])
    members = _members(call)
    if user["id"] not in members:
        members.add({"id": user["id"]})
        _audit(call, "added", user["id"])
    return {"object": "group.user", "group_id": group["id"], "user_id": user["id"]}


@emulates(GroupUsers.retrieve)
def retrieve(call: Call) -> Record:
    user = call.store.users.get(_members(call).get(call.path["user_id"])["id"])
    return {
        "id": user["id"],
        "name": user["name"] or "",
        "email": user["email"],
        "is_service_account": False,
        "picture": None,
        "user_type": "user",
    }


@emulates(GroupUsers.delete)
def delete(call: Call) -> Record:
    own_group(call)
    user_id = _members(call).remove(call.path["user_id"])["id"]
    _audit(call, "removed", user_id)
    return {"object": "group.user.deleted", "deleted": True}


def _members(call: Call) -> Table:
    return call.store.group_users[call.store.groups.get(call.path["group_id"])["id"]]


def _audit(call: Call, what: str, user_id: str) -> None:
    # An organization's log has no event type of its own for this; those of `tenant.group` are
    # listed only when the tenant's log is asked for.
    event = {"id": call.path["group_id"], "changes_requested": {f"users_{what}": [user_id]}}
    call.audit("group.updated", event)
