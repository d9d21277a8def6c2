"""The core session: sends calls with retries, at the pace each endpoint grants."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import random
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

import attrs

from .budget import RetryBudget
from .codec import decode, structure
from .errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APITimeoutError,
    ClientClosedError,
    OutcomeUnknownError,
)
from .limiter import FairLimiter
from .limits import Limits
from .operation import Call
from .pace import Slot
from .pacing import Pacer
from .protocol import Response, error_from
from .retry import Effect, Failure, RetryPolicy, Trouble, delay_before_retry, server_delay
from .transport import Failed, Timeout, Transport
from .waits import Wait, announce

_log = logging.getLogger("openai_admin")

# Global: what an endpoint grants it grants to a key, whichever client of the process asks.
_pacer = Pacer()

# Seconds a call goes on when an endpoint has refused it from the beginning: the API's limits are
# by the minute, so whoever used them up before has let go of them by then.
_PATIENCE = 65.0
# Seconds between two lines in the log about waiting for the same endpoint.
_LOG_EVERY = 5.0


@attrs.frozen(eq=False)  # compared by identity: it is a part of the key of every read
class Options:
    """The settings of a client that may differ from call to call.

    Attributes:
        timeout: the time limits.
        retry: how often a call is tried.
        check_inputs: whether arguments are checked before they are sent.
    """

    timeout: Timeout = attrs.field(factory=Timeout)
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    check_inputs: bool = True


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
    ) -> None:
        self._transport = transport
        self._secret = secret
        self._clock = clock
        self._sleep = sleep
        self._rng = rng or random.Random()  # noqa: S311 - jitter is no secret
        self._pacer = pacer or _pacer
        self._scope = hashlib.sha256(f"{transport.base_url} {secret}".encode()).hexdigest()
        self._closed = False
        self._process = os.getpid()
        self._reads: dict[Hashable, asyncio.Future[Any]] = {}
        self._granted: set[str] = set()  # endpoints that have let a request pass
        self._logged: dict[str, float] = {}
        self.limiter = FairLimiter(max_concurrency)
        self.budget = RetryBudget()

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
            return await self._attempts(call, options)
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
        key = (call.request.target, call.request.body, call.answer, options)
        while (leader := self._reads.get(key)) is not None:
            await asyncio.wait((leader,))  # not the future itself: its end is no end of this call
            if not leader.cancelled():
                return leader.result()
        future = asyncio.get_running_loop().create_future()
        self._reads[key] = future
        try:
            result = await self._attempts(call, options)
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

    async def _attempts(self, call: Call, options: Options) -> Any:
        """Try a call until it succeeds, or the rules say to stop."""
        begin = self._clock()
        deadline = begin + options.timeout.total
        retries = options.retry.retries(reads=call.effect is Effect.READS)
        counted = 0  # attempts that used up a retry
        refused = doubtful = False
        cost: int | None = None
        while True:
            outcome = await self._attempt(call, options, deadline, again=refused)
            result = self._judge(call, outcome)
            if doubtful and call.request.method == "DELETE":
                result = _deleted_before(call, result)
            if not isinstance(result, Unsuccessful):
                self.budget.refund(cost)
                return result
            refused = result.failure.status == 429
            if refused:
                if not self._waits_on(call, result, options, counted, begin, deadline):
                    raise result.error
                counted += call.request.endpoint not in self._granted
                continue
            counted += 1
            doubtful = doubtful or not result.failure.surely_had_no_effect
            delay = delay_before_retry(
                result.failure,
                attempt=counted,
                retries=retries,
                repeatable=call.repeatable,
                time_left=deadline - self._clock(),
                rng=self._rng,
            )
            if delay is not None:
                cost = self.budget.spend(timed_out=result.failure.trouble is Trouble.TIMED_OUT)
            if delay is None or cost is None:
                raise self._final_error(call, result) from result.cause
            _log.info("%s: %s Trying again in %.1f s.", call.name, result.error, delay)
            await self._sleep(delay)

    def _waits_on(
        self,
        call: Call,
        refusal: Unsuccessful,
        options: Options,
        counted: int,
        begin: float,
        deadline: float,
    ) -> bool:
        """Whether a call that was refused with 429 waits for its endpoint's pace.

        Waiting for a limit takes time and no retries. Only an endpoint that has never let a
        request pass may be one that never will: then retries count, or patience.
        """
        headers = refusal.failure.headers
        if options.retry.max_retries == 0 or headers.get("x-should-retry") == "false":
            return False
        now = self._clock()
        if (server_delay(headers) or 0.0) > deadline - now or now >= deadline:
            return False
        if call.request.endpoint in self._granted:
            return True
        if options.retry.max_retries is not None:
            return counted < options.retry.max_retries
        return now - begin < _PATIENCE

    async def _attempt(
        self, call: Call, options: Options, deadline: float, *, again: bool
    ) -> Response | Failed:
        """One attempt: wait for the endpoint's pace, then for a place, then send."""
        request = call.request
        pacer, clock = self._pacer, self._clock
        slot = pacer.ask((self._scope, request.method, request.endpoint), clock(), again=again)
        try:
            if slot.wait and not await self._paced(slot, call, deadline):
                message = f"{call.name} was not sent within {options.timeout.total:g} s"
                return Failed(Trouble.NOT_SENT, f"{message}: {slot.reason}", None)
            async with self.limiter:
                self._check_usable()  # it may have been closed meanwhile
                time_left = max(deadline - clock(), 0.001)
                outcome = await self._transport.send(request, options.timeout, time_left)
            if isinstance(outcome, Failed) or outcome.status >= 500:
                return outcome
            limits = Limits.from_headers(outcome.headers)
            if outcome.status == 429:
                asked = server_delay(outcome.headers)
                pacer.refused(slot, clock(), retry_after=asked, limits=limits)
            else:
                self._granted.add(request.endpoint)
                pacer.granted(slot, clock(), limits)
            return outcome
        finally:
            if slot.pace is not None:  # not closed above: given up, or the answer tells nothing
                pacer.cancel(slot, clock())

    async def _paced(self, slot: Slot, call: Call, deadline: float) -> bool:
        """Wait until a request may go; false when the time for it is over."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        slot.wake = wake
        endpoint = f"{call.request.method} {call.request.endpoint}"
        self._announce(Wait(endpoint, slot.wait, slot.reason))
        while (wait := self._pacer.renew(slot, self._clock())) > 0:
            time_left = deadline - self._clock()
            if time_left <= 0:
                return False
            await self._sleep_or(woken, min(wait, time_left))
            woken.clear()
        return True

    async def _sleep_or(self, woken: asyncio.Event, seconds: float) -> None:
        """Sleep, but no longer than until an event."""
        sleeping = [
            asyncio.ensure_future(self._sleep(seconds)),
            asyncio.ensure_future(woken.wait()),
        ]
        try:
            await asyncio.wait(sleeping, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in sleeping:
                each.cancel()
            await asyncio.gather(*sleeping, return_exceptions=True)

    def _announce(self, wait: Wait) -> None:
        now = self._clock()
        log = now - self._logged.get(wait.endpoint, -_LOG_EVERY) >= _LOG_EVERY
        if log:
            self._logged[wait.endpoint] = now
        announce(wait, log=log)

    def _judge(self, call: Call, outcome: Response | Failed) -> Any:
        """The decoded result of an attempt, or what went wrong with it."""
        if isinstance(outcome, Failed):
            kind = APITimeoutError if outcome.trouble is Trouble.TIMED_OUT else APIConnectionError
            error: APIError = kind(f"{outcome.message} ({call.name}).")
            return Unsuccessful(Failure(trouble=outcome.trouble), error, outcome.cause)
        if outcome.status >= 300:
            error = error_from(outcome, secret=self._secret)
            return Unsuccessful(Failure(outcome.status, outcome.headers), error)
        try:
            return decode(
                outcome.body,
                call.answer,
                status=outcome.status,
                request_id=outcome.request_id,
            )
        except APIResponseValidationError as error:
            if error.is_json:
                raise
            return Unsuccessful(Failure(trouble=Trouble.LOST), error, error.__cause__)

    def _final_error(self, call: Call, failed: Unsuccessful) -> APIError:
        """The error to raise: what went wrong, or that nobody knows what came of it."""
        unknown = (
            failed.failure.trouble in (Trouble.LOST, Trouble.TIMED_OUT)
            or (failed.failure.status or 0) >= 500
        )
        if call.repeatable or not unknown:
            return failed.error
        failed.cause = failed.error
        return OutcomeUnknownError(
            f"{call.name} was sent, but its answer was lost: {failed.error} Whether it took effect"
            " is unknown, so it was not repeated; reconcile() looks for what it would have made.",
            operation=call.name,
            arguments=call.arguments,
        )


def _deleted_before(call: Call, result: Any) -> Any:
    """What to make of the second try of a DELETE: not found means that the first one did it.

    The answer is then made up from what is known, which is the id. Where that is not enough for
    the operation's result, the 404 stays.
    """
    if not isinstance(result, Unsuccessful) or result.failure.status != 404:
        return result
    known = {"id": list(call.arguments.values())[-1], "deleted": True}
    fields = {a.name for a in attrs.fields(call.answer)} if attrs.has(call.answer) else set()
    try:
        return structure({k: v for k, v in known.items() if k in fields}, call.answer)
    except Exception:  # noqa: BLE001 - cattrs raises whatever a hook raises
        return result


@attrs.define
class Unsuccessful:
    """An attempt that did not succeed: for the retry rules, and for the caller."""

    failure: Failure
    error: APIError
    cause: BaseException | None = None
