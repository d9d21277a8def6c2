"""Roles that a membership stands for, so that reading them again says nothing new."""

from __future__ import annotations

from .facts import Assignment, RoleFact
from .rules import OWNER, names_of_predefined

_USUAL = {False: {"owner", "reader"}, True: {"owner", "member", "viewer"}}


def is_usual(role: RoleFact) -> bool:
    """Whether people have a role by membership alone, so that listings of members say who has it.

    Those are OpenAI's own roles, of which the API makes the membership's `role`.
    """
    names = names_of_predefined(role.id, role.name, role.project_id)
    usual = _USUAL[role.project_id is not None]
    return role.is_predefined and not usual.isdisjoint(names)


def covers_membership(role: str | None, given: Assignment) -> bool:
    """Whether a role that a person was assigned directly is that of the membership.

    An owner is listed as a reader, or a member, besides; an owner may do all that these may.
    """
    if not given.is_predefined or given.sources or role is None:
        return False
    names = names_of_predefined(given.role_id, given.role_name, given.project_id)
    if role.lower() == OWNER:
        return not names.isdisjoint(_USUAL[given.project_id is not None])
    return role.lower() in names
