"""One call from its first attempt to its result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from .._declare.effect import Effect
from .._declare.operation import Call
from .._wire.codec import LARGE, decode, decode_rows
from .._wire.http import Response, error_from, error_within, redacted
from .._wire.models import Page
from .._wire.response import response_of
from ..errors import (
    APIError,
    APIResponseValidationError,
    APITimeoutError,
    OpenAIAdminError,
    RateLimitError,
)
from ..events import CallFailed, RequestFailed, Succeeded
from .answers import (
    AttemptError,
    Ended,
    incomplete,
    raise_error,
    refused,
    removed,
    say_where,
    unanswered,
    unreadable,
    with_secret,
)
from .call_events import CallEvents
from .context import Options, SessionContext
from .credentials import Credential
from .doubt import has_secret, set_apart, with_doubt
from .failures import is_marked_unsent
from .patience import Outlook, Patience
from .rate_estimator import Ticket
from .retries import Retries
from .retry import AttemptFailure
from .server_clock import Told
from .throttle import Throttle
from .unread import tell_unreadable

_NO_PLACE = "as many other requests were running as max_concurrency allows"
_HELD_UP = "its event loop was held up until then"


class CallAttempts:
    """One call: its attempts, until one succeeds or the rules say to stop.

    Attributes:
        events: makes its events; ``None`` where nobody listens.
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
        self._retries: Retries | None = None  # once an attempt has failed
        self.waited = 0.0
        self._in_flight = False  # an attempt was sent, and no answer has come
        self.sent_at = self._began
        self.was_done = False
        self._attempt_number = 0
        self._took_over = False  # from an equal read that was sent
        self._answer: Response | None = None  # the last one, without its body
        self.outcome: Response | AttemptFailure | None = None
        listens = context.dispatcher.listens(logging.INFO)
        self.events = CallEvents(context, call) if listens else None

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
                while True:
                    outcome = await self._attempt()
                    if self._is_large(outcome):
                        result = await self._context.aside.run(self._judge, outcome)
                    else:
                        result = self._judge(outcome)
                    if not isinstance(result, AttemptError):
                        break
                    self.was_done = result.was_done
                    say_where(result.error, self._call, self._attempt_number)
                    await self._prepare_retry(result)
            else:
                result = await self._take(shared)
            if type(result) is Page and result.unreadable:
                await tell_unreadable(self._call.name, result.unreadable, self.events)
        except (OpenAIAdminError, asyncio.CancelledError) as error:
            say_where(error, self._call, self._attempt_number)
            told: BaseException = error
            if self._call.effect is not Effect.READS:
                in_flight = self._in_flight and not is_marked_unsent(error)
                may_act = in_flight or self._in_doubt
                told = with_doubt(self._call, error, may_act=may_act, was_done=self.was_done)
                say_where(told, self._call, self._attempt_number)
            if self.events is not None:
                self.events.tell(CallFailed, error=told)
            if told is error:
                raise
            raise told from error
        if self._context.budget.spent and shared is None:
            self._context.budget.refund(self._retries.cost if self._retries else None)
        if self.events is not None:
            self.events.tell(Succeeded)
        return self.respond(result) if self._options.responds else result

    def respond(self, result: Any) -> Any:
        """A result with what came beside it."""
        answer = self._answer
        assert answer is not None  # noqa: S101 - every result is made of an answer
        seconds = self._context.clock() - self._began
        return response_of(result, answer, attempts=self._attempt_number, seconds=seconds)

    def wait_with(self, seconds: float) -> None:
        """Count what an equal read has waited for its pace while this one waited for its answer."""
        self.waited += seconds
        self._deadline += seconds

    def take_over(self, leader: CallAttempts) -> bool:
        """Go on in place of an equal read that got no answer; whether there is time for that.

        One that is to be tried once has the time of one attempt, from when the other was sent.
        """
        if self._is_tried_once and leader.attempts:
            began = max(self._began + self.waited, leader.sent_at)
            self._deadline = min(self._deadline, began + self._options.timeout.attempt)
        has_time = self._context.clock() < self._attempt_ends()
        self._took_over = leader.attempts > 0
        return has_time

    async def _take(self, shared: Ended) -> Any:
        """The result of the answer to an equal read."""
        self._attempt_number = shared.attempts
        if self._is_large(shared.outcome):
            result = await self._context.aside.run(self._judge, shared.outcome)
        else:
            result = self._judge(shared.outcome)
        if isinstance(result, AttemptError):
            if isinstance(result.error, RateLimitError):
                credential = self._credentials.fixed
                assert credential is not None  # noqa: S101 - else no answer is shared
                throttle = self._context.throttle_of(credential)
                throttle.say_when(result.error, self._call.request, self.waited)
            raise_error(self._call, result)
        return result

    async def _attempt(self) -> Response | AttemptFailure:
        """One attempt: wait for the endpoint's rate, then for a place, then send."""
        context, request = self._context, self._call.request
        credential = self._credentials.fixed or await self._ask_key()
        throttle = self._throttle = context.throttle_of(credential)
        again = self._retries is not None and self._retries.rate_limited is not None
        ticket = throttle.ask(request, again=again)
        try:
            ends = self._attempt_ends()
            if ticket.wait:
                ends = await self._wait_for_rate(throttle, ticket, ends)
                credential = self._credentials.fixed or await self._ask_key()
            if not context.limiter.take():
                ticket.is_crowded = True
                await self._wait_for_place(ends)
            try:
                context.check_usable()  # it may have been closed meanwhile
                sent = context.clock()
                if sent >= ends:
                    raise self._out_of_time(_NO_PLACE if ticket.is_crowded else _HELD_UP)
                self._attempt_number += 1
                if self.events is not None:
                    self.events.tell_sent(self._attempt_number)
                self.sent_at, self._in_flight = sent, True
                try:
                    outcome = await context.transport.send(
                        request,
                        self._headers_with(credential),
                        self._options.timeout,
                        ends - sent,
                        self._options.portions,
                    )
                except BaseException as error:
                    if self.events is not None:
                        seconds = context.clock() - sent
                        self.events.tell(RequestFailed, error=error, seconds=seconds)
                    raise
                self._in_flight = False
            finally:
                context.limiter.give_back()
            if isinstance(outcome, Response):
                if (date := outcome.headers.get("Date")) is not None:
                    context.server_clock.newest = Told(date, sent, context.clock())
                outcome = redacted(outcome, credential.key)
                if (organization := outcome.headers.get("openai-organization")) is not None:
                    context.server_clock.organization = organization
            else:
                outcome = outcome.redacted(credential.key)
            if self.events is not None:
                self.events.tell_outcome(outcome, sent)
            throttle.report(ticket, request, outcome)
            return outcome
        finally:
            if ticket.estimator is not None:  # it is still open
                throttle.leave(ticket)

    def _attempt_ends(self) -> float:
        """When the attempt that begins now must be over, unless it waits for its pace."""
        if self._options.wait is None:
            return self._deadline
        is_first = not self._attempt_number and (self._is_tried_once or not self._took_over)
        began = self._began + self.waited if is_first else self._context.clock()
        return min(self._deadline, began + self._options.timeout.attempt)

    async def _wait_for_rate(self, throttle: Throttle, ticket: Ticket, ends: float) -> float:
        """Wait until the endpoint's rate lets the request go, as long as the call is to wait.

        Returns:
            When the attempt must be over: waiting for a known rate takes none of its time.
        """
        context, options = self._context, self._options
        refused_at = None if self._retries is None else self._retries.refused_at
        patience = Patience(
            options.wait, options.timeout.total, ends, context.clock(), refused_at, self.waited
        )
        late = await throttle.wait(ticket, patience, self._tell_pause)
        self._deadline += patience.waited - self.waited
        self.waited = patience.waited
        now = context.clock()
        if late is None:
            if now >= patience.ends:
                raise self._out_of_time(patience.reason)
            return patience.ends
        if patience.is_own_time(late):
            raise self._out_of_time(late.reason)
        if (refusal := self._rate_limited) is not None:
            refusal.retry_after, refusal.waited = late.turn - now, self.waited
            raise refusal
        said = throttle.said(self._call.request)
        message = patience.why_not(self._call.name, late, now, said)
        error = RateLimitError.unsent(message, retry_after=late.turn - now, advice=patience.advice)
        error.waited = self.waited
        raise error

    async def _wait_for_place(self, ends: float) -> None:
        """Wait for a place among the client's requests, as long as the attempt has time."""
        try:
            async with asyncio.timeout(max(ends - self._context.clock(), 0.0)):
                await self._context.limiter.wait()
        except TimeoutError:
            raise self._out_of_time(_NO_PLACE) from None

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
        if (refusal := self._rate_limited) is not None:
            self._throttle.say_when(refusal, self._call.request, self.waited)
            return refusal
        timeout = self._options.timeout
        limit = timeout.total
        if self._options.wait is not None or (self._took_over and self._is_tried_once):
            limit = min(limit, timeout.attempt)
        return APITimeoutError(f"{self._call.name} was not sent within {limit:g} s: {reason}.")

    def _is_large(self, outcome: Response | AttemptFailure) -> bool:
        """Whether an outcome is judged beside the event loop, which it would hold too long."""
        return (
            isinstance(outcome, Response)
            and len(outcome.body) > LARGE
            and self._call.effect is Effect.READS
        )

    def _judge(self, outcome: Response | AttemptFailure) -> Any:
        """The decoded result of an attempt, or an `AttemptError`."""
        call = self._call
        if call.effect is Effect.READS:
            self.outcome = outcome
            return self._result(outcome)
        if not has_secret(call):
            return self._result(outcome)
        outcome, secret = set_apart(call, outcome)
        result = self._result(outcome)
        return result if secret is None else with_secret(call, result, secret)

    def _result(self, outcome: Response | AttemptFailure) -> Any:
        """The decoded result of an attempt, or an `AttemptError`, whatever secret it has."""
        call = self._call
        if isinstance(outcome, AttemptFailure):
            return unanswered(outcome)
        if self._options.responds:
            self._answer = replace(outcome, body=b"")
        if outcome.status >= 300:
            return refused(call, outcome, error_from(outcome), in_doubt=self._in_doubt)
        page = decode_rows(outcome.body, call.answer, request_id=outcome.request_id)
        if page is not None:
            return page
        refusal = error_within(outcome, declared=call.answer is not Any)
        if refusal is not None:
            return refused(call, outcome, refusal, in_doubt=self._in_doubt)
        try:
            if call.request.method == "DELETE":
                return removed(call, outcome, self._decoded)
            return self._decoded(outcome)
        except APIResponseValidationError as error:
            return unreadable(call, error)

    def _decoded(self, answer: Response) -> Any:
        call = self._call
        result = decode(
            answer.body,
            call.answer,
            operation=call.name,
            status=answer.status,
            request_id=answer.request_id,
        )
        if self._options.on_unreadable == "raise" and type(result) is Page and result.unreadable:
            raise incomplete(call, answer, result)
        return result

    async def _prepare_retry(self, failed: AttemptError) -> None:
        """Wait for the time of the next attempt.

        Raises:
            APIError: no other attempt follows.
        """
        context = self._context
        if self._retries is None:
            self._retries = Retries(context, self._call, self._options, began=self._began)
        time_left = self._deadline - context.clock()
        delay = self._retries.delay_after(
            failed, self._throttle, time_left=time_left, waited=self.waited
        )
        refusal = self._retries.rate_limited
        if delay is not None or (refusal is not None and not refusal.is_exhausted):
            self.outcome = None  # the rest is a matter of time, of which an equal read has its own
        if delay is None:
            raise_error(self._call, failed)
        if self.events is not None:
            self.events.tell_retry(failed.error, delay)
        if delay:
            await context.sleep(delay)

    def _tell_pause(self, outlook: Outlook, seconds: float) -> None:
        if self.events is not None:
            self.events.tell_pause(outlook, seconds)

    @property
    def _rate_limited(self) -> RateLimitError | None:
        """The last attempt's error, if it got a 429."""
        return None if self._retries is None else self._retries.rate_limited

    @property
    def _is_tried_once(self) -> bool:
        return self._options.retry.max_retries == 0

    @property
    def _in_doubt(self) -> bool:
        """Whether an earlier attempt may have taken effect."""
        return self._retries is not None and self._retries.in_doubt
