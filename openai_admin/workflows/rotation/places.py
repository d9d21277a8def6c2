"""Where journals are kept where none is named."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ..._extras import require
from .state import Kind

_NAME = "openai-admin"


def folder() -> Path:
    """The folder of the journals: below ``$XDG_STATE_HOME``, else the system's usual place.

    Raises:
        ConfigurationError: platformdirs is not installed.
    """
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    if named.is_absolute():
        return named / _NAME / "rotations"
    found: Path = require("platformdirs", extra="cli").user_state_path(_NAME, appauthor=False)
    return found / "rotations"


def journal_path(
    within: Path | None,
    *,
    address: str,
    organization: str | None,
    kind: Kind,
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
    what = "\n".join((address, organization or "", kind, project, account, sink))
    digest = hashlib.sha256(what.encode()).hexdigest()[:16]
    return (within or folder()) / f"{account or kind}-{digest}.jsonl"


def journals(within: Path | None = None) -> Iterator[Path]:
    """All journals that are kept in a folder, by default the user's."""
    yield from sorted((within or folder()).glob("*.jsonl"))
