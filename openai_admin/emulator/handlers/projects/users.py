"""Members of a project, who must be members of the organization first."""

from __future__ import annotations

from ....resources.projects.users import ProjectUsers
from ...listing import after_last_id, page
from ...lookups import address
from ...replies import bad_request, invalid, invalid_choice, missing
from ...routing import Call, emulates
from ...rules import active_project
from ...table import Record, Table, public

ROLES = ("owner", "member", "viewer")


@emulates(ProjectUsers.list)
def list_users(call: Call) -> Record:
    return after_last_id(page(call.query, _users(call)))


@emulates(ProjectUsers.create)
def create(call: Call) -> Record:
    store = call.store
    project = active_project(call)
    role = _role(call.body["role"])
    user = _member_of_organization(call)
    users = store.project_users[project["id"]]
    if user["id"] in users:
        # 400 and 409 have been seen [mkdev's provider]; `OtherRefusal` gives the other.
        raise bad_request(
            f"User '{user['id']}' already exists in project.", code="user_already_in_project"
        )
    member = users.add(
        {
            "object": "organization.project.user",
            "id": user["id"],
            "name": user["name"],
            "email": user["email"],
            "role": role,
            "added_at": store.now(),
        }
    )
    call.audit("user.added", {"id": user["id"], "data": {"role": role}}, project=project)
    return public(member)


@emulates(ProjectUsers.retrieve)
def retrieve(call: Call) -> Record:
    return public(_users(call).get(call.path["user_id"]))


@emulates(ProjectUsers.update)
def update(call: Call) -> Record:
    project = active_project(call)
    users = call.store.project_users[project["id"]]
    member = users.get(call.path["user_id"])
    sent = call.body.get("role")
    if sent is None:
        return public(member)
    member = users.update(member["id"], {"role": _role(sent)})
    event = {"id": member["id"], "changes_requested": {"role": sent}}
    call.audit("user.updated", event, project=project)
    return public(member)


@emulates(ProjectUsers.delete)
def delete(call: Call) -> Record:
    store = call.store
    project = active_project(call)
    # That a project keeps an owner is nowhere documented: owners of the organization manage it too.
    member = store.project_users[project["id"]].remove(call.path["user_id"])
    store.project_user_roles.discard((project["id"], member["id"]))
    call.audit("user.deleted", {"id": member["id"]}, project=project)
    return {"object": "organization.project.user.deleted", "id": member["id"], "deleted": True}


def _users(call: Call) -> Table:
    project = call.store.projects.get(call.path["project_id"])
    return call.store.project_users[project["id"]]


def _role(role: str) -> str:
    if role not in ROLES:
        raise invalid_choice("role", role, ROLES)
    return role


def _member_of_organization(call: Call) -> Record:
    """The user of the organization whom `user_id` and `email`, or either, name."""
    users = call.store.users
    user_id, email = call.body.get("user_id"), call.body.get("email")
    if user_id is not None:
        user, param, value = users.find(user_id), "user_id", user_id
    elif email is not None:
        user, param, value = users.first(having={"email": {address(email)}}), "email", email
    else:
        raise missing("user_id")
    if user is None:
        raise invalid(param, f"'{value}' is not a member of the organization.")
    if email is not None and address(user["email"]) != address(email):
        raise invalid("email", f"user '{user_id}' has another address.")
    return user
