"""Our client with what it otherwise takes from the process: its paces, clock and randomness."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from openai_admin import AsyncOpenAIAdmin
from openai_admin._transport.connection import Timeout, Transport
from openai_admin._transport.context import Options
from openai_admin._transport.credentials import Credentials
from openai_admin._transport.rate_limiter import RateLimiter
from openai_admin._transport.retry import RetryPolicy
from openai_admin._transport.session import Caller, Session
from openai_admin._tree import AdminResources
from openai_admin.client import DEFAULT_MAX_CONCURRENCY
from openai_admin.emulator import Emulator


class SeededClient(AsyncOpenAIAdmin):
    """A client that does the same each time.

    Attributes:
        session: what sends its calls.
        rate_limiter: the paces, of this client alone.
    """

    def __init__(
        self,
        emulator: Emulator,
        *,
        seed: int = 0,
        places: int = DEFAULT_MAX_CONCURRENCY,
        clock: Callable[[], float] = time.monotonic,
        timeout: Timeout = Timeout(),  # noqa: B008 - immutable
    ) -> None:
        self.rate_limiter = RateLimiter(random=random.Random(seed))
        self.session = Session(
            Transport(emulator.base_url),
            credentials=Credentials(emulator.admin_key),
            max_concurrency=places,
            clock=clock,
            rng=random.Random(seed),
            rate_limiter=self.rate_limiter,
        )
        self._caller = Caller(self.session, Options(timeout, RetryPolicy()))
        AdminResources.__init__(self, self._caller)
