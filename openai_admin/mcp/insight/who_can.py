"""The question of who can do what, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import anyio.to_thread
import attrs
from annotated_types import Len
from typing_extensions import Doc

from ..._declare.arguments import shown, suggest
from ..._transport.tasks import each as each_of
from ...client import AsyncOpenAIAdmin
from ...directory.permissions import OWNER, covers
from ...directory.reading import PAGE, Reads
from ...errors import InvalidInputError
from ...insights.access import Access, Holding
from ...insights.access import Answer as Answered
from ...insights.text import count
from ...resources.invites import Invite
from ...resources.projects import Project
from ..progress import say
from ..texts import quoted
from ..tool import Answer
from ..values import iso
from .question import AtMost, Detail, question
from .rows import facts
from .short import cut, unknown

Permission = Annotated[
    str | None,
    Len(1),
    Doc("owner, the default, or as api.prompts.write; * is any text."),
]
Somebody = Annotated[
    str | None,
    Len(1),
    Doc("In place of it: whose permissions, a person, service account or key."),
]
OneProject = Annotated[
    str | None, Len(1), Doc("The project, by name or id; by default everywhere.")
]
Thorough = Annotated[
    bool, Doc("Ask for each person's own roles too: a request for each, so it takes long.")
]

_MORE = "name a project, or ask for somebody alone"
_MOST_PROJECTS = 50  # whose roles are read to say whether a permission is known
_ORGANIZATION = "the organization"
_EVERYWHERE = "the organization and every project"


@attrs.frozen(kw_only=True)
class Held:
    """What somebody may do.

    Attributes:
        kind: person, service account, key or admin key.
        id: its id.
        name: its name.
        email: a person's address.
        permissions: what they may; null where that is not known, and by says why.
        where: the projects.
        by: each way that they have it, as a group or a role.
    """

    kind: str
    id: str
    name: str | None = None
    email: str | None = None
    permissions: list[str] | None
    where: list[str]
    by: list[str]


@attrs.frozen(kw_only=True)
class Invited:
    """A pending invite through which somebody will have it.

    Attributes:
        id: the invite's id.
        email: whom it was sent to.
        role: the role in the organization.
        projects: the roles in projects.
        expires_at: until when it can be accepted.
    """

    id: str
    email: str | None = None
    role: str | None = None
    projects: list[str] = attrs.field(factory=list)
    expires_at: str | None = None


@attrs.frozen(kw_only=True)
class WhoCan:
    """Who can do what.

    Attributes:
        held: who has what, and why; null where nobody is known to, and not all was read.
        invited: pending invites that would grant it; null where that is not known.
        not_known: what could not be looked at, and why.
    """

    held: list[Held] | None
    invited: list[Invited] | None
    not_known: list[str]


@question(WhoCan, toolsets=("assistant",))
async def who_can(
    client: AsyncOpenAIAdmin,
    *,
    permission: Permission = None,
    somebody: Somebody = None,
    project: OneProject = None,
    thorough: Thorough = False,
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Who owns the organization or a project, who has a permission, or what one person, service
    account or key may do, and why: by membership, group, role or pending invite. Example: project
    "Data Platform" for its owners; somebody "ada@example.com" for what she may do.
    """
    if somebody is not None and permission is not None:
        raise InvalidInputError("Pass somebody or permission, not both.")
    asked = (permission or OWNER).strip()
    asked = OWNER if asked.lower() in (OWNER, "owners") else asked
    say("reading who has access")
    reads = Reads(client._caller)
    invites = await reads.listing("invites", client.invites.list(limit=PAGE))
    try:
        access = await client.insights.access(
            project=project,
            somebody=somebody,
            permission=None if somebody else asked,
            thorough=thorough,
        )
    except InvalidInputError:
        invited = [] if somebody is None else _invited(invites or (), _is_to(somebody))
        if not invited:
            raise
        answer = WhoCan(held=[], invited=invited, not_known=[])
        return Answer(facts(answer), "Not a member yet: there is a pending invite.")
    quoting = attrs.evolve(access, quote=quoted)
    access = await anyio.to_thread.run_sync(quoting.prepare, abandon_on_cancel=True)
    place = access.facts.of_projects
    project_id = place[0] if place else None
    if somebody is None:
        found = access.who_can(asked, project_id)
        granting = _grants(asked, project_id)
    else:
        (id,) = access.facts.of_people or (somebody,)
        found = access.of(id, project_id)
        granting = _is_to(*(one.email for one in found.holdings[:1] if one.email))
    told: list[str] = []
    if found.unheard is not None and "*" not in asked:
        told = await _heard_elsewhere(client, access, reads, asked)
        granting = _makes_owner
    rows, left_out = cut(
        _merged(found.holdings, by_way=somebody is not None), limit, "rows", detail, _MORE
    )
    answer = WhoCan(
        held=rows if rows or found.is_known else None,
        invited=None if invites is None else _invited(invites, granting),
        not_known=[
            *(each.replace("(--thorough)", "(thorough: true)") for each in found.lacks),
            *unknown(reads.not_known, {}, reads.unread),
        ],
    )
    notes = [*found.notes, *told, *left_out]
    return Answer(facts(answer), _told(access, found, asked, somebody), notes=notes)


