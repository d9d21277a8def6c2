"""Where the file differs from the models: what stands in short, what not at all, what but once."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from .model import (
    Certificate,
    Document,
    FederationRule,
    Group,
    IdentityProvider,
    Member,
    Person,
    Project,
    ProjectGroup,
    Protected,
    Role,
    ServiceAccount,
    ServiceTiers,
    SpendAlert,
)

SHORTHAND: Mapping[type, str] = {
    Person: "role",
    Member: "role",
    ServiceAccount: "role",
    ProjectGroup: "roles",
}
"""The field that stands alone, by model: ``ana@example.com: owner`` is the role."""

ALONE: frozenset[tuple[type, str]] = frozenset({(ProjectGroup, "roles"), (Document, "prune")})
"""Lists of which a single item may stand without brackets."""

NOT_IN_FILE: frozenset[tuple[type, str]] = frozenset({(Certificate, "content")})
"""Fields that are filled in from elsewhere."""

TEMPLATES = "x-"
"""What the keys at the top begin with that mean nothing but what anchors in them name."""

MAY_BE_EMPTY = frozenset(
    {
        (Role, "description"),
        (IdentityProvider, "description"),
        (IdentityProvider, "transformations"),
        (FederationRule, "description"),
        (FederationRule, "attributes"),
        (SpendAlert, "subject_prefix"),
    }
)
"""Where a text may have nothing in it, or blanks alone."""


def is_missing(field: tuple[type, str] | None, text: str) -> bool:
    """Whether a text has nothing but blanks where that means nothing: as an id, as a place.

    Names may have: things that there are may be called so.
    """
    return not text.strip() and field is not None and (field[1] == "id" or field in _NEVER_EMPTY)


_NEVER_EMPTY = frozenset({(Document, "organization"), (Project, "geography")})

OF_ONE = frozenset({"id", "name", "archived"})
"""What cannot be said of every project, and so not in the defaults."""

PEOPLE = frozenset(
    {
        (Document, "people"),
        (Project, "members"),
        (Group, "members"),
        (Protected, "people"),
    }
)
"""Where people stand, as labels or in a list: by their addresses, who has none by the id."""

RECIPIENTS = frozenset({(SpendAlert, "emails")})
"""Where addresses stand that need not be of people of the organization."""

ADDRESS = r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+"
"""A regular expression of an address: one @, and no blanks or line ends."""

USER_ID = r"user[-_][^@\s]+"
"""Likewise of a person's id."""

SETS = frozenset(
    {
        (Person, "roles"),
        (Group, "roles"),
        (ProjectGroup, "roles"),
        (Project, "certificates"),
        (ServiceTiers, "enabled"),
        (Document, "prune"),
        *((Protected, each.name) for each in attrs.fields(Protected)),
    }
)
"""Lists in which nothing may stand twice."""
