"""What an operation does to the organization."""

from __future__ import annotations

import enum


class Effect(enum.Enum):
    """What an operation does to the organization."""

    READS = "reads"
    CHANGES = "changes"
    DESTROYS = "destroys"