async def _heard_elsewhere(
    client: AsyncOpenAIAdmin, access: Access, reads: Reads, permission: str
) -> list[str]:
    """Which other projects have a role that grants what none that was read does, as a sentence.

    Raises:
        InvalidInputError: no role of the organization or of a project grants it.
    """
    known = {p: "" for role in access.facts.roles for p in role.permissions or ()}
    projects = await reads.all("projects", client.projects.list(limit=PAGE))
    others = [each for each in projects if each.id not in (access.facts.of_projects or ())]
    others = others[:_MOST_PROJECTS] if access.facts.of_projects else []

    async def look(project: Project) -> None:
        roles = client.projects.roles.list(project.id, limit=PAGE)
        for role in await reads.all("roles of projects", roles, project_id=project.id):
            for each in role.permissions or ():
                known.setdefault(each, f"{quoted(role.name or role.id)} of {_called(project)}")

    await each_of(others, look)
    role = next((role for held, role in known.items() if covers(held, permission)), None)
    if role is not None:
        return [f"No role there grants {shown(permission)}; the role {role} does."]
    if reads.not_known or access.not_known:
        return [f"No role that is known grants {shown(permission)}."]
    near = suggest(permission.lower(), sorted(known), most=3)
    raise InvalidInputError(f"permission: no role grants {shown(permission)}{near}")


def _called(project: Project) -> str:
    return quoted(project.name or project.id)


def _told(access: Access, found: Answered, asked: str, somebody: str | None) -> str:
    """How many have it, or whose permissions are listed."""
    least = "" if found.is_known else "at least "
    if somebody is not None:
        if not (found.holdings or found.is_known):
            return f"What {quoted(somebody)} may do is not known."
        known = {one.permission for one in found.holdings if one.permission}
        name = next((one.name for one in found.holdings if one.name), None) or somebody
        return f"{quoted(name)} has {least}{count(len(known), 'permission')}."
    place = access.facts.of_projects
    where = access.wording.place(place[0]) if place else _ORGANIZATION
    kinds = [
        one.kind for one in {(h.kind, h.id): h for h in found.holdings if h.permission}.values()
    ]
    counts = [
        count(kinds.count(kind), kind, "people" if kind == "person" else None)
        for kind in dict.fromkeys(kinds)
    ]
    what = "Owners of" if asked == OWNER else f"Who has {asked} in"
    nobody = "nobody" if found.is_known else "not known; nobody was found in what could be read"
    return f"{what} {where}: {least + ', '.join(counts) if counts else nobody}."


def _merged(holdings: Sequence[Holding], *, by_way: bool) -> list[Held]:
    """What is alike in one row: of everybody the permissions in one place, and then the places.

    Args:
        holdings: what everybody has where.
        by_way: whether what somebody has in different ways is told apart.
    """
    in_place: dict[tuple[Any, ...], list[Holding]] = {}
    for one in holdings:
        way = one.by if by_way or one.permission is None else ()
        in_place.setdefault((one.kind, one.id, one.project_id, way), []).append(one)
    rows: dict[tuple[Any, ...], list[Holding]] = {}
    for (kind, id, _, way), of in in_place.items():
        permissions = tuple(dict.fromkeys(one.permission for one in of))
        rows.setdefault((kind, id, permissions, way), []).extend(of)
    return [
        Held(
            kind=kind,
            id=id,
            name=of[0].name,
            email=of[0].email,
            permissions=None if None in permissions else list(permissions),
            where=list(dict.fromkeys(map(_place, of))),
            by=list(dict.fromkeys(way for one in of for way in one.by)),
        )
        for (kind, id, permissions, _), of in rows.items()
    ]


def _place(one: Holding) -> str:
    return _EVERYWHERE if one.project_id is None else one.project_name or one.project_id


Granting = Callable[[Invite], bool]
"""Whether an invite would grant what is asked for."""


def _is_to(*addresses: str) -> Granting:
    wanted = {address.casefold() for address in addresses}
    return lambda invite: (invite.email or "").casefold() in wanted


def _grants(permission: str, project_id: str | None) -> Granting:
    """Owners may do everything; of a project, its members to come have something as well."""

    def grants(invite: Invite) -> bool:
        roles = [each.role for each in invite.projects or () if each.id == project_id]
        return invite.role == OWNER or (OWNER in roles if permission == OWNER else bool(roles))

    return grants


def _makes_owner(invite: Invite) -> bool:
    """Whether it is to an owner of the organization, who may do everything that anybody may."""
    return invite.role == OWNER


def _invited(invites: Iterable[Invite], granting: Granting) -> list[Invited]:
    return [
        Invited(
            id=each.id,
            email=each.email,
            role=each.role,
            projects=[f"{of.role or 'role not known'} of {of.id}" for of in each.projects or ()],
            expires_at=iso(each.expires_at),
        )
        for each in invites
        if each.status == "pending" and granting(each)
    ]


QUESTIONS = (who_can,)
