"""Changes by hand: whatever the official client can do to an organization, at random."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import openai

from openai_admin.emulator import Emulator

from .access_by_hand import AccessByHand
from .chosen import NothingToChangeError
from .settings_by_hand import SettingsByHand


class ByHand(AccessByHand, SettingsByHand):
    """Changes an organization with the official client.

    Args:
        emulator: where the organization is; it is only looked at, for what there is to change.
        client: the official client.
        random: decides what is done.
        archives: whether projects are archived as well, which nothing takes back.
        keeps_default: whether the default project keeps its name: a file without pins would have it
            archived under the new one, which the API refuses.
    """

    def __init__(
        self,
        emulator: Emulator,
        client: openai.AsyncOpenAI,
        random: Random,
        *,
        archives: bool = False,
        keeps_default: bool = False,
    ) -> None:
        super().__init__(emulator, client, random)
        self._keeps_default = keeps_default
        self.done: list[str] = []
        """What was done, by name."""
        self.refused = 0
        """How many changes the API refused."""
        self._kinds = [getattr(self, name) for name in dir(type(self)) if name.startswith("do_")]
        if not archives:
            self._kinds.remove(self.do_archive_project)

    async def change(self, count: int) -> None:
        """Make so many changes."""
        while len(self.done) < count:
            kind: Callable[[], Awaitable[Any]] = self._random.choice(self._kinds)
            self._number += 1
            try:
                await kind()
            except NothingToChangeError:
                continue
            except openai.APIStatusError as refusal:
                if refusal.status_code >= 500:
                    raise
                self.refused += 1
                continue
            self.done.append(kind.__name__.removeprefix("do_"))
