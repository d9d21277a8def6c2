"""Which kinds a search is to look for, by what was asked and what the text may be of."""

from __future__ import annotations

from collections.abc import Collection

from ..._declare.arguments import one_of, shown, suggest
from ...errors import InvalidInputError
from .hits import KINDS, HitKind
from .query import Query

OF_PROJECT: tuple[HitKind, ...] = ("person", "service_account", "key", "role")
"""The kinds that are listed in a project."""

ADDRESSED: tuple[HitKind, ...] = ("person", "invite")
"""The kinds that have an e-mail address."""

_KEYS: tuple[HitKind, ...] = (
    "key",
    "admin_key",
)  # their owners have addresses, also once they left


def wanted_kinds(
    query: Query, kinds: Collection[str] | None, projects: Collection[str] | None
) -> tuple[HitKind, ...]:
    """The kinds to look for, of those that the text may be of.

    Args:
        query: what is looked for.
        kinds: those that were asked for; ``None`` for all.
        projects: the projects to look in alone; ``None`` for everywhere.

    Raises:
        InvalidInputError: there is no such kind, or it cannot be.
    """
    if isinstance(kinds, str):
        raise InvalidInputError(f"kinds must be several kinds, as [{kinds!r}], not a text.")
    if isinstance(projects, str):
        raise InvalidInputError(f"projects must be several, as [{projects!r}], not a text.")
    for name, given in (("kinds", kinds), ("projects", projects)):
        if given is not None and not given:
            raise InvalidInputError(f"{name} must name at least one; it is empty.")
    if not all(isinstance(each, str) and each.strip() for each in projects or ()):
        raise InvalidInputError("projects must be names or ids; one is empty or not a text.")
    for kind in kinds or ():
        if kind not in KINDS:
            raise InvalidInputError(
                f"kinds must be of {one_of(KINDS)}, not {shown(kind)}{suggest(kind, KINDS)}"
            )
    possible = OF_PROJECT if projects is not None else KINDS
    if query.is_of_admin_key:
        possible = tuple(kind for kind in possible if kind == "admin_key")
    elif query.is_of_key:
        possible = tuple(kind for kind in possible if kind in _KEYS)
    elif query.is_address and kinds is None:
        possible = tuple(kind for kind in possible if kind in (*ADDRESSED, *_KEYS))
    found = tuple(kind for kind in possible if kinds is None or kind in kinds)
    if not found:
        what = "a secret is a key's" if query.is_of_key else "these are not in a project"
        if query.is_of_admin_key:
            what = "an admin key is in no project, and of no other kind"
        raise InvalidInputError(f"kinds and projects leave nothing to look through: {what}.")
    return found
