"""The detections that there are, a module for each family."""

from __future__ import annotations

from typing import Any

from ..model import Detection
from . import privilege

DETECTIONS: tuple[Detection[Any], ...] = (*privilege.DETECTIONS,)
"""All of them, in the order in which they are listed."""
