"""One call from its first attempt to its result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import attrs

from .._declare.effect import Effect
from .._declare.operation import Call
from .._wire.codec import decode, to_json
from .._wire.http import Response, error_from, error_within, redact, redacted
from .._wire.models import Page
from .._wire.removal import held_against, removed_id, says_nothing, unconfirmed
from .._wire.response import response_of
from ..errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    OpenAIAdminError,
    OutcomeUnknownError,
    RateLimitError,
)
from ..events import (
    AnswerReceived,
    CallFailed,
    Event,
    ItemUnreadable,
    Paused,
    RequestSent,
    Retried,
    Succeeded,
)
from .context import Options, SessionContext
from .credentials import Credential
from .doubt import (
    handing_over,
    has_handed_over,
    has_secret,
    note_on,
    outcome_unknown,
    set_apart,
    without_body,
)
from .failures import is_marked_unsent
from .patience import Outlook, Patience
from .rate_estimator import Ticket
from .retry import AttemptFailure, FailureKind, delay_before_retry, server_delay
from .server_clock import Told
from .throttle import Throttle

# Seconds a call goes on trying an endpoint that has refused it from the start: the API's limits
# are by the minute, so after that nobody else's earlier requests count against them.
_PATIENCE = 65.0
_NO_PLACE = "as many other requests were running as max_concurrency allows"
_NOT_ANSWERED = "an equal read, whose answer it waited for, got none"


@attrs.frozen
class AttemptError:
    """A failed attempt, with the error that its caller gets if no other attempt follows."""

    failure: AttemptFailure
    error: APIError


@attrs.frozen
class Ended:
    """How a read ended.

    Attributes:
        outcome: that of its last attempt.
        attempts: how many requests were sent.
    """

    outcome: Response | AttemptFailure
    attempts: int


class CallAttempts:
    """One call: its attempts, until one succeeds or the rules say to stop.

    Attributes:
        number: the number of its events.
        outcome: of the last attempt of a read, as long as no other is to follow.
        sent_at: when the last attempt was sent, by the session's clock.
        waited: the seconds that it has waited for its endpoint's pace.
        was_done: whether the last refusal says that what was asked is so already, after an
            attempt that may have done it.
    """

    _throttle: Throttle  # of the last attempt's key

    def __init__(self, context: SessionContext, call: Call, options: Options) -> None:
        self._context = context
        self._call = call
        self._options = options
        self._credentials = options.credentials or context.credentials
        self._began = context.clock()
        self._deadline = self._began + options.timeout.total
        self._counted = 0  # attempts that used up a retry
        self._rate_limited: RateLimitError | None = None  # the last attempt's, if it got a 429
        self._refused_at: float | None = None  # when it first got one
        self.waited = 0.0
        self._doubtful = False  # an earlier attempt may have taken effect
        self._in_flight = False  # an attempt was sent, and no answer has come
        self.sent_at = self._began
        self.was_done = False
        self._cost: int | None = None  # what the last retry took from the budget
        self._attempt_number = 0
        self._no_place = _NO_PLACE
        self._answer: Response | None = None  # the last one, without its body
        self.outcome: Response | AttemptFailure | None = None
        self.number = next(context.numbers)
        self._listens = context.dispatcher.listens(logging.DEBUG)

    @property
    def attempts(self) -> int:
        """How many requests were sent."""
        return self._attempt_number

    async def run(self, shared: Ended | None = None) -> Any:
        """The decoded result.

        Args:
            shared: how an equal read ended, which is how this one ends: nothing is sent.

        Raises:
            APIError: no attempt succeeded.
            ClientClosedError: the client was closed meanwhile.
        """
        try:
            if shared is None:
                while isinstance(result := self._judge(await self._attempt()), AttemptError):
                    self._place(result.error)
                    await self._prepare_retry(result)
            else:
                result = self._take(shared)
        except (OpenAIAdminError, asyncio.CancelledError) as error:
            self._place(error)
            told = error if self._call.effect is Effect.READS else self._with_doubt(error)
            self._place(told)
            if self._listens:
                self._emit(CallFailed, error=told)
            if told is error:
                raise
            raise told from error
        if self._context.budget.spent and shared is None:
            self._context.budget.refund(self._cost)
        if self._listens:
            self._emit(Succeeded)
        return self.respond(result) if self._options.responds else result

    def respond(self, result: Any) -> Any:
        """A result with what came beside it."""
        answer = self._answer
        assert answer is not None  # noqa: S101 - every result is made of an answer
        seconds = self._context.clock() - self._began
        return response_of(result, answer, attempts=self._attempt_number, seconds=seconds)

    def tell(self, kind: Callable[..., Event], **what: Any) -> None:
        """Make an event of the call, if anyone listens."""
        if self._listens:
            self._emit(kind, **what)

    def take_over(self, waited: float) -> None:
        """Let the call be sent after it waited for the answer to another one, which got none.

        What it waited counts: one that is to be tried once has the time of one attempt.

        Args:
            waited: the seconds that the other one waited for its pace meanwhile.
        """
        self._no_place = _NOT_ANSWERED
        self.waited += waited
        self._deadline += waited
        if self._options.retry.max_retries == 0:
            ends = self._began + self.waited + self._options.timeout.attempt
            self._deadline = min(self._deadline, ends)

    def _take(self, shared: Ended) -> Any:
        """The result of the answer to an equal read."""
        self._attempt_number = shared.attempts
        result = self._judge(shared.outcome)
        if isinstance(result, AttemptError):
            if isinstance(result.error, RateLimitError):
                result.error.retry_after = server_delay(result.failure.headers)
            self._raise(result)
        return result

    def _place(self, error: BaseException) -> None:
        """Say in an error which request it is about."""
        if isinstance(error, APIError):
            request = self._call.request
            error.operation, error.method = self._call.name, request.method
            error.path = request.target.partition("?")[0]
            error.attempts = self._attempt_number
            if error.request_id is None and isinstance(error.__cause__, APIError):
                error.request_id = error.__cause__.request_id

    async def _attempt(self) -> Response | AttemptFailure:
        """One attempt: wait for the endpoint's rate, then for a place, then send."""
        context, request = self._context, self._call.request
        credential = self._credentials.fixed or await self._ask_key()
        throttle = self._throttle = context.throttle_of(credential)
        ticket = throttle.ask(request, again=self._rate_limited is not None)
        try:
            ends = self._attempt_ends()
            if ticket.wait:
                ends = await self._wait_for_rate(throttle, ticket, ends)
                credential = self._credentials.fixed or await self._ask_key()
            if not context.limiter.take():
                await self._wait_for_place(ends)
            try:
                context.check_usable()  # it may have been closed meanwhile
                sent = context.clock()
                if sent >= ends:
                    raise self._out_of_time(self._no_place)
                self._attempt_number += 1
                if self._listens:
                    self._emit_sent()
                self.sent_at, self._in_flight = sent, True
                outcome = await context.transport.send(
                    request, self._headers_with(credential), self._options.timeout, ends - sent
                )
                self._in_flight = False
            finally:
                context.limiter.give_back()
            if isinstance(outcome, Response):
                if (date := outcome.headers.get("Date")) is not None:
                    context.server_clock.newest = Told(date, sent, context.clock())
                outcome = redacted(outcome, credential.key)
                if (organization := outcome.headers.get("openai-organization")) is not None:
                    context.server_clock.organization = organization
                if self._listens:
                    self._emit_answered(outcome, context.clock() - sent)
            else:
                outcome = _redacted_failure(outcome, credential.key)
            throttle.report(ticket, request, outcome)
            return outcome
        finally:
            if ticket.estimator is not None:  # it is still open
                throttle.leave(ticket)

    def _attempt_ends(self) -> float:
        """When the attempt that begins now must be over, unless it waits for its pace."""
        if self._options.wait is None:
            return self._deadline
        began = self._context.clock() if self._attempt_number else self._began + self.waited
        return min(self._deadline, began + self._options.timeout.attempt)

    async def _wait_for_rate(self, throttle: Throttle, ticket: Ticket, ends: float) -> float:
        """Wait until the endpoint's rate lets the request go, as long as the call is to wait.

        Returns:
            When the attempt must be over: waiting for a known rate takes none of its time.
        """
        context, options = self._context, self._options
        refused = self._refused_at is not None
        since = context.clock() if self._refused_at is None else self._refused_at
        patience = Patience(options.wait, options.timeout.total, ends, since, refused, self.waited)
        late = await throttle.wait(ticket, patience, self._emit_paused)
        self._deadline += patience.waited - self.waited
        self.waited = patience.waited
        if late is None:
            return patience.ends
        if late.opens is None:
            raise self._out_of_time(late.reason)
        now = context.clock()
        if self._rate_limited is not None:
            self._rate_limited.retry_after = late.turn - now
            raise self._rate_limited
        said = throttle.said(self._call.request)
        message = patience.why_not(self._call.name, late, now, said)
        raise RateLimitError.unsent(message, retry_after=late.turn - now, advice=patience.advice)

    async def _wait_for_place(self, ends: float) -> None:
        """Wait for a place among the client's requests, as long as the attempt has time."""
        try:
            async with asyncio.timeout(max(ends - self._context.clock(), 0.0)):
                await self._context.limiter.wait()
        except TimeoutError:
            raise self._out_of_time(self._no_place) from None

    def _headers_with(self, credential: Credential) -> Mapping[str, str]:
        """The headers of an attempt with a key."""
        headers = self._options.headers
        made = headers.made
        if made is None or made[0] is not credential:
            made = headers.make(credential)
        return made[1] if self._call.request.body is None else made[2]

    async def _ask_key(self) -> Credential:
        """The present key, as long as the call has time.

        Raises:
            ConfigurationError: there is none.
        """
        time_left = self._deadline - self._context.clock()
        try:
            async with asyncio.timeout(max(min(self._options.timeout.attempt, time_left), 0.0)):
                return await self._credentials.ask()
        except TimeoutError:
            raise APITimeoutError(
                f"{self._call.name} was not sent: the admin_key function gave no key in time."
            ) from None

    def _out_of_time(self, reason: str) -> APIError:
        """The error of a call whose next attempt cannot be made in time."""
        if self._rate_limited is not None:
            return self._rate_limited
        timeout = self._options.timeout
        limit = timeout.total
        if self._options.wait is not None:
            limit = min(limit, timeout.attempt)
        return APITimeoutError(f"{self._call.name} was not sent within {limit:g} s: {reason}.")

    def _judge(self, outcome: Response | AttemptFailure) -> Any:
        """The decoded result of an attempt, or an `AttemptError`."""
        call = self._call
        if call.effect is Effect.READS:
            self.outcome = outcome
            return self._result(outcome)
        if not has_secret(call):
            return self._result(outcome)
        outcome, secret = set_apart(call, outcome)
        if secret is not None and isinstance(outcome, AttemptFailure):
            outcome = _redacted_failure(outcome, secret)
        result = self._result(outcome)
        return result if secret is None else self._with_secret(result, secret)

    def _with_secret(self, result: Any, secret: str) -> Any:
        """The result of an attempt that has a one-time secret, or an `AttemptError` that has it."""
        error = None
        if isinstance(result, AttemptError):
            error = result.error
            if isinstance(error, APIStatusError):
                error.body = None
        elif has_handed_over(self._call, result, secret):
            return result
        told = handing_over(self._call, secret, error)
        return AttemptError(AttemptFailure(FailureKind.LOST, cause=error), told)

    def _result(self, outcome: Response | AttemptFailure) -> Any:
        """The decoded result of an attempt, or an `AttemptError`, whatever secret it has."""
        call = self._call
        if isinstance(outcome, AttemptFailure):
            timed_out = outcome.kind is FailureKind.TIMED_OUT
            kind = APITimeoutError if timed_out else APIConnectionError
            error = kind(f"{outcome.message}.")
            error.is_lasting = outcome.is_lasting
            return AttemptError(outcome, error)
        if self._options.responds:
            self._answer = attrs.evolve(outcome, body=b"")
        if outcome.status >= 300:
            return self._refused(outcome, error_from(outcome))
        refusal = error_within(outcome, declared=call.answer is not Any)
        if refusal is not None:
            return self._refused(outcome, refusal)
        if call.request.method == "DELETE":
            return self._removed(outcome)
        return self._decoded(outcome)

    def _refused(self, outcome: Response, refusal: APIStatusError) -> Any:
        """The error of an attempt that was refused; a removal's result if it was done before."""
        call = self._call
        words = f"{refusal.code} {refusal.message}"
        self.was_done = (
            self._doubtful
            and refusal.is_from_api
            and call.effect.is_so_already(outcome.status, words)
        )
        if self.was_done and call.request.method == "DELETE":
            return self._unconfirmed()
        failure = AttemptFailure(FailureKind.STATUS, status=outcome.status, headers=outcome.headers)
        return AttemptError(failure, refusal)

    def _removed(self, outcome: Response) -> Any:
        """The result of a DELETE, whose answer need not say anything."""
        call = self._call
        if call.answer is Any:
            return None if says_nothing(outcome.body) else self._decoded(outcome)
        if says_nothing(outcome.body):
            return self._unconfirmed()
        id = removed_id(call.request.endpoint, call.arguments)
        return held_against(self._decoded(outcome, known_id=id), id)

    def _unconfirmed(self) -> Any:
        """The result of a removal that no answer confirmed."""
        call = self._call
        return unconfirmed(call.answer, removed_id(call.request.endpoint, call.arguments))

    def _decoded(self, outcome: Response, *, known_id: str | None = None) -> Any:
        """The decoded result of an answer, or an `AttemptError` if it cannot be read."""
        call = self._call
        try:
            result = decode(
                _with_id(outcome.body, known_id) if known_id is not None else outcome.body,
                call.answer,
                operation=call.name,
                status=outcome.status,
                request_id=outcome.request_id,
            )
            if type(result) is Page and result.unreadable:
                self._tell_unreadable(result, outcome)
            return result
        except APIResponseValidationError as error:
            if has_secret(call):
                why = without_body(error)
                return AttemptError(AttemptFailure(FailureKind.LOST, cause=why), why)
            if error.is_json and call.repeatable:
                raise
            return AttemptError(AttemptFailure(FailureKind.LOST, cause=error.__cause__), error)

    async def _prepare_retry(self, failed: AttemptError) -> None:
        """Wait for the time of the next attempt.

        Raises:
            APIError: no other attempt follows.
        """
        delay = self._delay_after(failed)
        if delay is None:
            self._raise(failed)
        self.outcome = None
        if self._context.dispatcher.listens(logging.INFO):
            self._emit(Retried, error=failed.error, delay=delay)
        if delay:
            await self._context.sleep(delay)

    def _delay_after(self, failed: AttemptError) -> float | None:
        """Seconds until the next attempt, or ``None`` if there is to be none."""
        context, failure = self._context, failed.failure
        self._rate_limited = None
        if failure.status == 429 and isinstance(failed.error, RateLimitError):
            self._rate_limited = failed.error
            if not self._waits_for_rate(failed.error, failure.headers):
                return None
            if not self._throttle.has_granted(self._call.request):
                self._counted += 1
            return 0.0
        self._counted += 1
        self._doubtful = self._doubtful or failure.outcome_is_unknown
        delay = delay_before_retry(
            failure,
            attempt=self._counted,
            retries=self._options.retry.retries(reads=self._call.effect is Effect.READS),
            repeatable=self._call.repeatable,
            time_left=self._deadline - context.clock(),
            rng=context.rng,
        )
        if delay is None:
            return None
        self._cost = context.budget.spend(timed_out=failure.kind is FailureKind.TIMED_OUT)
        return None if self._cost is None else delay

    def _waits_for_rate(self, refusal: RateLimitError, headers: Mapping[str, str]) -> bool:
        """Whether a call that got a 429 waits for its endpoint's rate.

        Waiting for a limit takes no retries. Only an endpoint that has never let a request pass may
        be one that never will: then retries count, or patience.
        """
        if refusal.is_exhausted:
            return False
        self.outcome = None  # the rest is a matter of time, of which an equal read has its own
        now = self._context.clock()
        if self._refused_at is None:
            self._refused_at = now
        asked = refusal.retry_after = server_delay(headers)
        allowed, wait = self._options.retry.max_retries, self._options.wait
        if allowed == 0 or headers.get("x-should-retry", "").lower() == "false":
            return False
        self.outcome = None  # the rest is a matter of time, of which an equal read has its own
        left = self._options.timeout.total if wait is None else wait - self.waited
        if left <= 0 or (asked or 0.0) > left:
            return False
        if self._throttle.has_granted(self._call.request):
            return True
        if allowed is not None:
            return self._counted < allowed
        return wait is not None or now - self._began < _PATIENCE

    def _raise(self, failed: AttemptError) -> NoReturn:
        """Raise the last attempt's error, or say that the outcome is unknown."""
        call = self._call
        is_told = isinstance(failed.error, OutcomeUnknownError)
        if call.repeatable or is_told or not failed.failure.outcome_is_unknown:
            raise failed.error from failed.failure.cause
        raise outcome_unknown(call, failed.error) from failed.error

    def _with_doubt(self, error: BaseException) -> BaseException:
        """How a change ended, and where it may have taken effect, that this is not known."""
        if isinstance(error, APIResponseValidationError) and not self._call.repeatable:
            return outcome_unknown(self._call, error)
        added = self.was_done and self._call.effect is Effect.ADDS  # it is read back, which says so
        told = added or isinstance(error, OutcomeUnknownError)
        unread = isinstance(error, APIResponseValidationError)
        in_doubt = self._doubtful or (self._in_flight and not is_marked_unsent(error))
        if unread or (not told and in_doubt):
            error.add_note(note_on(self._call))
        return error

    def _tell_unreadable(self, page: Page[Any], answer: Response) -> None:
        """Tell what of a page could not be read.

        Raises:
            APIResponseValidationError: the caller wants no page without it.
        """
        if self._options.on_unreadable == "raise":
            part = page.unreadable[0]
            raise APIResponseValidationError(
                f"The response to {self._call.name} has a part that cannot be read, {part}.",
                body=answer.body,
                place=part.place,
                status=answer.status,
                request_id=answer.request_id,
            )
        for part in page.unreadable:
            self._emit(
                ItemUnreadable,
                place=part.place,
                id=part.id,
                reason=part.reason,
                field=part.field,
            )

    # --- events --------------------------------------------------------------------------

    def _emit(self, kind: Callable[..., Event], **what: Any) -> None:
        event = kind(call=self.number, operation=self._call.name, **what)
        self._context.dispatcher.emit(event)

    def _emit_sent(self) -> None:
        request = self._call.request
        self._emit(
            RequestSent,
            method=request.method,
            endpoint=request.endpoint,
            attempt=self._attempt_number,
        )

    def _emit_answered(self, answer: Response, seconds: float) -> None:
        self._emit(
            AnswerReceived, status=answer.status, seconds=seconds, request_id=answer.request_id
        )

    def _emit_paused(self, outlook: Outlook, seconds: float) -> None:
        if self._context.dispatcher.listens(logging.INFO):
            endpoint = f"{self._call.request.method} {self._call.request.endpoint}"
            self._emit(Paused, endpoint=endpoint, seconds=seconds, reason=outlook.reason)


def _redacted_failure(failure: AttemptFailure, secret: str) -> AttemptFailure:
    """A failed attempt without a secret, such as the admin key that the server has echoed.

    An answer that is not HTTP is quoted in the error that says so.
    """
    raw, hidden = secret.encode(), redact(secret)
    if raw in failure.received:
        failure = attrs.evolve(failure, received=failure.received.replace(raw, hidden.encode()))
    if secret not in f"{failure.message} {failure.cause} {failure.cause!r}":
        return failure
    message = failure.message.replace(secret, hidden)
    return attrs.evolve(failure, message=message, cause=None)


def _with_id(body: bytes, id: str) -> bytes:
    """The answer to a removal with the id of what was removed, should it not say."""
    try:
        told = decode(body, Any)
    except APIResponseValidationError:
        return body  # which is told in the same words
    lacks = isinstance(told, dict) and told.get("id") is None
    return to_json(told | {"id": id}) if lacks else body
