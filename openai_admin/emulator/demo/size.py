"""How large the demo organization is: as it is written down, or grown to any size."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Size:
    """How many of each it has in all; it is never smaller than the company of forty people."""

    projects: int
    """One in ten of the projects that are added is archived."""
    users: int
    keys: int
    """Of projects, those of their service accounts included."""
    events: int
    """In the audit log, which has at least what there is to tell of everything else."""


LARGE = Size(projects=2_000, users=20_000, keys=10_000, events=100_000)
