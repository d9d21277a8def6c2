"""What is not known beside what the API refused: what came, but cannot be said in the file."""

from __future__ import annotations

import attrs

from ...directory.not_known import UNREAD, NotKnown
from ...directory.reading import Reads
from .parts import PARTS

SECTION_OF: dict[str, str] = {
    "people": "people",
    "invites": "people",
    "addresses of invites": "people",
    "states of invites": "people",
    "groups": "groups",
    "roles": "roles",
    "projects": "projects",
    "certificates": "certificates",
    "external keys": "external_keys",
    "external storage": "projects.external_storage",
    "identity providers": "identity_providers",
    "spend alerts": "settings.spend_alerts",
    "members of groups": "groups.members",
    "roles of groups": "groups.roles",
    "roles of people": "people.roles",
    "roles of people in projects": "projects.members",
    "roles of groups in projects": "projects.groups",
    "federation rules": "identity_providers.rules",
    **{part.kind: part.sections[0] for part in PARTS},
}
"""The section of which a listing is, by what it is in words."""


@attrs.define
class Gaps:
    """Sections of which something is missing.

    Attributes:
        incomplete: the sections, each with the id of what it is of.
        not_known: what is missing, with the reason.
        fields: fields that are not known: the section, the ids of what they are of, what the file
            calls them.
    """

    incomplete: set[tuple[str, str | None]] = attrs.field(factory=set)
    not_known: list[NotKnown] = attrs.field(factory=list)
    fields: set[tuple[str, frozenset[str], str]] = attrs.field(factory=set)

    def take(self, reads: Reads) -> None:
        """Take over of which listings something could not be read."""
        for kind, of in sorted(reads.incomplete, key=str):
            self.lack(kind, UNREAD, of)

    def lack(self, kind: str, reason: str, of: str | None = None) -> None:
        """Say that something of a listing cannot be said.

        Args:
            kind: the listing, in words.
            reason: why.
            of: the id of the project, group or provider that it is of.
        """
        if kind in SECTION_OF:
            self.incomplete.add((SECTION_OF[kind], of))
        self.unsaid(kind, reason, of)

    def unsaid(self, kind: str, reason: str, of: str | None = None) -> None:
        """Say that something of what stands there was not told, such as somebody's role."""
        part = NotKnown(kind=kind, reason=reason, project_id=of)
        if part not in self.not_known:
            self.not_known.append(part)
