"""Where the file differs from the models: what stands in short, what not at all, what but once."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from .model import (
    Certificate,
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Protected,
    ServiceAccount,
    ServiceTiers,
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

OF_ONE = frozenset({"id", "name", "archived"})
"""What cannot be said of every project, and so not in the defaults."""

ADDRESSES = frozenset({(Document, "people"), (Project, "members"), (Group, "members")})
"""Where addresses stand: as labels, or in a list."""

USER = "user"
"""What the id of a person begins with, which stands for the address of one who has none."""

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
