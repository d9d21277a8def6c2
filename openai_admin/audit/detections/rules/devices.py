"""What somebody logs in with, recognized across the versions of a browser."""

from __future__ import annotations

import re
from functools import lru_cache

from ...event import Origin

_VERSION = re.compile(r"[\d._]*\d[\d._]*")


def device_of(origin: Origin) -> str | None:
    """What a device is recognized by: what its browser calls itself, without the versions, which
    change every few weeks; else the fingerprint of its TLS.
    """
    return origin.ja4 if origin.user_agent is None else _without_versions(origin.user_agent)


@lru_cache(maxsize=16_384)
def _without_versions(user_agent: str) -> str:
    return _VERSION.sub("#", user_agent)[:300]
