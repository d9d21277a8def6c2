"""What one request, path, endpoint or process costs the others, in virtual time.

The service answers after 50 to 300 ms, where nothing else is said.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator, Latency, RateLimit
from openai_admin.emulator.faults import Fault

from . import virtual_time
from .rate_limits import furnish
from .seams import SeededClient

PATHS = 30
HUNG_OF = 40
STRAY_OF = 300
MINUTES = 20
LIMIT = 8
SHARED = ("projects.users.list", "projects.roles.list", "projects.rate_limits.list")

Work = Callable[[AsyncOpenAIAdmin, list[str]], Awaitable[None]]


@attrs.frozen
class Costs:
    """The figures.

    Attributes:
        refused_path: seconds that a path that is always refused costs 29 others.
        stray: seconds that one refusal of 300 requests costs.
        hung: the median of the others beside a request that hangs, to the median without.
        least: the smaller part of a limit that one of two processes gets.
        together: the part of the limit that both get.
        shared: the time against the best possible where three endpoints share one limit.
    """

    refused_path: float
    stray: float
    hung: float
    least: float
    together: float
    shared: float
