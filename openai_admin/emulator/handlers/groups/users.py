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
        _audit_membership(call, "added", group["id"], user["id"])
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
    group = own_group(call)
    user_id = _members(call).remove(call.path["user_id"])["id"]
    _audit_membership(call, "removed", group["id"], user_id)
    return {"object": "group.user.deleted", "deleted": True}


def _members(call: Call) -> Table:
    return call.store.group_users[call.store.groups.get(call.path["group_id"])["id"]]


def _audit_membership(call: Call, what: str, group_id: str, user_id: str) -> None:
    # The log has no event of an organization's group for this, only one of the tenant's.
    call.audit(f"tenant.group.member.{what}", {"id": group_id, "user_id": user_id})
