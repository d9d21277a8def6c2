"""What there is in an organization, read as far as sections of the file need it."""

from __future__ import annotations

from collections.abc import Collection

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...insights.access.forecast import OnForecast
from ..document.model import Document
from ..state import State


async def observe(
    client: AdminResources[Async],
    *,
    sections: Collection[str] | None = None,
    projects: Collection[str] | None = None,
    on_forecast: OnForecast | None = None,
) -> State:
    """Read what there is; see `Organization.observe`."""
    return State(document=Document())
