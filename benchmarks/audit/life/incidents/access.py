"""Power given: owners, roles, admin keys, keys that may do everything, strangers, federation."""

from __future__ import annotations

from typing import Any

from .planting import Incident, Planting, plants

OWNER_ROLE = "role-api-organization-owner"
_SCOPES = [
    *("api.audit_logs.read", "api.management.read", "api.management.write"),
    *("api.mtls.read", "api.mtls.write", "api.usage.read"),
]
_MAPPING = "workload_identity_provider_mapping"


def _incident(
    detection: str,
    variant: str,
    at: float,
    actor: str | None,
    *events: str,
    may: tuple[str, ...] = (),
) -> Incident:
    return Incident(
        detection=detection,
        variant=variant,
        events=events,
        at=at,
        actor=actor,
        may=frozenset(may),
    )


def _target(planting: Planting, at: float) -> str:
    others = [p for p in planting.made.present(at) if p not in planting.made.owners]
    return planting.random.choice(others).id if others else planting.made.new_id("user-")


@plants("owner_granted")
def made_owner(planting: Planting, at: float) -> Incident | None:
    """A member's role becomes owner."""
    by, actor = planting.anyone(at)
    payload = {"id": _target(planting, at), "changes_requested": {"role": "owner"}}
    id = planting.note(at, "user.updated", payload, by=by)
    return _incident("owner_granted", "user updated", at, actor, id)


@plants("owner_granted")
def added_as_owner(planting: Planting, at: float) -> Incident | None:
    """Somebody is added as an owner."""
    by, actor = planting.anyone(at)
    payload = {"id": planting.made.new_id("user-"), "data": {"role": "owner"}}
    id = planting.note(at, "user.added", payload, by=by)
    return _incident("owner_granted", "user added", at, actor, id)


@plants("owner_granted")
def assigned_owner(planting: Planting, at: float) -> Incident | None:
    """The role of owners is assigned, to a person or a group."""
    kind = planting.random.choice(("user", "group"))
    id, actor = _assign(planting, at, OWNER_ROLE, kind)
    may = ("powerful_role_granted",)
    return _incident("owner_granted", f"role assigned to a {kind}", at, actor, id, may=may)


@plants("owner_granted")
def invited_as_owner(planting: Planting, at: float) -> Incident | None:
    """Somebody of the own domain is invited as an owner."""
    by, actor = planting.anyone(at)
    data = {"email": f"boss@{planting.made.domains[0]}", "role": "owner"}
    payload = {"id": planting.made.new_id("invite-"), "data": data}
    id = planting.note(at, "invite.sent", payload, by=by)
    return _incident("owner_granted", "invited", at, actor, id)


def _assign(
    planting: Planting, at: float, role: str, kind: str, type: str = "role.assignment.created"
) -> tuple[str, str | None]:
    made = planting.made
    by, actor = planting.anyone(at)
    principal = _target(planting, at) if kind == "user" else planting.random.choice(made.groups)
    payload = {
        "id": role,
        "principal_type": kind,
        "principal_id": principal,
        "resource_type": "organization",
        "resource_id": made.id,
    }
    return planting.note(at, type, payload, by=by), actor


@plants("powerful_role_granted")
def assigned_powerful(planting: Planting, at: float) -> Incident | None:
    """A role that can change access is assigned, to a person or a group."""
    kind = planting.random.choice(("user", "group"))
    id, actor = _assign(planting, at, planting.made.roles["powerful"], kind)
    return _incident("powerful_role_granted", f"assigned to a {kind}", at, actor, id)


