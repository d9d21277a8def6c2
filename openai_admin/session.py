"""The core session: sends calls with retries, backoff and a limit on concurrency."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

import attrs

from .codec import decode
from .errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APITimeoutError,
    ClientClosedError,
    OutcomeUnknownError,
)
from .limiter import FairLimiter
from .operation import Call
from .protocol import Response, error_from
from .retry import Effect, Failure, RetryPolicy, Trouble, delay_before_retry
from .transport import Failed, Timeout, Transport

_log = logging.getLogger("openai_admin")


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
        secret: the admin key, only to blot it out of what the server says.
        max_concurrency: how many requests run at once.
        clock: monotonic seconds.
        sleep: waits that many seconds.
        rng: the source of jitter.
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
    ) -> None:
        self._transport = transport
        self._secret = secret
        self._clock = clock
        self._sleep = sleep
        self._rng = rng or random.Random()  # noqa: S311 - jitter is no secret
        self._closed = False
        self._process = os.getpid()
        self._reads: dict[Hashable, asyncio.Future[Any]] = {}
        self.limiter = FairLimiter(max_concurrency)

    async def execute(self, call: Call, options: Options) -> Any:
        """Send a call and decode its answer.

        Raises:
            APIError: it did not end well; see `errors` for the kinds.
            ClientClosedError: the client is closed, or another process made it.
        """
        self._check_usable()
        if call.effect is not Effect.READS:
            self._reads.clear()  # a read begun before a change does not answer one begun after
            try:
                return await self._attempts(call, options)
            finally:
                self._reads.clear()
        return await self._shared_read(call, options)

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
        key = (call.request.target, options)
        while (leader := self._reads.get(key)) is not None:
            try:
                return await asyncio.shield(leader)
            except asyncio.CancelledError:
                if not leader.cancelled():
                    raise  # this caller was cancelled, not the leader: then another one leads
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
        deadline = self._clock() + options.timeout.total
        retries = options.retry.retries(reads=call.effect is Effect.READS)
        attempt = 0
        while True:
            attempt += 1
            async with self.limiter:
                outcome = await self._transport.send(
                    call.request, options.timeout, max(deadline - self._clock(), 0.001)
                )
            result = self._judge(call, outcome)
            if not isinstance(result, _Unsuccessful):
                return result
            delay = delay_before_retry(
                result.failure,
                attempt=attempt,
                retries=retries,
                repeatable=call.repeatable,
                time_left=deadline - self._clock(),
                rng=self._rng,
            )
            if delay is None:
                raise self._final_error(call, result) from result.cause
            _log.info(
                "%s failed (%s); attempt %d of %d in %.1f s",
                call.name,
                result.error,
                attempt + 1,
                retries + 1,
                delay,
            )
            await self._sleep(delay)

    def _judge(self, call: Call, outcome: Response | Failed) -> Any:
        """The decoded result of an attempt, or what went wrong with it."""
        if isinstance(outcome, Failed):
            kind = APITimeoutError if outcome.trouble is Trouble.TIMED_OUT else APIConnectionError
            error: APIError = kind(f"{outcome.message} ({call.name}).")
            return _Unsuccessful(Failure(trouble=outcome.trouble), error, outcome.cause)
        if outcome.status >= 300:
            error = error_from(outcome, secret=self._secret)
            return _Unsuccessful(Failure(outcome.status, outcome.headers), error)
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
            return _Unsuccessful(Failure(trouble=Trouble.LOST), error, error.__cause__)

    def _final_error(self, call: Call, failed: _Unsuccessful) -> APIError:
        """The error to raise: what went wrong, or that nobody knows what came of it."""
        unknown = (
            failed.failure.trouble in (Trouble.LOST, Trouble.TIMED_OUT)
            or (failed.failure.status or 0) >= 500
        )
        if call.repeatable or not unknown:
            return failed.error
        failed.cause = failed.error
        return OutcomeUnknownError(
            f"{call.name} was sent, but its answer was lost ({failed.error});"
            " whether it took effect is unknown, so it was not repeated.",
            operation=call.name,
            arguments=call.arguments,
        )


@attrs.define
class _Unsuccessful:
    """An attempt that did not succeed: for the retry rules, and for the caller."""

    failure: Failure
    error: APIError
    cause: BaseException | None = None
