"""A plan: the calls that would make an organization as a file says, and what prevents them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from ..._wire.portable import Portable
from ...directory.not_known import NotKnown
from ..document.model import Document

FORMAT = 1
"""The version of a plan as JSON."""

Action = Literal["create", "change", "remove"]
Grant = Literal["organization_owner", "project_owner", "role", "access", "unknown"]
"""A kind of power: what makes somebody an owner, a role that does not, another way in, and what is
not known, so that it may be any of them."""


@attrs.frozen(kw_only=True)
class FieldChange(Portable):
    """One thing that changes of something, in the file's words.

    Attributes:
        field: what changes, as ``role`` or ``max_requests_per_1_minute``.
        old: what it is; ``None`` for nothing.
        new: what it will be; ``None`` for nothing.
    """

    field: str
    old: Any = None
    new: Any = None


@attrs.frozen(kw_only=True)
class From(Portable):
    """An argument that is not known yet: the id of what another step makes.

    Attributes:
        step: that step.
    """

    step: str


@attrs.frozen(kw_only=True)
class Step(Portable):
    """One call.

    Attributes:
        id: what it is called in this plan, the same in each plan that has it.
        section: the section of the file that it is of.
        action: whether it makes, changes or removes something.
        subject: what it is about, by label.
        project: the label of the project that it is in; ``None`` for the organization.
        changes: what changes; of a creation what it is made with; of a removal what there was.
        operation: the operation of the API, as ``projects.users.create``.
        arguments: its arguments; a `From` stands where another step makes the thing.
        needs: the steps that must have been done before.
        power: why it grants power, in words, as ``makes ana@example.com an owner``.
        grants: the same for programs, by kind: ``organization_owner`` and ``project_owner`` for
            what makes somebody an owner, also by a role or a group; ``role`` for a role that does
            not; ``access`` for another way in, as a group or a service account; ``unknown`` where
            what is given was not read, so that it may be any of them. Empty where it grants no
            power.
        notes: what else a person should know before, one sentence each.
        is_final: whether it cannot be undone.
    """

    id: str
    section: str
    action: Action
    subject: str
    project: str | None = None
    changes: tuple[FieldChange, ...] = ()
    operation: str
    arguments: Mapping[str, Any] = attrs.field(factory=dict)
    needs: tuple[str, ...] = ()
    power: str | None = None
    grants: tuple[Grant, ...] = ()
    notes: tuple[str, ...] = ()
    is_final: bool = False


@attrs.frozen(kw_only=True)
class Untouched(Portable):
    """Something that differs from the file and stays as it is.

    Attributes:
        section: the section that it is of.
        subject: what it is, by label.
        project: the label of its project.
        reason: why: an identity provider manages it, it is protected, it is not in the file, an
            invite has to be accepted first.
        kind: the same for programs.
        where: where it stands in the file, as ``org.yaml, line 12``; ``None`` where it does not, or
            no file was read.
    """

    section: str
    subject: str
    project: str | None = None
    reason: str
    kind: Literal["scim", "protected", "not_in_file", "not_known", "invited"]
    where: str | None = None


@attrs.frozen(kw_only=True)
class Impossible(Portable):
    """Something that the file asks for and that cannot be done, or must not.

    Attributes:
        section: the section that it is of.
        subject: what it is, by label.
        project: the label of its project.
        reason: why, and what is possible instead, in a sentence.
        where: where the file asks for it, as ``org.yaml, line 12``; ``None`` where no file was
            read.
    """

    section: str
    subject: str
    project: str | None = None
    reason: str
    where: str | None = None


@attrs.frozen(kw_only=True)
class Exceeded(Portable):
    """A threshold that a plan passes: it is refused unless its kind is forced.

    Attributes:
        kind: what ``--force`` takes, as ``projects.members`` or ``owners``.
        reason: what would be removed, of how much, in a sentence.
    """

    kind: str
    reason: str


@attrs.frozen(kw_only=True)
class Plan(Portable):
    """What would make an organization as a file says.

    Attributes:
        format: the version of its JSON.
        organization: the organization's id.
        made_at: the server's time when what there is was read.
        state: a digest of what there is, as far as it is managed; a plan is applied only to that.
        sections: likewise, by section of those that are managed.
        file: a digest of what the file says.
        document: what the file says, with its defaults laid under every project; it tells what is
            managed when a saved plan is applied.
        projects: the projects that were planned alone, as they were named; ``None`` for all.
        steps: the calls, in the order in which they are made.
        impossible: what cannot be done; a plan that has any is not applied.
        exceeded: the thresholds that it passes.
        untouched: what stays as it is though it differs.
        not_known: what the API refused to say, within what is managed.
    """

    format: int = FORMAT
    organization: str | None = None
    made_at: datetime | None = None
    state: str = ""
    sections: Mapping[str, str] = attrs.field(factory=dict)
    file: str = ""
    document: Document | None = attrs.field(default=None, repr=False)
    projects: tuple[str, ...] | None = None
    steps: tuple[Step, ...] = ()
    impossible: tuple[Impossible, ...] = ()
    exceeded: tuple[Exceeded, ...] = ()
    untouched: tuple[Untouched, ...] = ()
    not_known: tuple[NotKnown, ...] = ()

    @property
    def counts(self) -> Counter[Action]:
        """How many steps make, change and remove something."""
        return Counter(step.action for step in self.steps)
