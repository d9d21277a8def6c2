"""The core session: what the clients made from one another share."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from .budget import RetryBudget
from .errors import ClientClosedError
from .events import Reader, Teller
from .exchange import Exchange, Options, Shared
from .gate import Gate
from .limiter import FairLimiter
from .operation import Call
from .pacing import Pacer
from .retry import Effect
from .transport import Transport

# Global: what an endpoint grants it grants to a key, whichever client of the process asks.
_pacer = Pacer()


class Session:
    """What all clients made from one another share: connections, places, reads in flight.

    Args:
        transport: makes the attempts.
        secret: the admin key, to blot it out of what the server says and to tell paces apart.
        max_concurrency: how many requests run at once.
        clock: monotonic seconds.
        sleep: waits that many seconds.
        rng: the source of jitter.
        pacer: the paces; by default those of the process.
        on_event: is told what happens to each call.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        secret: str,
        max_concurrency: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        pacer: Pacer | None = None,
        on_event: Reader | None = None,
    ) -> None:
        self._transport = transport
        self._closed = False
        self._process = os.getpid()
        self._reads: dict[Hashable, asyncio.Future[Any]] = {}
        scope = hashlib.sha256(f"{transport.base_url} {secret}".encode()).hexdigest()
        self.limiter = FairLimiter(max_concurrency)
        self.budget = RetryBudget()
        self._shared = Shared(
            transport=transport,
            secret=secret,
            limiter=self.limiter,
            gate=Gate(pacer or _pacer, scope=scope, clock=clock, sleep=sleep),
            budget=self.budget,
            teller=Teller(on_event),
            clock=clock,
            sleep=sleep,
            rng=rng or random.Random(),  # noqa: S311 - jitter is no secret
            check_usable=self._check_usable,
        )

    async def execute(self, call: Call, options: Options) -> Any:
        """Send a call and decode its answer.

        Raises:
            APIError: it did not end well; see `errors` for the kinds.
            ClientClosedError: the client is closed, or another process made it.
        """
        self._check_usable()
        if call.effect is Effect.READS:
            return await self._shared_read(call, options)
        self._reads.clear()  # a read begun before a change does not answer one begun after
        try:
            return await Exchange(self._shared, call, options).run()
        finally:
            self._reads.clear()

    async def close(self) -> None:
        """Close the connections; the session cannot be used after."""
        self._closed = True
        await self._transport.close()

    def _check_usable(self) -> None:
        if self._closed:
            raise ClientClosedError("The client is closed; make a new one.")
        if os.getpid() != self._process:
            raise ClientClosedError(
                "The client was made in another process (before a fork); make one in this process."
            )

    async def _shared_read(self, call: Call, options: Options) -> Any:
        """Send a read, or wait for the equal one that is in flight already."""
        exchange = Exchange(self._shared, call, options)  # its time runs from here on
        key = (call.request.target, call.request.body, call.answer, options)
        while (leader := self._reads.get(key)) is not None:
            await asyncio.wait((leader,))  # not the future itself: its end is no end of this call
            if not leader.cancelled():
                return leader.result()
        future = asyncio.get_running_loop().create_future()
        self._reads[key] = future
        try:
            result = await exchange.run()
        except asyncio.CancelledError:
            future.cancel()
            raise
        except BaseException as exc:
            future.set_exception(exc)
            future.exception()  # mark as seen: most reads have no second caller
            raise
        else:
            future.set_result(result)
            return result
        finally:
            if self._reads.get(key) is future:
                del self._reads[key]