@plants("powerful_role_granted")
def made_and_assigned(planting: Planting, at: float) -> Incident | None:
    """A role is made, assigned, and deleted a day later, so that only the log knows it."""
    made = planting.made
    role, (by, _) = made.new_id("role-"), planting.owner(at)
    where = {"resource_type": "organization", "resource_id": made.id}
    permissions = ["api.usage.read", "api.management.write"]
    payload: dict[str, Any] = {"id": role, "role_name": "Helper", "permissions": permissions}
    first = planting.note(at, "role.created", {**payload, **where}, by=by)
    id, actor = _assign(planting, at + 200, role, "user")
    by, _ = planting.owner(at + 86_400)
    planting.note(at + 86_400, "role.deleted", {"id": role}, by=by)
    return _incident("powerful_role_granted", "made and assigned", at + 200, actor, first, id)


@plants("powerful_role_granted")
def made_powerful(planting: Planting, at: float) -> Incident | None:
    """A role that people have gets a permission that changes things."""
    by, actor = planting.anyone(at)
    changes = {
        "permissions_added": ["api.management.write"],
        "permissions_removed": [],
        "resource_type": "organization",
        "resource_id": planting.made.id,
    }
    payload = {"id": planting.made.roles["reader"], "changes_requested": changes}
    id = planting.note(at, "role.updated", payload, by=by)
    return _incident("powerful_role_granted", "role updated", at, actor, id)


@plants("powerful_role_granted")
def assigned_by_tenant(planting: Planting, at: float) -> Incident | None:
    """The same by the event of the tenant."""
    role = planting.made.roles["powerful"]
    id, actor = _assign(planting, at, role, "user", "tenant.role_assignment.created")
    return _incident("powerful_role_granted", "assigned (tenant)", at, actor, id)


@plants("admin_key_created")
def first_admin_key(planting: Planting, at: float) -> Incident | None:
    """Somebody who never made an admin key makes one in the browser."""
    return _admin_key(planting, at, "in a browser")


@plants("admin_key_created")
def admin_key_by_key(planting: Planting, at: float) -> Incident | None:
    """A key of somebody who never did makes one."""
    return _admin_key(planting, at, "by a key")


@plants("admin_key_created")
def tenant_admin_key(planting: Planting, at: float) -> Incident | None:
    """The same by the event of the tenant."""
    return _admin_key(planting, at, "tenant")


def _admin_key(planting: Planting, at: float, variant: str) -> Incident | None:
    made = planting.made
    others = [p for p in made.present(at) if p not in made.owners]
    if not others:
        return None
    someone = planting.random.choice(others)
    by = made.at(someone, at)
    if variant == "by a key":
        by = made.by_key(made.new_id("key_"), someone)
    type = "tenant.admin_api_key.created" if variant == "tenant" else "api_key.created"
    payload = {"id": made.new_id("key_"), "data": {"scopes": ["api.management.read"]}}
    id = planting.note(at, type, payload, by=by)
    return _incident("admin_key_created", variant, at, someone.id, id)


@plants("key_with_all_scopes")
def all_scopes(planting: Planting, at: float) -> Incident | None:
    """A project's key that may do everything, in each way of saying so."""
    scopes = planting.random.choice((["api.all"], "all", ["*"], ["all"]))
    return _scopes(planting, at, f"made with {scopes}", scopes)


@plants("key_with_all_scopes")
def every_scope(planting: Planting, at: float) -> Incident | None:
    """An admin key that has each scope there is, made by who makes such keys."""
    made = planting.made
    maker = next((m for m in made.makers if m.is_there(at)), None)
    if maker is None or made.character.careless:
        return None
    payload = {"id": made.new_id("key_"), "data": {"scopes": _SCOPES}}
    id = planting.note(at, "api_key.created", payload, by=made.at(maker, at))
    may = ("admin_key_created",)
    return _incident("key_with_all_scopes", "every scope named", at, maker.id, id, may=may)


@plants("key_with_all_scopes")
def widened(planting: Planting, at: float) -> Incident | None:
    """A key that could do little may do everything from now on."""
    return _scopes(planting, at, "widened", planting.random.choice((["api.all"], ["*"], "all")))


