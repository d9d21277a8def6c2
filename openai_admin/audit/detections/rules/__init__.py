"""The detections that there are."""

from __future__ import annotations

from typing import Any

from ..model import Detection

DETECTIONS: tuple[Detection[Any], ...] = ()
"""All of them."""
