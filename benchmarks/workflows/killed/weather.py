"""What may go wrong besides: lost answers, a slow pace, keys that are known only after a while."""

from __future__ import annotations

import random
from collections.abc import Callable

import attrs
from aiohttp import web

from openai_admin.emulator import Drop, Emulator, RateLimit
from openai_admin.emulator.faults import NotYetVisible, UnseenAtFirst
from openai_admin.emulator.faults.fault import Exchange

from .launcher import Launcher


@attrs.frozen
class Weather:
    """A state of the API.

    Attributes:
        name: as the table has it.
        begin: puts it in force, for the requests of the launcher's command; what is random comes
            from the last argument.
    """

    name: str
    begin: Callable[[Emulator, Launcher, random.Random], None]


@attrs.frozen(kw_only=True)
class _Lost(Drop):
    """A share of the answers to a command's requests is lost, after the effect."""

    launcher: Launcher
    share: float
    random: random.Random

    def concerns(self, request: web.BaseRequest) -> bool:
        return self.launcher.running and self.random.random() < self.share


@attrs.frozen(kw_only=True)
class _Paced(RateLimit):
    """A pace for a command's requests, all together: which of them share one is not known."""

    launcher: Launcher

    def concerns(self, request: web.BaseRequest) -> bool:
        return self.launcher.running

    async def apply(self, exchange: Exchange) -> web.Response:
        return await super().apply(attrs.evolve(exchange, operation="any"))


def _lossy(emulator: Emulator, launcher: Launcher, chance: random.Random) -> None:
    # Added first is outermost: what is refused is not carried out, and its answer not lost.
    emulator.faults.add(_Paced(launcher=launcher, limit=8, window=60))
    emulator.faults.add(_Lost(launcher=launcher, share=0.2, random=chance, after_effect=True))


def _late(emulator: Emulator, launcher: Launcher, chance: random.Random) -> None:
    emulator.faults.add(NotYetVisible(seconds=chance.uniform(0.5, 8)))
    emulator.store.key_deletion_delay = 30


def _unseen(emulator: Emulator, launcher: Launcher, chance: random.Random) -> None:
    emulator.faults.add(UnseenAtFirst(looks=chance.randint(1, 4)))


def _lagging(emulator: Emulator, launcher: Launcher, chance: random.Random) -> None:
    emulator.faults.add(NotYetVisible(seconds=chance.uniform(15, 40), as_key=False))
    emulator.faults.add(_Lost(launcher=launcher, share=0.2, random=chance, after_effect=True))


WEATHERS = (
    Weather("20 % of answers lost, 8 a minute", _lossy),
    Weather("keys known late, and known on", _late),
    Weather("keys unknown to the first looks", _unseen),
    Weather("20 % of answers lost, keys listed late", _lagging),
)
