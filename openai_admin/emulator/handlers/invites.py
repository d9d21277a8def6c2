"""Invites, which grant membership of the organization and of projects when they are accepted."""

from __future__ import annotations

import re
from functools import partial

from ...resources.invites import Invites
from .. import lookups
from ..listing import after_last_id, page
from ..replies import bad_request, conflict, invalid, invalid_choice, invalid_type, missing
from ..routing import Call, emulates
from ..rules import name_of
from ..store import Store
from ..table import Having, Record, public

LIFETIME = 7 * 86_400
"""Seconds for which an invite can be accepted."""
PROJECT_ROLES = ("member", "owner")
_ADDRESS = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")


@emulates(Invites.list)
def list_invites(call: Call) -> Record:
    store = call.store
    return after_last_id(
        page(call.query, store.invites, render=lambda invite: _rendered(store, invite))
    )


@emulates(Invites.create)
def create(call: Call) -> Record:
    store = call.store
    address = name_of(call.body, "email") or ""
    if not _ADDRESS.fullmatch(address):
        raise invalid("email", f"'{address}' is not an email address.")
    if _member(store, address) is not None:
        raise conflict(f"'{address}' is a member of the organization already.", param="email")
    if store.invites.first(partial(_is_open, store), having=_of(address)) is not None:
        raise conflict(f"'{address}' has been invited already.", param="email")
    projects = _projects(call)
    now = store.now()
    invite = store.invites.add(
        {
            "object": "organization.invite",
            "id": store.new_id("invite"),
            "email": address,
            "role": call.body["role"],
            "status": "pending",
            "created_at": now,
            "expires_at": now + LIFETIME,
            "accepted_at": None,
            "projects": projects,
        }
    )
    data = {"email": address, "role": invite["role"]}
    call.audit("invite.sent", {"id": invite["id"], "data": data})
    return public(invite)


@emulates(Invites.retrieve)
def retrieve(call: Call) -> Record:
    return _rendered(call.store, call.store.invites.get(call.path["invite_id"]))


@emulates(Invites.delete)
def delete(call: Call) -> Record:
    invite = call.store.invites.get(call.path["invite_id"])
    if invite["status"] == "accepted":
        raise bad_request(
            f"Invite '{invite['id']}' was accepted and cannot be deleted.", code="invite_accepted"
        )
    call.store.invites.remove(invite["id"])
    call.audit("invite.deleted", {"id": invite["id"]})
    return {"object": "organization.invite.deleted", "id": invite["id"], "deleted": True}


def accept(store: Store, invite_id: str) -> Record:
    """Let the invited person accept, and return the new member's record.

    They join the projects of the invite that can still be joined. Raises the API's error if the
    invite is unknown, was accepted or has expired.
    """
    invite = store.invites.get(invite_id)
    status = _rendered(store, invite)["status"]
    if status != "pending":
        raise bad_request(f"Invite '{invite_id}' is {status} and cannot be accepted.")
    if _member(store, invite["email"]) is not None:
        raise conflict(f"'{invite['email']}' is a member of the organization already.")
    now = store.now()
    user = store.users.add(
        {
            "object": "organization.user",
            "id": store.new_id("user"),
            "name": invite["email"].partition("@")[0].replace(".", " ").title(),
            "email": invite["email"],
            "role": invite["role"],
            "added_at": now,
            "created": now,
            "is_default": False,
            "is_scale_tier_authorized_purchaser": False,
            "is_scim_managed": False,
            "is_service_account": False,
        }
    )
    store.invites.update(invite_id, {"status": "accepted", "accepted_at": now})
    caller = {"id": user["id"], "email": user["email"]}
    actor = {"type": "session", "session": {"user": caller, "ip_address": "192.0.2.1"}}
    store.audit("invite.accepted", {"id": invite_id}, actor=actor)
    added = {"id": user["id"], "data": {"role": user["role"]}}
    store.audit("user.added", added, actor=actor)
    for granted in invite["projects"]:
        project = store.projects.find(granted["id"])
        if project is None or project["status"] == "archived":
            continue
        store.project_users[project["id"]].add(
            {
                "object": "organization.project.user",
                "id": user["id"],
                "name": user["name"],
                "email": user["email"],
                "role": granted["role"],
                "added_at": now,
            }
        )
        added = {"id": user["id"], "data": {"role": granted["role"]}}
        store.audit("user.added", added, actor=actor, project=project)
    return public(user)


def _rendered(store: Store, invite: Record) -> Record:
    expired = invite["status"] == "pending" and invite["expires_at"] <= store.now()
    return {**public(invite), "status": "expired" if expired else invite["status"]}


def _is_open(store: Store, invite: Record) -> bool:
    return bool(_rendered(store, invite)["status"] == "pending")


def _member(store: Store, address: str) -> Record | None:
    return store.users.first(having=_of(address))


def _of(address: str) -> Having:
    return {"email": {lookups.address(address)}}


def _projects(call: Call) -> list[Record]:
    """The projects that the body grants; without any the default project, the oldest."""
    store = call.store
    if "projects" not in call.body:
        default = store.projects.first(having={"status": {"active"}})
        return [] if default is None else [{"id": default["id"], "role": "member"}]
    granted: dict[str, Record] = {}
    for index, sent in enumerate(call.body["projects"]):
        where = f"projects[{index}]"
        for name in ("id", "role"):
            if name not in sent:
                raise missing(f"{where}.{name}")
            if not isinstance(sent[name], str):
                raise invalid_type(f"{where}.{name}", "a string", sent[name])
        if sent["role"] not in PROJECT_ROLES:
            raise invalid_choice(f"{where}.role", sent["role"], PROJECT_ROLES)
        project = store.projects.get(sent["id"])
        if project["status"] == "archived":
            raise bad_request(f"Project '{project['id']}' is archived.", param=f"{where}.id")
        if project["id"] in granted:
            raise invalid(f"{where}.id", f"project '{project['id']}' is named twice.")
        granted[project["id"]] = {"id": project["id"], "role": sent["role"]}
    return list(granted.values())
