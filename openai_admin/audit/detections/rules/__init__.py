"""The detections that there are, a module for each family."""

from __future__ import annotations

from typing import Any

from ..model import Detection
from . import (
    accounts,
    data,
    defences,
    federation,
    invites,
    keys,
    leavers,
    logins,
    places,
    privilege,
    removals,
    spending,
)

DETECTIONS: tuple[Detection[Any], ...] = (
    *privilege.DETECTIONS,
    *keys.DETECTIONS,
    *defences.DETECTIONS,
    *data.DETECTIONS,
    *spending.DETECTIONS,
    *removals.DETECTIONS,
    *logins.DETECTIONS,
    *places.DETECTIONS,
    *invites.DETECTIONS,
    *federation.DETECTIONS,
    *leavers.DETECTIONS,
    *accounts.DETECTIONS,
)
"""All of them, in the order in which they are listed."""
