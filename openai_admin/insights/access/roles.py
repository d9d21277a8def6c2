"""Roles that a membership stands for, so that reading them again says nothing new."""

from __future__ import annotations

from ...directory.permissions import OWNER, names_of_predefined
from .facts import Assignment, RoleFact

_USUAL = {False: {"owner", "reader"}, True: {"owner", "member", "viewer"}}


def is_usual(role: RoleFact) -> bool:
    """Whether people have a role by membership alone, so that listings of members say who has it.

    Those are OpenAI's own roles, of which the API makes the membership's `role`.
    """
    of_project = role.project_id is not None
    names = names_of_predefined(role.id, role.name, of_project=of_project)
    usual = _USUAL[of_project]
    return role.is_predefined and not usual.isdisjoint(names)


def stands_for(role: RoleFact, membership: str) -> bool:
    """Whether a role is the predefined one that a membership stands for."""
    names = names_of_predefined(role.id, role.name, of_project=role.project_id is not None)
    return role.is_predefined and membership.lower() in names


def covers_membership(role: str | None, given: Assignment) -> bool:
    """Whether a role that a person was assigned directly is that of the membership.

    An owner is listed as a reader, or a member, besides; an owner may do all that these may.
    """
    if not given.is_predefined or given.sources or role is None:
        return False
    of_project = given.project_id is not None
    names = names_of_predefined(given.role_id, given.role_name, of_project=of_project)
    if role.lower() == OWNER:
        return not names.isdisjoint(_USUAL[of_project])
    return role.lower() in names


def role_of(given: Assignment) -> RoleFact:
    """The role that an assignment is of, as it says it."""
    return RoleFact(
        id=given.role_id,
        name=given.role_name,
        project_id=given.project_id,
        permissions=given.permissions,
        is_predefined=given.is_predefined,
    )
