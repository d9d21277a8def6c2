"""What permissions and roles mean: wildcards, and what makes somebody an owner."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

OWNER = "owner"
"""The role of an owner, of the organization and of a project."""

OWNER_LIKE = frozenset({"api.management.write"})
"""Permissions of the organization that let somebody make themselves an owner: with them people,
their roles and admin keys are managed. OpenAI's guide to permissions calls that "Organization
Admin"."""

PROJECT_OWNER_LIKE = frozenset({"api.project.write"})
"""Likewise of a project: with them its members, service accounts and keys are managed, which the
guide calls "Project Administration"."""


def covers(held: str, asked: str) -> bool:
    """Whether a held permission answers a question for one.

    A ``*`` in either stands for any run of characters.
    """
    return held == asked or _matches(held, asked) or _matches(asked, held)


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def _matches(pattern: str, text: str) -> bool:
    return "*" in pattern and _pattern(pattern).fullmatch(text) is not None


def names_of_predefined(id: str, name: str | None, *, of_project: bool) -> set[str]:
    """The names of memberships that one of OpenAI's own roles stands for."""
    start = f"role-api-{'project' if of_project else 'organization'}-"
    names = {id.removeprefix(start)} if id.startswith(start) else set()
    return names if name is None else names | {name.lower()}


def is_owner_like(permissions: Iterable[str], *, of_project: bool) -> bool:
    """Whether permissions make an owner, of the organization or of a project."""
    wanted = OWNER_LIKE | PROJECT_OWNER_LIKE if of_project else OWNER_LIKE
    return any(covers(held, asked) for held in permissions for asked in wanted)


def makes_owner(
    id: str,
    name: str | None,
    permissions: Iterable[str] | None,
    *,
    is_predefined: bool,
    of_project: bool = False,
) -> bool:
    """Whether a role makes an owner: OpenAI's own of that name, or one that grants as much.

    Args:
        id: the role's id.
        name: its name.
        permissions: what it grants; ``None`` where that is not known.
        is_predefined: whether it is OpenAI's own.
        of_project: whether it is of a project.
    """
    if is_predefined and OWNER in names_of_predefined(id, name, of_project=of_project):
        return True
    return is_owner_like(permissions or (), of_project=of_project)
