"""90 days of hours over ten endpoints, 5 groups a bucket, answers after 50 ms, 32 at a time."""

from __future__ import annotations

import math

from .clients import CONCURRENCY, ENDPOINTS, Clients
from .measure import Figure, medians
from .server import Server

_WORK = "90 days of hours x 10 endpoints"
_DELAY = 0.05
_REQUESTS = len(ENDPOINTS) * math.ceil(90 * 24 / 168)


async def figures(server: Server, clients: Clients, *, rounds: int) -> list[Figure]:
    """The figures of a fan-out."""
    server.set(groups=5, delay=_DELAY)
    ours = await medians({"ours": clients.fan_out_ours}, rounds=rounds)
    official = await medians({"official": clients.fan_out_official}, rounds=1)
    limit = math.ceil(_REQUESTS / CONCURRENCY) * _DELAY
    return [
        Figure(_WORK, "official", ours["ours"] * 1e3, official["official"] * 1e3, "ms", 1 / 8),
        Figure(_WORK, "the server's delays alone", ours["ours"] * 1e3, limit * 1e3, "ms", 1.3),
    ]
