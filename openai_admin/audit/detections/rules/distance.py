"""How far apart two places are."""

from __future__ import annotations

import math

from ...event import Origin

_EARTH = 6371.0  # km, the mean radius


def kilometers(one: Origin, other: Origin) -> float | None:
    """The way between two places along the Earth's surface; ``None`` where one is not known."""
    if one.latitude is None or one.longitude is None:
        return None
    if other.latitude is None or other.longitude is None:
        return None
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    half = math.sin((south - north) / 2) ** 2
    half += math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(half)))
