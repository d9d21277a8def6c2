"""The labels of everything that a state refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from ...resources.groups.users import GroupUser
from ...resources.invites import Invite
from ...resources.projects.users import ProjectUser
from ...resources.roles import Role
from ..document.model import NONE
from . import parts
from .answers import Answers
from .given import is_openais
from .labels import labels, labels_of

ACCOUNT = "svc_acct_"
"""What the ids of service accounts begin with."""


@attrs.frozen(kw_only=True)
class Names:
    """Labels by id.

    Attributes:
        people: of people, also those whom a group or a project lists and the organization does not.
        addresses: the addresses of people, whichever listing tells them.
        software: the ids of service accounts that are listed among people.
        groups: of groups.
        roles: of the roles of the organization, without OpenAI's own.
        projects: of projects that are not archived.
        archived: of those that are.
        certificates: of certificates.
        external_keys: of external keys.
        invites: the open invite to each address in small letters.
    """

    people: Mapping[str, str]
    addresses: Mapping[str, str]
    software: frozenset[str]
    groups: Mapping[str, str]
    roles: Mapping[str, str]
    projects: Mapping[str, str]
    archived: Mapping[str, str]
    certificates: Mapping[str, str]
    external_keys: Mapping[str, str]
    invites: Mapping[str, Invite]

    def project(self, id: str) -> str:
        """The label of a project, archived or not."""
        return self.projects.get(id) or self.archived.get(id) or id

    def is_person(self, id: str) -> bool:
        """Whether an id among members is a person's."""
        return id not in self.software and not id.startswith(ACCOUNT)


def names_in(answers: Answers, invites: Mapping[str, Invite]) -> Names:
    """The labels of what came."""
    users = answers.people or []
    software = {user.id for user in users if user.is_service_account}
    told = {user.id: user.email for user in _elsewhere(answers) if user.email}
    people = {u.id: u.email or told.get(u.id) for u in users if u.id not in software}
    others = {
        user.id: told.get(user.id)
        for user in _elsewhere(answers)
        if user.id not in people and user.id not in software
    }
    found = labels(people.items(), is_folded=True)
    found |= labels(others.items(), taken=found.values(), is_folded=True)
    groups = {group.id: group.name for group in answers.groups or ()}
    for listed in answers.parts.get(parts.GROUPS.kind, {}).values():
        for group in listed:
            groups.setdefault(group.group_id, group.group_name)
    archived = [p for p in answers.projects or () if p.status == "archived"]
    return Names(
        people=found,
        addresses={id: email for id, email in (others | people).items() if email},
        software=frozenset(software),
        groups=labels(groups.items()),
        roles=labels_of(own(answers.roles)),
        projects=labels_of(answers.active()),
        archived={project.id: project.name or project.id for project in archived},
        certificates=labels_of(answers.certificates),
        # A file says by the word that a project has no key.
        external_keys=labels(((k.id, k.name) for k in answers.external_keys or ()), taken=(NONE,)),
        invites=invites,
    )


def own(roles: Iterable[Role] | None) -> list[Role]:
    """Roles without OpenAI's own."""
    return [role for role in roles or () if not is_openais(role)]


def _elsewhere(answers: Answers) -> Iterable[GroupUser | ProjectUser]:
    """Those whom groups and projects list."""
    for users in answers.users_of_groups.values():
        yield from (user for user in users if not user.is_service_account)
    for listed in answers.parts.get(parts.USERS.kind, {}).values():
        yield from listed
