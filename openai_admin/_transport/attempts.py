"""One call from its first attempt to its result."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import attrs

from .._declare.effect import Effect
from .._declare.operation import Call
from .._wire.codec import decode, structure
from .._wire.http import Response, error_from, redact, redacted
from ..errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APITimeoutError,
    OpenAIAdminError,
    OutcomeUnknownError,
)
from ..events import AnswerReceived, CallFailed, Dispatcher, Paused, RequestSent, Retried, Succeeded
from .concurrency import FairLimiter
from .connection import Failed, Timeout, Transport
from .rate_estimator import Ticket
from .retry import Failure, RetryPolicy, Trouble, delay_before_retry, server_delay
from .retry_budget import RetryBudget
from .throttle import Throttle

# Seconds a call goes on when an endpoint has refused it from the beginning: the API's limits are
# by the minute, so whoever used them up before has let go of them by then.
_PATIENCE = 65.0
_NO_PLACE = "other requests had all the places"


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


@attrs.frozen(eq=False)
class SessionContext:
    """What the calls of a session have in common."""

    transport: Transport
    secret: str
    limiter: FairLimiter
    throttle: Throttle
    budget: RetryBudget
    dispatcher: Dispatcher
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    rng: random.Random
    check_usable: Callable[[], None]
    numbers: Iterator[int] = attrs.field(factory=lambda: itertools.count(1))


@attrs.define
class AttemptError:
    """An attempt that did not succeed: for the retry rules, and for the caller."""

    failure: Failure
    error: APIError
    cause: BaseException | None = None


class CallAttempts:
    """One call: its attempts, until one succeeds or the rules say to stop."""

    def __init__(self, shared: SessionContext, call: Call, options: Options) -> None:
        self._shared = shared
        self._call = call
        self._options = options
        self._begin = shared.clock()
        self._deadline = self._begin + options.timeout.total
        self._retries = options.retry.retries(reads=call.effect is Effect.READS)
        self._counted = 0  # attempts that used up a retry
        self._refusal: APIError | None = None  # the last one's, with 429
        self._doubtful = False  # an earlier one may have taken effect
        self._cost: int | None = None
        self._attempt_number = 0
        self._number = next(shared.numbers)
        self._listened = shared.dispatcher.listens()

    def run(self) -> Coroutine[Any, Any, Any]:
        """The decoded result.

        Raises:
            APIError: it did not end well.
            ClientClosedError: the client was closed meanwhile.
        """
        return self._told() if self._listened else self._run()

    async def _told(self) -> Any:
        """The decoded result, and to whoever listens how it ended."""
        try:
            result = await self._run()
        except (OpenAIAdminError, asyncio.CancelledError) as error:
            self._emit(CallFailed, error=error)
            raise
        self._emit(Succeeded)
        return result

    async def _run(self) -> Any:
        while True:
            result = self._judge(await self._attempt())
            if self._doubtful and self._call.request.method == "DELETE":
                result = _deleted_before(self._call, result)
            if not isinstance(result, AttemptError):
                self._shared.budget.refund(self._cost)
                return result
            delay = self._delay_after(result)
            if delay is None:
                raise self._final_error(result) from result.cause
            if self._shared.dispatcher.listens(logging.INFO):
                self._emit(Retried, error=result.error, delay=delay)
            if delay:
                await self._shared.sleep(delay)

    async def _attempt(self) -> Response | Failed:
        """One attempt: wait for the endpoint's pace, then for a place, then send."""
        shared, request, clock = self._shared, self._call.request, self._shared.clock
        self._attempt_number += 1
        ticket = shared.throttle.ask(request, again=self._refusal is not None)
        try:
            if ticket.wait and not await shared.throttle.wait(ticket, self._deadline, self._paused):
                raise self._out_of_time(ticket.reason)
            if not shared.limiter.take():
                await self._wait_for_place()
            try:
                shared.check_usable()  # it may have been closed meanwhile
                sent = clock()
                if sent >= self._deadline:
                    raise self._out_of_time(_NO_PLACE)
                if self._listened:
                    self._sent()
                outcome = await shared.transport.send(
                    request, self._options.timeout, self._deadline - sent
                )
            finally:
                shared.limiter.give_back()
            outcome = _without_key(outcome, shared.secret)
            if self._listened and isinstance(outcome, Response):
                self._answered(outcome, clock() - sent)
            shared.throttle.report(ticket, request, outcome)
            return outcome
        finally:
            shared.throttle.leave(ticket)

    async def _wait_for_place(self) -> None:
        """Wait for a place among the client's requests, as long as the call has time."""
        try:
            async with asyncio.timeout(max(self._deadline - self._shared.clock(), 0.0)):
                await self._shared.limiter.wait()
        except TimeoutError:
            raise self._out_of_time(_NO_PLACE) from None

    def _out_of_time(self, reason: str) -> APIError:
        """The error of a call whose next attempt cannot be made in time."""
        if self._refusal is not None:
            return self._refusal
        total = self._options.timeout.total
        return APITimeoutError(f"{self._call.name} was not sent within {total:g} s: {reason}.")

    def _judge(self, outcome: Response | Failed) -> Any:
        """The decoded result of an attempt, or what went wrong with it."""
        call = self._call
        if isinstance(outcome, Failed):
            kind = APITimeoutError if outcome.trouble is Trouble.TIMED_OUT else APIConnectionError
            error: APIError = kind(f"{outcome.message} ({call.name}).")
            return AttemptError(Failure(trouble=outcome.trouble), error, outcome.cause)
        if outcome.status >= 300:
            error = error_from(outcome)
            return AttemptError(Failure(outcome.status, outcome.headers), error)
        if outcome.status == 204 and call.request.method == "DELETE" and call.answer is not Any:
            return _deletion(call)
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
            return AttemptError(Failure(trouble=Trouble.LOST), error, error.__cause__)

    def _delay_after(self, result: AttemptError) -> float | None:
        """Seconds until the next attempt, or ``None`` to give up."""
        self._refusal = result.error if result.failure.status == 429 else None
        if self._refusal is not None:
            if not self._waits_for_pace(result):
                return None
            if not self._shared.throttle.has_granted(self._call.request):
                self._counted += 1
            return 0.0
        self._counted += 1
        self._doubtful = self._doubtful or not result.failure.surely_had_no_effect
        delay = delay_before_retry(
            result.failure,
            attempt=self._counted,
            retries=self._retries,
            repeatable=self._call.repeatable,
            time_left=self._deadline - self._shared.clock(),
            rng=self._shared.rng,
        )
        if delay is None:
            return None
        timed_out = result.failure.trouble is Trouble.TIMED_OUT
        self._cost = self._shared.budget.spend(timed_out=timed_out)
        return None if self._cost is None else delay

    def _waits_for_pace(self, refusal: AttemptError) -> bool:
        """Whether a call that was refused with 429 waits for its endpoint's pace.

        Waiting for a limit takes time and no retries. Only an endpoint that has never let a
        request pass may be one that never will: then retries count, or patience.
        """
        headers, allowed = refusal.failure.headers, self._options.retry.max_retries
        if allowed == 0 or headers.get("x-should-retry", "").lower() == "false":
            return False
        if getattr(refusal.error, "code", None) == "insufficient_quota":
            return False  # no pace, but an account without means: waiting does not mend it
        now = self._shared.clock()
        if now + (server_delay(headers) or 0.0) >= self._deadline:
            return False
        if self._shared.throttle.has_granted(self._call.request):
            return True
        return now - self._begin < _PATIENCE if allowed is None else self._counted < allowed

    def _final_error(self, failed: AttemptError) -> APIError:
        """The error to raise: what went wrong, or that nobody knows what came of it."""
        call = self._call
        unknown = (
            failed.failure.trouble in (Trouble.LOST, Trouble.TIMED_OUT)
            or (failed.failure.status or 0) >= 500
        )
        if call.repeatable or not unknown:
            return failed.error
        failed.cause = failed.error
        why = str(failed.error).rstrip(".")
        return OutcomeUnknownError(
            f"{call.name} was sent, but its answer was lost: {why}. Whether it took effect is"
            " unknown, so it was not repeated; reconcile() looks for what it would have made.",
            operation=call.name,
            arguments=call.arguments,
        )

    # --- telling what happens ------------------------------------------------------------

    def _emit(self, kind: Callable[..., Any], **what: Any) -> None:
        event = kind(call=self._number, operation=self._call.name, **what)
        self._shared.dispatcher.emit(event)

    def _sent(self) -> None:
        request = self._call.request
        self._emit(
            RequestSent,
            method=request.method,
            endpoint=request.endpoint,
            attempt=self._attempt_number,
        )

    def _answered(self, answer: Response, seconds: float) -> None:
        self._emit(
            AnswerReceived, status=answer.status, seconds=seconds, request_id=answer.request_id
        )

    def _paused(self, ticket: Ticket) -> None:
        endpoint = f"{self._call.request.method} {self._call.request.endpoint}"
        self._shared.throttle.announce(endpoint, ticket)
        if self._listened:
            self._emit(Paused, endpoint=endpoint, seconds=ticket.wait, reason=ticket.reason)


def _without_key(outcome: Response | Failed, secret: str) -> Response | Failed:
    """What came of an attempt, without the admin key should the server have echoed it."""
    if isinstance(outcome, Response):
        return redacted(outcome, secret)
    if secret not in f"{outcome.message} {outcome.cause} {outcome.cause!r}":
        return outcome
    # An answer that is no HTTP is quoted in the error that says so.
    return Failed(outcome.trouble, outcome.message.replace(secret, redact(secret)), None)


def _deleted_before(call: Call, result: Any) -> Any:
    """What to make of the second try of a DELETE: not found means that the first one did it.

    Where a deletion cannot be told by its id alone, the 404 stays.
    """
    if not isinstance(result, AttemptError) or result.failure.status != 404:
        return result
    try:
        return _deletion(call)
    except Exception:  # noqa: BLE001 - cattrs raises whatever a hook raises
        return result


def _deletion(call: Call) -> Any:
    """The result of a DELETE whose answer says nothing, made up from what is known: the id."""
    known = {"id": list(call.arguments.values())[-1], "deleted": True}
    fields = {a.name for a in attrs.fields(call.answer)} if attrs.has(call.answer) else set()
    return structure({k: v for k, v in known.items() if k in fields}, call.answer)
