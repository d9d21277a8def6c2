"""Groups of users; those that an identity provider manages cannot be changed."""

from __future__ import annotations

from ....resources.groups import Groups
from ...listing import Limit, after_next, page
from ...routing import Call, emulates
from ...rules import name_of, refuse_managed
from ...table import Record, public

LIMIT = Limit(default=100, maximum=1000, minimum=0)
MAX_NAME = 255


@emulates(Groups.list)
def list_groups(call: Call) -> Record:
    return after_next(page(call.query, call.store.groups, limit=LIMIT))


@emulates(Groups.create)
def create(call: Call) -> Record:
    store = call.store
    group = store.groups.add(
        {
            "id": store.new_id("group"),
            "name": name_of(call.body, maximum=MAX_NAME),
            "created_at": store.now(),
            "group_type": "group",
            "is_scim_managed": False,
        }
    )
    call.audit("group.created", {"id": group["id"], "data": {"group_name": group["name"]}})
    return public(group)


@emulates(Groups.retrieve)
def retrieve(call: Call) -> Record:
    return public(call.store.groups.get(call.path["group_id"]))


@emulates(Groups.update)
def update(call: Call) -> Record:
    id = own_group(call)["id"]
    name = name_of(call.body, maximum=MAX_NAME)
    group = call.store.groups.update(id, {"name": name})
    call.audit("group.updated", {"id": id, "changes_requested": {"group_name": name}})
    return {k: group[k] for k in ("id", "name", "created_at", "is_scim_managed")}


@emulates(Groups.delete)
def delete(call: Call) -> Record:
    store, id = call.store, own_group(call)["id"]
    store.groups.remove(id)
    store.group_users.discard(id)
    store.group_roles.discard(id)
    for project_id in list(store.project_groups.scopes_of(id)):
        store.project_groups[project_id].remove(id)
        store.project_group_roles.discard((project_id, id))
    call.audit("group.deleted", {"id": id})
    return {"object": "group.deleted", "id": id, "deleted": True}


def own_group(call: Call) -> Record:
    """The group that the path names, which must be the organization's own to change."""
    group = call.store.groups.get(call.path["group_id"])
    refuse_managed(f"Group '{group['name']}'", group)
    return group
