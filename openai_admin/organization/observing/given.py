"""Which roles must be asked for person by person, and what is said of those that they have."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import attrs

from ...directory.permissions import names_of_predefined
from ...insights.access import made
from ...insights.access.roles import covers_membership, is_usual
from ...resources.groups.users import GroupUser
from ...resources.roles import AssignedRole, Role
from ...workflows.offboarding.snapshot import is_direct

_WORDS = ("owner", "member", "viewer", "reader")


def are_all_told(roles: Iterable[Role], project_id: str | None, *, is_whole: bool) -> bool:
    """Whether membership alone says who has each of the roles of a place.

    So it is where all of them are OpenAI's own: nobody has any but that of the membership, and
    nobody need be asked for.

    Args:
        roles: the roles.
        project_id: the project that they are of; ``None`` for those of the organization.
        is_whole: whether these are surely all.
    """
    return is_whole and all(
        is_usual(attrs.evolve(made.role(role, project_id), is_predefined=is_openais(role)))
        for role in roles
    )


def is_membership(role: str | None, *, of_project: bool) -> bool:
    """Whether a membership's role is one that is known: else which role stands for it is not."""
    return role in (("owner", "member", "viewer") if of_project else ("owner", "reader"))


def besides(
    membership: str | None, listed: Iterable[AssignedRole], user_id: str, project_id: str | None
) -> list[AssignedRole]:
    """The roles that somebody was given directly, besides what the membership stands for."""

    def is_besides(role: AssignedRole) -> bool:
        given = made.assignment(role, "user", user_id, project_id)
        given = attrs.evolve(given, is_predefined=is_openais(role))
        return not covers_membership(membership, given)

    return [role for role in listed if is_direct(role) and is_besides(role)]


def is_clear(
    listed: Iterable[AssignedRole], given: Iterable[AssignedRole], by_groups: Container[str]
) -> bool:
    """Whether it is known of each role that somebody has how they have it.

    No source says that it was given directly, unless one of their groups has it: then the API did
    not say the sources.

    Args:
        listed: the roles.
        given: those of them that are taken for given directly, besides the membership's.
        by_groups: the ids of those that groups give them, as far as that was read.
    """
    return not (
        any(role.is_unread("assignment_sources") for role in listed)
        or any(not role.assignment_sources and role.id in by_groups for role in given)
    )


def through_groups(
    roles_of: Mapping[str, Iterable[AssignedRole]], users_of: Mapping[str, Iterable[GroupUser]]
) -> dict[str, set[str]]:
    """The ids of the roles that groups give people, by user id.

    Args:
        roles_of: the roles of groups, by group id.
        users_of: the users of groups, likewise.
    """
    found: dict[str, set[str]] = {}
    for group_id, roles in roles_of.items():
        ids = {role.id for role in roles}
        for user in users_of.get(group_id, ()) if ids else ():
            found.setdefault(user.id, set()).update(ids)
    return found


def by_group(
    listed: Iterable[AssignedRole], labels: Mapping[str, str], *, of_project: bool
) -> dict[str, tuple[str, ...]]:
    """The names of roles that somebody has through groups, each with the ids of those.

    Args:
        listed: the roles.
        labels: the labels of roles that are defined here, by id.
        of_project: whether they are of a project.
    """
    found = {}
    for role in listed:
        if not is_direct(role):
            sources = (source.principal_id for source in role.assignment_sources or ())
            (name,) = named([role], labels, of_project=of_project)
            found[name] = tuple(sorted({id for id in sources if id is not None}))
    return dict(sorted(found.items()))


def is_openais(role: Role | AssignedRole) -> bool:
    """Whether a role is one of OpenAI's own, which its id says as well."""
    return bool(role.predefined_role) or role.id.startswith("role-api-")


def words(role: Role | AssignedRole, *, of_project: bool) -> list[str]:
    """What the file calls one of OpenAI's own roles; the first is what it is shown as."""
    names = names_of_predefined(role.id, role.name, of_project=of_project)
    usual = [word for word in _WORDS if word in names]
    return list(dict.fromkeys([*usual, role.name or role.id]))


def named(
    listed: Iterable[AssignedRole], labels: Mapping[str, str], *, of_project: bool
) -> tuple[str, ...]:
    """The names of roles that somebody has.

    Args:
        listed: the roles.
        labels: the labels of roles that are defined here, by id.
        of_project: whether they are of a project.
    """
    return tuple(
        sorted(
            {
                words(role, of_project=of_project)[0]
                if is_openais(role)
                else labels.get(role.id, role.name or role.id)
                for role in listed
            }
        )
    )
