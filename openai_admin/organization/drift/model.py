"""What is not as a file says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import attrs

from ..._wire.portable import Portable
from ...directory.not_known import NotKnown
from ..planning.model import FieldChange, Untouched

DAYS = 90
"""How many days the audit log is looked back."""


@attrs.frozen(kw_only=True)
class Drifted(Portable):
    """One thing that is not as the file says.

    Attributes:
        id: what it is called, the same each time that it is found. Of a thing of which several
            fields differ, each is found by itself.
        section: the section of the file that it is of.
        kind: whether it is there and not in the file, in the file and not there, or another than
            the file says; ``other`` is what the file wants and cannot be had.
        subject: what it is about, by label.
        project: the label of the project that it is in; ``None`` for the organization.
        changes: what differs: `old` as the file says, `new` as it is.
        text: the same as a sentence without its full stop; of what happened where the audit log
            says that, else of how it is.
        actor: who did it: an address, else the id of a person, a service account or a key; ``None``
            where the audit log does not say.
        changed_at: when; ``None`` likewise.
    """

    id: str
    section: str
    kind: Literal["added", "removed", "changed", "other"]
    subject: str
    project: str | None = None
    changes: tuple[FieldChange, ...] = ()
    text: str
    actor: str | None = None
    changed_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Drift(Portable):
    """What is not as a file says.

    Attributes:
        organization: the organization's id.
        looked_at: the server's time when what there is was read.
        since: from when on the audit log was looked at; ``None`` where it was not.
        found: what is not as the file says.
        left: what differs and is not drift: it is not in the file, which does not prune it; an
            identity provider manages it.
        not_known: what the API refused to say, within what the file manages.
        unclear: what therefore could not be compared.
        log_not_known: why the audit log does not say who did it, where it was refused.
        names: what projects, groups and people of which something is not known are called, by id.
    """

    organization: str | None = None
    looked_at: datetime | None = None
    since: datetime | None = None
    found: tuple[Drifted, ...] = ()
    left: tuple[Untouched, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    unclear: tuple[Untouched, ...] = ()
    log_not_known: tuple[NotKnown, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether all that the file manages could be compared."""
        return not (self.not_known or self.unclear)
