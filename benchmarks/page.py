"""One page of usage, 168 hours x 20 groups: fetched and decoded."""

from __future__ import annotations

from .clients import Clients
from .measure import Figure, medians
from .server import Server

_WORK = "one page, 168 hours x 20 groups"


async def figures(server: Server, clients: Clients, *, rounds: int) -> list[Figure]:
    """The figures of one page."""
    server.set(groups=20)
    near = await medians({"ours": clients.page_ours, "bare": clients.page_bare}, rounds=rounds * 5)
    far = await medians(
        {"ours": clients.page_ours, "official": clients.page_official}, rounds=rounds
    )
    return [
        Figure(_WORK, "official", far["ours"] * 1e3, far["official"] * 1e3, "ms", 1 / 22),
        Figure(_WORK, "aiohttp + orjson", near["ours"] * 1e3, near["bare"] * 1e3, "ms", 0.9),
    ]
