"""What there is in an organization, as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from .._wire.portable import Portable
from ..directory.not_known import NotKnown
from .document.model import Document


@attrs.frozen(kw_only=True)
class Granted(Portable):
    """A project that an invite grants.

    Attributes:
        project_id: its id.
        label: its label, also where the projects were not asked for.
        role: the role in it; ``None`` where that is not known.
    """

    project_id: str
    label: str
    role: str | None = None


@attrs.frozen(kw_only=True)
class State(Portable):
    """What there is in an organization: as the file would say it, with every id.

    Attributes:
        document: what there is. A thing's label is its name where that is unique among its kind
            (in its project), else its name and its id; every `id` that there is, is filled in; a
            mapping or list that was not read, or is not known, is ``None``; what is known to be
            absent is empty or ``none``. A role of somebody that is ``None`` is not known. Lists
            whose order means nothing (permissions, models, addresses) are sorted. Pending invites
            stand among `people` with their role and no id, and among the `members` of the projects
            that they name.
        read_at: the server's time when reading began.
            Things that what was asked for refers to stand there with their ids as well.
        sections: the sections that were asked for.
        incomplete: sections, each with the id of the project, group or provider that it is of
            (``None``: the organization), of which not everything came: what does not stand there
            may be there nevertheless, so that nothing may be created because it is missing.
        unsaid: fields that the API did not say, though it listed what they are of: the section, the
            ids of what it is, what the file calls the field (``name``, ``address``). They are
            ``None`` in `document`, as what is absent may be; no step relies on them.
        read_into: the ids of the projects that were read; of others there is the name alone.
        invites: the ids of pending invites, by address in small letters; a member may have one.
        granted: what pending invites grant, by address in small letters: projects that are not
            archived, whether they were asked for or not.
        addresses: the addresses of people by user id, as the API writes them.
        archived: archived projects: labels by id.
        scim_people: the ids of people whom an identity provider manages.
        scim_groups: the ids of groups that it manages, or the tenant.
        role_ids: the ids of roles, OpenAI's own among them, by project id (``None``: the
            organization's) and name.
        inherited: the roles that people have through groups, by project id (``None``: the
            organization's) and user id: by name, each with the ids of the groups. Whether somebody
            has such a role directly as well, the API does not say, and `document` has them as not
            having it directly.
        acting_user: the user id of whom the acting admin key is; ``None`` where that is not known.
        not_known: what the API refused, or did not answer.
    """

    document: Document
    read_at: datetime | None = None
    sections: frozenset[str] = frozenset()
    incomplete: frozenset[tuple[str, str | None]] = frozenset()
    unsaid: frozenset[tuple[str, frozenset[str], str]] = frozenset()
    read_into: frozenset[str] = frozenset()
    invites: Mapping[str, str] = attrs.field(factory=dict)
    granted: Mapping[str, tuple[Granted, ...]] = attrs.field(factory=dict)
    addresses: Mapping[str, str] = attrs.field(factory=dict)
    archived: Mapping[str, str] = attrs.field(factory=dict)
    scim_people: frozenset[str] = frozenset()
    scim_groups: frozenset[str] = frozenset()
    role_ids: Mapping[tuple[str | None, str], str] = attrs.field(factory=dict)
    inherited: Mapping[tuple[str | None, str], Mapping[str, tuple[str, ...]]] = attrs.field(
        factory=dict
    )
    acting_user: str | None = None
    not_known: tuple[NotKnown, ...] = ()

    def is_whole(self, section: str, id: object = None) -> bool:
        """Whether all of a section came: else what is not among it may be there nevertheless.

        Args:
            section: the section.
            id: the id of the project, group or provider that it is of.
        """
        return (section, None) not in self.incomplete and (section, id) not in self.incomplete

    @property
    def names(self) -> Mapping[str, str]:
        """What projects, groups, identity providers and people are called, by id."""
        there = self.document
        named = (there.projects, there.groups, there.identity_providers, there.people)
        return {
            thing.id: label
            for of in named
            for label, thing in (of or {}).items()
            if thing.id is not None
        }
