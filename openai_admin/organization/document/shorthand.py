"""Where the file differs from the models: what may stand in short, what does not stand in it."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Certificate, Document, Member, Person, ProjectGroup, ServiceAccount

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
