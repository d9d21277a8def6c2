"""Our client with what it otherwise takes from the process: its paces, clock and randomness."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from openai_admin import AsyncOpenAIAdmin
from openai_admin.client import DEFAULT_MAX_CONCURRENCY, Engine
from openai_admin.emulator import Emulator
from openai_admin.exchange import Options
from openai_admin.pacing import Pacer
from openai_admin.protocol import HiddenText
from openai_admin.retry import RetryPolicy
from openai_admin.session import Session
from openai_admin.transport import Timeout, Transport
from openai_admin.tree import AdminResources


class SeededClient(AsyncOpenAIAdmin):
    """A client that does the same each time.

    Attributes:
        session: what sends its calls.
        pacer: the paces, of this client alone.
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
        self.pacer = Pacer(random=random.Random(seed))
        headers = {"Authorization": HiddenText(f"Bearer {emulator.admin_key}")}
        self.session = Session(
            Transport(emulator.base_url, headers),
            secret=HiddenText(emulator.admin_key),
            max_concurrency=places,
            clock=clock,
            rng=random.Random(seed),
            pacer=self.pacer,
        )
        self._engine = Engine(self.session, Options(timeout, RetryPolicy()), "a seeded client")
        AdminResources.__init__(self, self._engine)
