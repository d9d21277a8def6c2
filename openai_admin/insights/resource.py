"""Insights as a part of a client's tree, so that both clients have them."""

from __future__ import annotations

from datetime import datetime

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._tree import AdminResources
from .reviews import Review


class Insights(Resource[Mode], name="insights"):
    """What the organization spends and who has access to it, assessed."""

    @composed
    async def review(
        self: Insights[Async], /, *, days: int = 30, now: datetime | None = None
    ) -> Review:
        """Look at spend, keys, people and limits, and say what stands out.

        It takes about twenty requests, and five for each active project.

        Args:
            days: how many whole days to look at; they are compared with as many before.
            now: the moment to treat as the present, with a time zone; by default now.

        Raises:
            InvalidInputError: `days` is less than 1, or `now` has no time zone.
            APIError: projects, users, usage or costs cannot be read; anything else that the key may
                not read is named in the review's `missing`.
        """
        from .gather import review

        return await review(AdminResources[Async](self._caller), days=days, now=now)
