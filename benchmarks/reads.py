"""Two thousand small reads, 32 at a time."""

from __future__ import annotations

from .clients import Clients
from .measure import Figure, medians
from .server import Server

_WORK = "2,000 small reads, 32 at a time"


async def figures(server: Server, clients: Clients, *, rounds: int) -> list[Figure]:
    """The figures of small reads."""
    server.set()
    times = await medians(
        {
            "ours": clients.reads_ours,
            "bare": clients.reads_bare,
            "official": clients.reads_official,
        },
        rounds=rounds,
    )
    ours = times["ours"] * 1e3
    return [
        Figure(_WORK, "official", ours, times["official"] * 1e3, "ms", 1 / 8),
        Figure(_WORK, "aiohttp + orjson", ours, times["bare"] * 1e3, "ms", 1.5),
    ]