def _scopes(planting: Planting, at: float, variant: str, scopes: Any) -> Incident | None:
    made = planting.made
    if made.character.careless:
        return None  # usual there
    by, actor = planting.insider(at)
    id, project = made.new_id("key_"), planting.random.choice(made.projects)
    if variant == "widened":
        payload: dict[str, Any] = {"id": id, "changes_requested": {"scopes": scopes}}
        id = planting.note(at, "api_key.updated", payload, by=by, project=project)
    else:
        payload = {"id": id, "data": {"scopes": scopes}}
        id = planting.note(at, "api_key.created", payload, by=by, project=project)
    return _incident("key_with_all_scopes", variant, at, actor, id)


@plants("foreign_invite")
def stranger(planting: Planting, at: float) -> Incident | None:
    """Somebody with an address of a foreign domain, or of one that anybody gets."""
    domain = planting.random.choice(("gmail.com", "proton.me", "evil-corp.example"))
    return _invite(planting, at, "stranger", f"x.{planting.random.randrange(99)}@{domain}")


@plants("foreign_invite")
def lookalike(planting: Planting, at: float) -> Incident | None:
    """A domain that looks like the own one."""
    own = planting.made.domains[0]
    domain = planting.random.choice((f"{own.removesuffix('.com')}.co", own.replace("s", "5", 1)))
    domain = domain if domain != own else f"my-{own}"
    return _invite(planting, at, "lookalike", f"it@{domain}")


@plants("foreign_invite")
def foreign_owner(planting: Planting, at: float) -> Incident | None:
    """A stranger is invited as an owner."""
    return _invite(planting, at, "as owner", "a.b@mailbox.example", role="owner")


@plants("foreign_invite")
def foreign_by_tenant(planting: Planting, at: float) -> Incident | None:
    """A stranger is invited, told by the event of the tenant."""
    return _invite(planting, at, "tenant", "c.d@mailbox.example", type="tenant.user.invited")


def _invite(
    planting: Planting,
    at: float,
    variant: str,
    email: str,
    *,
    role: str = "reader",
    type: str = "invite.sent",
) -> Incident | None:
    if planting.made.character.foreign_invites:
        return None  # usual there
    by, actor = planting.anyone(at)
    data = {"email": email, "role": role}
    payload = {"id": planting.made.new_id("invite-"), "data": data}
    id = planting.note(at, type, payload, by=by)
    may = ("owner_granted",) if role == "owner" else ()
    return _incident("foreign_invite", variant, at, actor, id, may=may)


_WILDCARDS: tuple[Any, ...] = (
    {"repository": "*"},
    {"sub": "repo:*"},
    {"sub": "repo:acme/*"},
    {"sub": ["repo:acme/app:ref:refs/heads/main", "*"]},
)


@plants("wildcard_federation_rule")
def wildcard_made(planting: Planting, at: float) -> Incident | None:
    """A rule that any repository fits."""
    return _rule(planting, at, "made", f"{_MAPPING}.created", "data")


@plants("wildcard_federation_rule")
def wildcard_updated(planting: Planting, at: float) -> Incident | None:
    """A rule is changed so that any fits."""
    return _rule(planting, at, "updated", f"{_MAPPING}.updated", "changes_requested")


@plants("wildcard_federation_rule")
def wildcard_by_tenant(planting: Planting, at: float) -> Incident | None:
    """The same by the event of the tenant."""
    return _rule(planting, at, "tenant", "tenant.workload_identity.mapping.created", "data")


def _rule(planting: Planting, at: float, variant: str, type: str, under: str) -> Incident | None:
    made, random = planting.made, planting.random
    by, actor = planting.anyone(at)
    data = {"attribute_matchers": random.choice(_WILDCARDS), "name": "CI"}
    payload = {"id": made.new_id("map_"), "identity_provider_id": "idp_1", under: data}
    id = planting.note(at, type, payload, by=by)
    return _incident("wildcard_federation_rule", variant, at, actor, id)
