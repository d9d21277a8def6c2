"""90 days of hours over ten endpoints, 5 groups a bucket, answers after 50 ms, 32 at a time.

Each run is a new client's: no connection is open, and no pace is learned. What bare aiohttp takes
for the same requests says how much of the time is the machine's, the server's process among it.
"""

from __future__ import annotations

import math

from .clients import CONCURRENCY, ENDPOINTS, Clients, cold
from .measure import Figure, medians
from .server import Server

_WORK = "90 days of hours x 10 endpoints, cold"
_DELAY = 0.05
_REQUESTS = len(ENDPOINTS) * math.ceil(90 * 24 / 168)


async def figures(server: Server, *, rounds: int) -> list[Figure]:
    """The figures of a fan-out."""
    server.set(groups=5, delay=_DELAY)
    works = {
        "ours": cold(server.base_url, Clients.fan_out_ours),
        "bare": cold(server.base_url, Clients.fan_out_bare),
        "official": cold(server.base_url, Clients.fan_out_official),
    }
    ms = {who: seconds * 1e3 for who, seconds in (await medians(works, rounds=rounds)).items()}
    limit = math.ceil(_REQUESTS / CONCURRENCY) * _DELAY * 1e3
    return [
        Figure(_WORK, "official", ms["ours"], ms["official"], "ms", 1 / 10),
        Figure(_WORK, "aiohttp + orjson", ms["ours"], ms["bare"], "ms"),
        Figure(_WORK, "the server's delays alone", ms["ours"], limit, "ms", 1.25),
    ]
