"""Power that was given to somebody: ownership of the organization, or a powerful role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit, Severity
from . import attack
from .kinds import INVITES
from .memory import Recent, Span, Told, is_near
from .payloads import target, text, value
from .power import MOST_ROLES, Power, Roles, learn_role, power_in, power_of_name, roles_in
from .wording import named, where, who

_MEMBERS = frozenset(
    {
        *("user.added", "user.updated", "tenant.user.added", "tenant.user.updated"),
        *("service_account.created", "service_account.updated", "tenant.service_account.updated"),
    }
)
_ASSIGNMENTS = frozenset(
    {
        *("role.assignment.created", "tenant.role_assignment.created"),
        *("tenant.resource_role_assignment.created", "tenant.resource_access.updated"),
    }
)
_TAKEN = frozenset(
    {
        *("user.deleted", "role.assignment.deleted", "tenant.user.removed"),
        *("tenant.role_assignment.deleted", "tenant.resource_role_assignment.deleted"),
    }
)
_ROLES = frozenset(
    {
        *("role.created", "role.updated", "tenant.custom_role.created"),
        "tenant.custom_role.updated",
    }
)
_GIVES = _MEMBERS | INVITES | _ASSIGNMENTS
_ACCOUNTS = frozenset({"service_account.created", "service_account.updated"})


@attrs.define
class Grants:
    """What the detections of this module remember.

    Attributes:
        roles: the permissions of roles that the log told of.
        assigned: the assignments of roles of which nothing was known yet, by role: what tells of a
            role may come late.
        told: what was told of whom, for one finding where a grant comes as several events.
        invited: who was told of when they were invited, by address; they join later.
        projects: who created a project, and when, by its id.
        programs: how often a key gave roles to service accounts.
        span: how long the log has been looked at.
        first: the one actor that was seen so far, until there is another.
    """

    roles: Roles = attrs.field(factory=lambda: Recent(MOST_ROLES))
    assigned: Recent[str, AuditEvent] = attrs.field(factory=lambda: Recent(MOST_ROLES))
    told: Told = attrs.field(factory=Told)
    invited: Recent[str, datetime | str] = attrs.field(factory=lambda: Recent(5_000))
    projects: Recent[str, tuple[str, datetime | None]] = attrs.field(factory=lambda: Recent(5_000))
    programs: Recent[str, int] = attrs.field(factory=lambda: Recent(2_000))
    span: Span = attrs.field(factory=Span)
    first: str | None = None
    is_founding: bool = True


def look_for_owners(event: AuditEvent, state: Grants, context: Context) -> Iterator[Hit]:
    """Find who was made an owner of the organization."""
    found = _given(event, state, context)
    if found is None or found[0] != "owner" or _is_founder(event, state):
        return
    role, holder = found[1], _holder(event)
    if holder is None or not _is_new(event, holder, "owner", state, context):
        return
    is_invited, owner = event.type in INVITES, "an owner of the organization"
    person = named(holder, context)
    if power_of_name(role) == "owner":
        what = f"invited {person} as {owner}" if is_invited else f"made {person} {owner}"
    else:
        what = f"invited {person} with" if is_invited else f"gave {person}"
        what += f" the role {named(role, context)}, which can do all that {owner} can"
    yield Hit(
        about=holder,
        summary=f"{who(event, context)} {what}.",
        evidence=(event,),
    )


def look_for_powerful(event: AuditEvent, state: Grants, context: Context) -> Iterator[Hit]:
    """Find who was given a role that can change access, keys or settings."""
    if event.type == "project.created":
        state.projects.set(target(event) or "", (event.actor.identity or "", event.at))
        return
    if event.type in _ROLES:
        yield from _role_made_powerful(event, state, context)
        return
    is_usual = _is_usual_program(event, state, context)
    found = _given(event, state, context)
    if found is None and event.type in _ASSIGNMENTS:
        for role in roles_in(event):
            state.assigned.set(role, event)
    if found is None or found[0] == "owner":
        return
    power, role = found
    holder = _holder(event)
    if holder is None or is_usual:
        return
    if power == "project_owner" and _is_ordinary(event, holder, state, context):
        return
    if not _is_new(event, holder, f"{role} {event.project_id}", state, context):
        return
    severity: Severity = "medium" if power == "project_owner" else "high"
    yield _grant(event, holder, role, context, evidence=(event,), severity=severity)


def _grant(
    event: AuditEvent,
    holder: str,
    role: str,
    context: Context,
    *,
    evidence: tuple[AuditEvent, ...],
    severity: Severity = "high",
) -> Hit:
    can = context.directory.powerful_roles.get(role)
    known = named(role, context) + (f", which can {can}" if can else "")
    return Hit(
        about=holder,
        summary=f"{who(event, context)} gave {named(holder, context)} the role {known}, "
        f"{where(event, context)}.",
        evidence=evidence,
        severity=severity,
    )


def _given(event: AuditEvent, state: Grants, context: Context) -> tuple[Power, str] | None:
    """The power that an event gives, with the role; what else it tells is taken in."""
    if event.actor.identity is not None:
        state.is_founding = state.is_founding and state.first in (None, event.actor.identity)
        state.first = state.first or event.actor.identity
    if event.type in _ROLES:
        learn_role(event, state.roles)
        return None
    if event.type in _TAKEN:
        _forget(event, state)
        return None
    if event.type not in _GIVES:
        return None
    found = power_in(event, state.roles, context)
    if found is None and event.type in ("user.updated", "tenant.user.updated"):
        _forget(event, state)
    return found


def _forget(event: AuditEvent, state: Grants) -> None:
    """Let a grant be told again that comes after power was taken away."""
    if event.project_id is None and (value(event, "role") or event.type in _TAKEN):
        state.told.forget(("owner", _holder(event)))


def _holder(event: AuditEvent) -> str | None:
    """Who gets it: the address of who is invited, else the id of a person, a group, an account."""
    if event.type in INVITES:
        address = text(event, "email", "email_address", "user_email", "invited_email")
        return (address or target(event) or "").lower() or None
    principal = text(event, "principal_id", "user_id", "principal", "assignee_id", "group_id")
    return principal or target(event)


def _is_new(event: AuditEvent, holder: str, what: str, state: Grants, context: Context) -> bool:
    """Whether the grant is one that was not told, by another event or when they were invited."""
    if event.type in INVITES:
        state.invited.set(holder, event.at or "no time")
    elif event.type in _MEMBERS:
        invited = state.invited.get((event.actor.email or "").lower())
        within = timedelta(days=context.thresholds["invite_days"])
        if invited is not None and is_near(invited, event.at, within):
            return False
    hours = timedelta(hours=context.thresholds["once_hours"])
    return not state.told.again((what, holder), event.at, hours)


def _is_founder(event: AuditEvent, state: Grants) -> bool:
    """Whether it is the one who made the organization, before there was anybody else."""
    actor = event.actor.identity
    return (
        state.is_founding
        and event.type == "user.added"
        and actor is not None
        and target(event) == actor
    )


def _is_ordinary(event: AuditEvent, holder: str, state: Grants, context: Context) -> bool:
    """Whether somebody became an owner of a project as it goes every day.

    Projects are staffed by their owners, who make others owners: that alone says nothing. It does
    where people make themselves owners of what they did not create, and where a role is assigned
    beside the membership; not where a program does what it always did.
    """
    actor, threshold = event.actor, context.thresholds
    creator = state.projects.get(event.project_id or "")
    if creator is not None and is_near(
        creator[1] or "no time", event.at, timedelta(days=threshold["new_project_days"])
    ):
        return True
    if event.type in _ASSIGNMENTS or event.type in _ACCOUNTS:
        return False
    if actor.via == "api_key":
        return True
    return holder not in (actor.user_id, actor.email) or (
        creator is not None and creator[0] == actor.identity
    )


def _is_usual_program(event: AuditEvent, state: Grants, context: Context) -> bool:
    """Whether a program gives a role to a service account, as it did before; what programs do is
    learned for some days.
    """
    days = state.span.days(event.at)
    kind = text(event, "principal_type") or ""
    if event.actor.via != "api_key" or not (event.type in _ACCOUNTS or "service" in kind):
        return False
    program = event.actor.key_id or event.actor.identity or ""
    before = state.programs.get(program) or 0
    state.programs.set(program, before + 1)
    limits = context.thresholds
    return before >= limits["usual_after"] or days < limits["history_days"]


def _role_made_powerful(event: AuditEvent, state: Grants, context: Context) -> Iterable[Hit]:
    """Those who have a role get what it is given: a change of the role is a grant to them all."""
    added = learn_role(event, state.roles)
    id = target(event) or "role"
    hours = timedelta(hours=context.thresholds["once_hours"])
    if added is None:
        return
    if not event.type or event.type.endswith(".created"):
        late = state.assigned.get(id)
        holder = None if late is None else _holder(late)
        if (
            late is not None
            and holder
            and _is_new(late, holder, f"{id} {late.project_id}", state, context)
        ):
            yield _grant(late, holder, id, context, evidence=(event, late))
        return
    if state.told.again(("role", id), event.at, hours):
        return
    yield Hit(
        about=id,
        summary=f"{who(event, context)} gave the role {named(id, context)} permissions that can "
        "change access, keys or settings: everybody who has it can do that now.",
        evidence=(event,),
    )


_ONCE = {"once_hours": 24.0, "invite_days": 30.0}

DETECTIONS = (
    Detection(
        key="owner_granted",
        title="Owner granted",
        severity="high",
        techniques=(attack.ADDITIONAL_ROLES,),
        why="An owner can do everything in the organization: read its log, make keys, remove "
        "others and switch every safeguard off.",
        what_to_do="Ask the one who granted it, by another way than this account's e-mail. If "
        "nobody stands by it, make the person a reader again (`openai-admin users update ID --role "
        "reader`), or delete the invite (`openai-admin invites delete ID`), and look at what both "
        "did since: `openai-admin audit-logs search --person ADDRESS`.",
        state=Grants,
        look=look_for_owners,
        thresholds=_ONCE,
        types=_GIVES | _TAKEN | _ROLES,
    ),
    Detection(
        key="powerful_role_granted",
        title="Powerful role granted",
        severity="high",
        techniques=(attack.ADDITIONAL_ROLES,),
        why="With a role that can change access, keys or settings somebody can give themselves all "
        "the rest.",
        what_to_do="Check with the one who granted it that it was wanted, and what the role can do "
        "(`openai-admin roles list`). If not, take it away (`openai-admin users roles delete`, or "
        "`groups roles delete` of a group), and look at what the one who has it did since: "
        "`openai-admin audit-logs search --person ADDRESS`.",
        state=Grants,
        look=look_for_powerful,
        thresholds={**_ONCE, "new_project_days": 7.0, "usual_after": 1, "history_days": 7.0},
        types=_GIVES | _TAKEN | _ROLES | {"project.created"},
    ),
)
