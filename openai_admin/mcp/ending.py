"""How a server ends: what changes something is waited for, and what is lost is said."""

from __future__ import annotations

import logging

import anyio
import attrs

from .patience import Works

SETTLED_WITHIN = 5.0
"""Seconds that changes which were sent get to end, and to be answered."""

_WRITTEN_WITHIN = 0.2  # seconds for an answer to get from its call to the client
_log = logging.getLogger("openai_admin.mcp")


@attrs.define
class Ending:
    """The end of a server.

    Attributes:
        works: the work of its calls.
        has_begun: whether nothing new is taken.
    """

    works: Works
    has_begun: bool = False

    async def settled(self, seconds: float = SETTLED_WITHIN) -> None:
        """Take nothing new, and wait for changes that were sent, and for their answers.

        A secret that is lost nevertheless is logged: what it belongs to may exist.

        Args:
            seconds: the longest wait.
        """
        self.has_begun = True
        if not self.works.unsettled():
            return
        with anyio.move_on_after(seconds):
            while running := [one for one in self.works.unsettled() if not one.has_ended]:
                await running[0].ended.wait()
        await anyio.sleep(_WRITTEN_WITHIN)
        for work in self.works.unsettled():
            if work.gives_secret and not work.has_ended:
                _log.warning(
                    "The server ended before %s did: what it creates may exist, but its secret is"
                    " lost: look for it, and delete it.",
                    work.call[0],
                )
