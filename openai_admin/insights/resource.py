"""Insights as a part of a client's tree, so that both clients have them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._tree import AdminResources
from .reviews import Review


class Insights(Resource[Mode], name="insights"):
    """What the organization spends and who has access to it, assessed."""

    @composed
    async def review(
        self: Insights[Async],
        /,
        *,
        days: int = 30,
        now: datetime | None = None,
        only: Collection[str] | None = None,
    ) -> Review:
        """Look at spend, keys, people and limits, and say what stands out.

        It takes about twenty requests, and five for each active project.

        Args:
            days: how many whole days to look at; they are compared with as many before.
            now: the moment to treat as the present, with a time zone; by default now.
            only: the findings to look for, as ``["stale_keys"]``; by default all. Nothing is
                fetched that these do not need, and all others are not known.

        Raises:
            InvalidInputError: `days` is less than 1, `now` has no time zone, or there is no such
                finding.
            AuthenticationError: the key is wrong. What it may not read is in the review's
                `not_known`.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .gather import review

        return await review(AdminResources[Async](self._caller), days=days, now=now, only=only)
