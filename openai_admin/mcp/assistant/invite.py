"""The job of inviting people: who is there already is told, and is not invited again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypedDict

import attrs
from annotated_types import Len
from typing_extensions import Doc

from ..._declare.arguments import shown
from ..._declare.effect import Effect
from ..._transport.tasks import each
from ...client import AsyncOpenAIAdmin
from ...directory.find import with_ids
from ...directory.not_known import told
from ...directory.reading import PAGE, Reads
from ...errors import APIError, AuthenticationError, InvalidInputError, OutcomeUnknownError
from ...insights.text import count
from ...resources.common import Name
from ...resources.invites import Invite as OpenInvite
from ...resources.users.model import OrganizationUser
from ...workflows.offboarding.snapshot import is_open
from ..progress import say
from ..texts import quoted
from ..tool import Answer, Asking, Danger, Tool
from ..values import iso
from .acting import acting_tool, facts_in

_MOST = 30
_ADDRESS = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_GRANTS = frozenset({Danger.GRANTS})


class ProjectAccess(TypedDict):
    """A project that an invite grants, and the role in it.

    Attributes:
        project: its name or id.
        role: the role in it.
    """

    project: Name
    role: Literal["member", "owner"]


Emails = Annotated[Sequence[Name], Len(1, _MOST), Doc("The addresses, one or more.")]
Role = Annotated[Literal["reader", "owner"], Doc("The role in the organization.")]
Projects = Annotated[
    Sequence[ProjectAccess] | None,
    Doc("The projects, by name or id, with the role in each; [] for none, else the default one."),
]
Outcome = Literal["invited", "already_member", "already_invited", "failed", "not_known"]


@attrs.frozen(kw_only=True)
class Granted:
    """A project that is granted.

    Attributes:
        project: its name; null where it is not known.
        project_id: its id.
        role: the role in it.
    """

    project: str | None = None
    project_id: str
    role: str | None = None


@attrs.frozen(kw_only=True)
class Invited:
    """What came of one address.

    Attributes:
        email: the address.
        outcome: where it is already there, nothing was sent; not_known: look before you try again.
        role: the role in the organization that it has, or is granted.
        projects: what the invite grants; null where that is not told.
        id: the invite's, or the member's.
        expires: until when it can be accepted.
        why: why it failed, or is not known.
    """

    email: str
    outcome: Outcome
    role: str | None = None
    projects: list[Granted] | None = None
    id: str | None = None
    expires: str | None = None
    why: str | None = None


@attrs.frozen(kw_only=True)
class InviteAnswer:
    """Who was invited.

    Attributes:
        people: what came of each address.
    """

    people: list[Invited]


@attrs.frozen(kw_only=True)
class _Looked:
    """What there is already.

    Attributes:
        projects: what is to be granted; ``None`` for what the API grants by itself.
        members: the members with such addresses, by them in lower case.
        invites: the open invites, likewise.
        names: names of projects by id.
        not_known: what could not be looked at, in words.
    """

    projects: list[Granted] | None
    members: Mapping[str, OrganizationUser]
    invites: Mapping[str, OpenInvite]
    names: Mapping[str, str | None]
    not_known: Sequence[str]

    def is_new(self, email: str) -> bool:
        """Whether an address is of nobody who is there or invited, as far as is known."""
        return email.casefold() not in self.members and email.casefold() not in self.invites


class Invite:
    """The tool."""

    @property
    def tool(self) -> Tool:
        """It as a tool."""
        return acting_tool(
            self.invite,
            InviteAnswer,
            effect=Effect.ADDS,
            dangers=_GRANTS,
            ask=self.ask,
            check=check,
        )

    async def invite(
        self,
        client: AsyncOpenAIAdmin,
        *,
        emails: Emails,
        role: Role = "reader",
        projects: Projects = None,
    ) -> Answer:
        """Invite people to the organization and to projects. Who is a member or has an open invite
        is told, and nothing is sent to them. Example: {"emails": ["ada@example.com"], "projects":
        [{"project": "Search", "role": "member"}]}
        """
        looked = await _look(client, emails, projects)
        found: list[Invited] = []
        for email in _distinct(emails):
            say(f"inviting {email}")
            found.append(_there(email, looked) or await _invited(client, email, role, looked))
        return Answer(
            facts_in(InviteAnswer(people=found)),
            _said(found),
            notes=_notes(found, looked, projects),
        )

    async def ask(self, client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Asking | None:
        """What the person is asked before somebody is made an owner."""
        role, projects = arguments.get("role", "reader"), arguments.get("projects")
        owned = [entry for entry in projects or () if entry["role"] == "owner"]
        if role != "owner" and not owned:
            return None
        looked = await _look(client, arguments["emails"], projects)
        new = [email for email in _distinct(arguments["emails"]) if looked.is_new(email)]
        if not new:
            return None
        whom = ", ".join(quoted(email) for email in new)
        where = ", ".join(
            f"{one.role} of the project {quoted(one.project or one.project_id)}"
            for one in looked.projects or ()
        )
        power = "An owner of the organization may do everything in it." * (role == "owner")
        text = f"Invite {whom} as {role} of the organization{f', and {where}' * bool(where)}."
        return Asking(" ".join(filter(None, (text, power))), _GRANTS)


def check(arguments: Mapping[str, Any]) -> None:
    """Refuse what is not an address.

    Raises:
        InvalidInputError: one is not, or a project is named twice.
    """
    for email in arguments["emails"]:
        if not _ADDRESS.fullmatch(email):
            raise InvalidInputError(
                f"emails must be addresses, such as 'user@example.com', not {shown(email)}."
            )
    named = [entry["project"] for entry in arguments.get("projects") or ()]
    if twice := next((name for name in named if named.count(name) > 1), None):
        raise InvalidInputError(f"projects: {shown(twice)} is named twice: pass one role for it.")


def _distinct(emails: Sequence[str]) -> list[str]:
    """The addresses, each once, whatever the letter case."""
    found: dict[str, str] = {}
    for email in emails:
        found.setdefault(email.casefold(), email)
    return [*found.values()]


async def _look(
    client: AsyncOpenAIAdmin, emails: Sequence[str], projects: Sequence[ProjectAccess] | None
) -> _Looked:
    """Find the projects, and who is there already. Nothing is changed.

    Raises:
        InvalidInputError: there is no such project, or there are several, or it is archived.
    """
    say("looking who is there already")
    granted = None if projects is None else await _granted(client, projects)
    wanted = {email.casefold() for email in emails}
    reads = Reads(client._caller)
    members = await reads.all("people", client.users.list(emails=[*_distinct(emails)], limit=PAGE))
    invites = await reads.all("invites", client.invites.list(limit=PAGE))
    reads.check()
    not_known = told(reads.not_known, {})
    open_ones = {
        invite.email.casefold(): invite
        for invite in invites
        if invite.email and invite.email.casefold() in wanted and is_open(invite)
    }
    names = {one.project_id: one.project for one in granted or ()}
    others = {one.id for invite in open_ones.values() for one in invite.projects or ()} - {*names}

    async def name(project_id: str) -> None:
        project = await reads.one("projects", client.projects.retrieve(project_id), None)
        names[project_id] = None if project is None else project.name

    await each(others, name)
    return _Looked(
        projects=granted,
        members={m.email.casefold(): m for m in members if m.email},
        invites=open_ones,
        names=names,
        not_known=not_known,
    )


async def _granted(client: AsyncOpenAIAdmin, projects: Sequence[ProjectAccess]) -> list[Granted]:
    named = [entry["project"] for entry in projects]
    arguments = {"project_ids": named}
    ids, _, _ = await with_ids(client, "invites.create", arguments, lambda _: "projects")
    found = await each(ids["project_ids"], client.projects.retrieve)
    for text, project in zip(named, found, strict=True):
        if project.status == "archived":
            raise InvalidInputError(
                f"projects: {shown(text)} ({project.id}) is archived, and nobody can be in it."
            )
    by_id = [project.id for project in found]
    if twice := next((id for id in by_id if by_id.count(id) > 1), None):
        raise InvalidInputError(f"projects: {twice} is named twice: pass one role for it.")
    return [
        Granted(project=project.name, project_id=project.id, role=entry["role"])
        for entry, project in zip(projects, found, strict=True)
    ]


def _there(email: str, looked: _Looked) -> Invited | None:
    """What there is of an address already; ``None`` where nothing is."""
    key = email.casefold()
    if (member := looked.members.get(key)) is not None:
        return Invited(email=email, outcome="already_member", role=member.role, id=member.id)
    if (invite := looked.invites.get(key)) is None:
        return None
    return _row(email, "already_invited", invite, looked)


async def _invited(
    client: AsyncOpenAIAdmin, email: str, role: Literal["reader", "owner"], looked: _Looked
) -> Invited:
    """Invite one address; what the API refuses costs itself."""
    granted: dict[str, Any] = {}
    if looked.projects is not None:
        granted["projects"] = [{"id": one.project_id, "role": one.role} for one in looked.projects]
    try:
        invite = await client.invites.create(email=email, role=role, **granted)
    except AuthenticationError:
        raise
    except OutcomeUnknownError as error:
        return Invited(email=email, outcome="not_known", role=role, why=error.message)
    except APIError as error:
        return Invited(email=email, outcome="failed", role=role, why=error.message)
    return _row(email, "invited", invite, looked)


def _row(email: str, outcome: Outcome, invite: OpenInvite, looked: _Looked) -> Invited:
    projects = None
    if invite.projects is not None:
        projects = [
            Granted(project=looked.names.get(one.id), project_id=one.id, role=one.role)
            for one in invite.projects
        ]
    return Invited(
        email=email,
        outcome=outcome,
        role=invite.role,
        projects=projects,
        id=invite.id,
        expires=iso(invite.expires_at),
    )


def _said(found: Sequence[Invited]) -> str:
    words: Mapping[Outcome, str] = {
        "invited": "invited",
        "already_member": "already a member, nothing sent",
        "already_invited": "invited already, nothing sent",
        "failed": "failed",
        "not_known": "not known",
    }
    counts = {outcome: sum(one.outcome == outcome for one in found) for outcome in words}
    parts = [f"{number} {words[outcome]}" for outcome, number in counts.items() if number]
    return f"{count(len(found), 'address', 'addresses')}: {'; '.join(parts)}."


def _notes(
    found: Sequence[Invited], looked: _Looked, projects: Sequence[ProjectAccess] | None
) -> list[str]:
    notes = [
        f"Who is there already could not be looked up wholly: {text}." for text in looked.not_known
    ]
    outcomes = {one.outcome for one in found}
    if "already_member" in outcomes and projects:
        notes.append(
            "An invite does not change what members have: add them to the projects by"
            " openai-admin projects users create, or with --toolset all."
        )
    if "already_invited" in outcomes:
        notes.append("To invite with other roles, the open invite must be withdrawn first.")
    if "invited" in outcomes and projects is None:
        notes.append("No projects were named, so the API grants the default project.")
    return notes
