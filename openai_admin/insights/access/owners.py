"""Owners among those who have access, by whichever role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...directory.permissions import OWNER, is_owner_like, makes_owner, names_of_predefined
from .answers import Grant, Path, Step, Unknown
from .facts import Facts, RoleFact
from .rules import ORGANIZATION_OWNER


def is_owner_role(role: RoleFact) -> bool:
    """Whether a role makes an owner of where it is given: the predefined one, or one that grants
    as much.
    """
    return makes_owner(
        role.id,
        role.name,
        role.permissions,
        is_predefined=role.is_predefined,
        of_project=role.project_id is not None,
    )


def is_owners(role: RoleFact) -> bool:
    """Whether a role is the predefined one of the organization's owners."""
    if role.project_id is not None:
        return False
    names = names_of_predefined(role.id, role.name, of_project=False)
    return OWNER in names and (role.is_predefined or role.id == ORGANIZATION_OWNER)


def named_owners(unknown: Iterable[Unknown], facts: Facts) -> Iterator[Unknown]:
    """Those who are listed as owners where what that grants is not known, since the roles could
    not be read.
    """
    refused = {(part.kind, part.project_id) for part in facts.not_known}
    for one in unknown:
        last = one.path[-1] if one.path else None
        if one.reason != "undefined" or last is None or last.kind != "membership":
            continue
        kind = "roles" if last.project_id is None else "roles of projects"
        if last.id.lower() == OWNER and (kind, last.project_id) in refused:
            yield one


def predefined_owners(facts: Facts) -> frozenset[Step]:
    """The predefined roles of owners, as the last step of a path names them."""
    return frozenset(
        Step("role", role.id, role.project_id)
        for role in facts.roles
        if role.is_predefined
        and OWNER in names_of_predefined(role.id, role.name, of_project=role.project_id is not None)
    )


def owner_paths(grant: Grant, roles: frozenset[Step]) -> Iterator[Path]:
    """The paths of a grant that make somebody an owner of where the grant is.

    Those of an owner of the organization in a project are left out: the grants of the organization
    count there too.

    Args:
        grant: a grant.
        roles: the predefined roles of owners.
    """
    is_enough = is_owner_like([grant.permission], of_project=grant.project_id is not None)
    for path in grant.paths:
        of_organization = len(path) > 1 and path[-2].kind == "role"
        if not of_organization and (is_enough or path[-1] in roles):
            yield path
