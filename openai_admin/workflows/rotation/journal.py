"""Where the journal of a rotation is."""

from __future__ import annotations

from pathlib import Path

from ...errors import RotationError
from ..journal import Journals

JOURNALS = Journals(
    folder_name="rotations",
    job="a rotation",
    doing="rotating",
    instead="name another file with --journal, or move this one away",
    elsewhere="name another file with --journal",
    error=RotationError,
)


def journal_path(
    within: Path | None,
    *,
    address: str,
    organization: str | None,
    kind: str,
    project: str,
    account: str,
    sink: str,
) -> Path:
    """The journal of whatever rotates this account's key into this sink.

    Args:
        within: its folder; by default the user's.
        address: the base address.
        organization: the organization that requests name.
        kind: which kind of key.
        project: the project's id; empty for admin keys.
        account: the service account's id, likewise.
        sink: the sink as it was written.
    """
    label = account or kind
    return JOURNALS.path(within, label, address, organization or "", kind, project, account, sink)
