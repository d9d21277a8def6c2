"""Which roles can matter to a question, so that no more is read than it needs."""

from __future__ import annotations

from collections.abc import Callable

from ...directory.permissions import OWNER, covers
from .facts import RoleFact
from .owners import is_owner_role, is_owners


def concerning(permission: str | None) -> Callable[[RoleFact], bool]:
    """What says whether a role can matter to a question; to none in particular, each does."""
    if permission is None:
        return lambda role: True

    def matters(role: RoleFact) -> bool:
        if role.permissions is None:
            return True
        if permission == OWNER:
            return is_owner_role(role)
        if is_owners(role):  # it gives what the owners of projects have, whatever it grants itself
            return True
        return any(covers(held, permission) for held in role.permissions)

    return matters
