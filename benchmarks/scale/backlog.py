"""Many calls that wait for one endpoint of a service that grants 400 requests a second."""

from __future__ import annotations

import asyncio
import math

from openai_admin import AsyncOpenAIAdmin

from ..clients import KEY
from ..server import running
from .line import CPU, PEAK, Bound, Line, Outcome, growth
from .measuring import Measuring

_WAITERS = 500
_LIMIT = 400  # a second
_LATENCY = 0.02  # s
_LEARNED = 5.0  # s within which the limit is to be found
_LATER = "of the limit after 5 s"


async def _backlog(measuring: Measuring, scale: int) -> None:
    clock = asyncio.get_running_loop().time
    answered: list[float] = []
    with running() as server:
        server.set(delay=_LATENCY, limit=_LIMIT)
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:

            async def one(number: int) -> None:
                await client.projects.retrieve(f"proj_{number}")
                answered.append(clock())

            async with measuring:
                begin = clock()
                await asyncio.gather(*(one(number) for number in range(_WAITERS * scale)))
    seconds = answered[-1] - begin
    later = sum(time > begin + _LEARNED for time in answered)
    measuring.note(
        {
            "of the limit": len(answered) / seconds / _LIMIT,
            # what is over soon after the limit was found tells nothing
            _LATER: later / (seconds - _LEARNED) / _LIMIT if seconds > 2 * _LEARNED else math.nan,
            "kB a waiter": measuring.peak / 1_000 / len(answered),
        },
        work=len(answered),
    )


def _is_learned(outcome: Outcome) -> float:
    return outcome.ours[16][_LATER]


LINES = (
    Line(
        "backlog",
        f"{_WAITERS} waiters, {_LIMIT} grants a second",
        _backlog,
        bounds=(
            growth(CPU, 1.3),
            growth(PEAK, 1.3),
            Bound(f"{_LATER}, ×16", 0.9, _is_learned, least=True),
        ),
    ),
)
