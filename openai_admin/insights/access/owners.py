"""What makes somebody an owner, or as powerful as one: stated here alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .answers import Grant, Path, Step
from .facts import Facts, RoleFact
from .rules import OWNER, covers, names_of_predefined

OWNER_LIKE = frozenset({"api.management.write"})
"""Permissions of the organization that let somebody make themselves an owner: with them people,
their roles and admin keys are managed (guide: "Organization Admin")."""

PROJECT_OWNER_LIKE = frozenset({"api.project.write"})
"""Likewise of a project: with them its members, service accounts and keys are managed (guide:
"Project Administration")."""


def is_owner_like(permissions: Iterable[str], *, of_project: bool) -> bool:
    """Whether permissions make an owner, of the organization or of a project."""
    wanted = OWNER_LIKE | PROJECT_OWNER_LIKE if of_project else OWNER_LIKE
    return any(covers(held, asked) for held in permissions for asked in wanted)


def is_owner_role(role: RoleFact) -> bool:
    """Whether a role makes an owner of where it is given: the predefined one, or one that grants
    as much.
    """
    if role.is_predefined and OWNER in names_of_predefined(role.id, role.name, role.project_id):
        return True
    return is_owner_like(role.permissions or (), of_project=role.project_id is not None)


def predefined_owners(facts: Facts) -> frozenset[Step]:
    """The predefined roles of owners, as the last step of a path names them."""
    return frozenset(
        Step("role", role.id, role.project_id)
        for role in facts.roles
        if role.is_predefined and OWNER in names_of_predefined(role.id, role.name, role.project_id)
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
