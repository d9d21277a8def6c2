"""Two thousand distinct reads of usage, 32 at a time: of clients in use, and of new ones."""

from __future__ import annotations

from .clients import Clients, cold
from .measure import Figure, medians
from .server import Server

_WORK = "2,000 reads of usage, 32 at a time"


async def figures(server: Server, clients: Clients, *, rounds: int) -> list[Figure]:
    """The figures of reads of usage."""
    server.set()
    warm = {
        "ours": clients.usage_ours,
        "bare": clients.usage_bare,
        "official": clients.usage_official,
    }
    new = {
        "ours": cold(server.base_url, Clients.usage_ours),
        "bare": cold(server.base_url, Clients.usage_bare),
        "official": cold(server.base_url, Clients.usage_official),
    }
    figures: list[Figure] = []
    for name, works, bounds in (
        (_WORK, warm, (1 / 8, 1.4)),
        (f"{_WORK}, cold", new, (1 / 6, 1.8)),
    ):
        ms = {who: seconds * 1e3 for who, seconds in (await medians(works, rounds=rounds)).items()}
        figures += [
            Figure(name, "official", ms["ours"], ms["official"], "ms", bounds[0]),
            Figure(name, "aiohttp + orjson", ms["ours"], ms["bare"], "ms", bounds[1]),
        ]
    return figures
