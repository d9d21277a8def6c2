"""The session: what the clients made from one another share."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import attrs

from .._declare.effect import Effect
from .._declare.operation import Announce, Call
from .._forks import begins_anew
from ..errors import APIStatusError, ClientClosedError, OutcomeUnknownError
from ..events import Dispatcher, Event, Listener
from .attempts import CallAttempts
from .concurrency import FairLimiter
from .connection import Timeout, Transport
from .context import OnUnreadable, Options, SessionContext
from .credentials import AdminKey, Credential, Credentials
from .extras import Extras
from .headers import HeaderChanges
from .lengths import Lengths, Portions
from .lockout import DEMANDING, warn_of_lockout
from .loops import running_loop
from .rate_limiter import RateLimiter
from .readback import added_before
from .reads import Read, changes_at, follow, wake
from .reconcile import Creation, listing_of
from .retry import RetryPolicy
from .retry_budget import RetryBudget
from .server_clock import ServerClock
from .settings import checked_wait
from .throttle import Throttle

# Global: an endpoint limits the requests of a key, whichever client of the process makes them.
_rate_limiter = RateLimiter()

_MOST_KEYS = 64


# The loop of a session that was not used yet, or not since a fork.
_NO_LOOP: Any = object()

ReadBack = Callable[[APIStatusError], Awaitable[Any]]
"""Gives the result of an addition whose refusal says that it was made before."""


class Session:
    """What all clients made from one another share: connections, rates, reads in flight.

    Args:
        transport: makes the attempts.
        credentials: what gives the admin key.
        max_concurrency: how many requests run at once.
        clock: monotonic seconds.
        sleep: waits that many seconds.
        rng: the source of jitter.
        rate_limiter: knows the rates of endpoints; by default the process-wide one.
        on_event: receives what happens to each call.
        share_reads: whether a read waits for the answer to an equal one that is in flight.
        lengths: what was learned of the lengths of answers.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        credentials: Credentials,
        max_concurrency: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        rate_limiter: RateLimiter | None = None,
        on_event: Listener | None = None,
        share_reads: bool = True,
        lengths: Lengths | None = None,
    ) -> None:
        self._transport = transport
        self._plain_sleep = sleep
        # Calls that wait to retry, or for their endpoint's rate; closing wakes them.
        self._sleeping: set[asyncio.Timeout] = set()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop = _NO_LOOP
        self._share_reads = share_reads
        self._reads: dict[Hashable, Read] = {}  # in flight
        self._changes = changes_at(transport.base_url)
        self.base_url = transport.base_url
        self.credentials = credentials
        self.limiter = FairLimiter(max_concurrency)
        self.budget = RetryBudget()
        self.server_clock = ServerClock(clock)
        self.lengths = lengths or Lengths()
        self._clock = clock
        self._rate_limiter = rate_limiter or _rate_limiter
        # By the fingerprint of a key; all but the newest are forgotten.
        self._throttles: dict[str, Throttle] = {}
        self._context = SessionContext(
            transport=transport,
            credentials=credentials,
            limiter=self.limiter,
            throttle_of=self._throttle_of,
            budget=self.budget,
            dispatcher=Dispatcher(on_event, clock=clock),
            clock=clock,
            sleep=self.sleep,
            rng=rng or random.Random(),  # noqa: S311 - jitter is not a secret
            check_usable=self.check_usable,
            server_clock=self.server_clock,
        )
        self.aside = self._context.aside
        begins_anew(self)

    def execute(
        self, call: Call, options: Options, *, read_back: ReadBack | None = None
    ) -> Coroutine[Any, Any, Any]:
        """Send a call and decode its answer.

        Args:
            call: the call.
            options: its settings.
            read_back: gives the result of an addition that was refused because what was to be
                added is there, where an earlier try may have added it.

        Raises:
            APIError: the call failed; see `errors` for the kinds.
            ClientClosedError: the client is closed, or in use in another event loop.
            OpenAIAdminError: no event loop of asyncio runs.
        """
        reads = call.effect is Effect.READS
        return self._read(call, options) if reads else self._change(call, options, read_back)

    async def close(self) -> None:
        """Close the connections; the session cannot be used afterwards."""
        self._closed = True
        sleeping, self._sleeping = self._sleeping, set()
        for sleep in sleeping:
            sleep.reschedule(0)
        await self._transport.close()
        await self._context.dispatcher.finish()

    def announcer(self, operation: str) -> Announce:
        """What passes on events that belong together, under a number of their own."""
        number = next(self._context.numbers)

        def announce(kind: Callable[..., Event], /, **what: Any) -> None:
            self._context.dispatcher.emit(kind(call=number, operation=operation, **what))

        return announce

    @property
    def is_closed(self) -> bool:
        """Whether the session cannot be used any more."""
        return self._closed

    @property
    def latest_change(self) -> object:
        """Stands for the last change at the address by any client of this process (`Changes`)."""
        return self._changes.latest

    @property
    def lacks_certificate(self) -> bool | None:
        """Whether the API is shown no client certificate; ``None`` where that is not known."""
        return self._transport.lacks_certificate

    def check_usable(self) -> None:
        """Make sure that the session can be used in the running event loop.

        Raises:
            ClientClosedError: it is closed, or in use in another event loop.
            OpenAIAdminError: no event loop of asyncio runs.
        """
        if self._closed:
            raise ClientClosedError.after_close()
        if asyncio._get_running_loop() is not self._loop:  # None instead of an error, and fast
            self._bind()

    def _bind(self) -> None:
        """Belong to the running loop from now on, if nothing is in flight in another one."""
        loop = running_loop()
        if self._loop is not _NO_LOOP and not self._loop.is_closed():
            if self._loop.is_running():
                raise ClientClosedError.in_another_loop()
            if self._sleeping or self.limiter.is_busy:
                raise ClientClosedError.in_stopped_loop()
        self.begin_anew()
        self._loop = loop

    def begin_anew(self) -> None:
        """Forget what runs: its loop has ended, or is the parent's of this forked process."""
        self._loop = _NO_LOOP
        self._reads.clear()
        self._sleeping.clear()
        self.limiter.clear()
        self._context.aside.clear()

    async def sleep(self, seconds: float) -> None:
        """Sleep; raise `ClientClosedError` at once when the session is or gets closed."""
        self.check_usable()
        sleep = asyncio.timeout(None)
        self._sleeping.add(sleep)
        try:
            async with sleep:
                await self._plain_sleep(seconds)
        except TimeoutError:
            self.check_usable()
            raise
        finally:
            self._sleeping.discard(sleep)

    def _throttle_of(self, credential: Credential) -> Throttle:
        """What keeps the requests of a key to the rates of their endpoints."""
        throttle = self._throttles.get(credential.fingerprint)
        if throttle is None:
            while len(self._throttles) >= _MOST_KEYS:
                del self._throttles[next(iter(self._throttles))]
            scope = (self.base_url, credential.fingerprint)
            throttle = Throttle(
                self._rate_limiter, scope=scope, clock=self._clock, sleep=self.sleep
            )
            self._throttles[credential.fingerprint] = throttle
        return throttle

    async def _change(self, call: Call, options: Options, read_back: ReadBack | None) -> Any:
        """Send a change; no read begun before its end answers one begun after."""
        self.check_usable()
        if call.name in DEMANDING and self.lacks_certificate:
            warn_of_lockout(call)
        self._changes.tell()
        attempts = CallAttempts(self._context, call, options)
        try:
            return await attempts.run()
        except OutcomeUnknownError as error:
            error.sent_at = attempts.sent_at
            raise
        except APIStatusError as error:
            if read_back is None or not attempts.was_done:
                raise
            refusal = error
        finally:
            self._changes.tell()
        result = await read_back(refusal)
        return attempts.respond(result) if options.responds else result

    async def _read(self, call: Call, options: Options) -> Any:
        """Send a read, or wait for the answer to an equal one that is in flight already."""
        self.check_usable()
        attempts = CallAttempts(self._context, call, options)  # its time runs from here on
        asks_for_key = (options.credentials or self.credentials).fixed is None
        if asks_for_key or not self._share_reads:  # equal reads may have different keys
            return await attempts.run()
        request = call.request
        key = (self._changes.latest, call.name, request.target, request.body, options)
        read = Read(attempts, self._loop)
        # One of another loop ended with it.
        while (other := self._reads.setdefault(key, read)) is not read and other.loop is read.loop:
            if (ended := await follow(other, attempts)) is not None:
                return await attempts.run(ended)
        if other is not read:
            self._reads[key] = read
        try:
            return await attempts.run()
        finally:
            if self._reads.get(key) is read:
                del self._reads[key]
            if read.followers:
                wake(read)


class Caller:
    """Executes calls over a session with the settings of one client."""

    def __init__(self, session: Session, options: Options) -> None:
        self.session = session
        self.options = options
        self.check_inputs = options.check_inputs

    def execute(self, call: Call) -> Coroutine[Any, Any, Any]:
        """Send a call and decode its answer."""
        if self.options.extras is not None:
            call = self.options.extras.added_to(call)
        if not call.repeatable:
            return self._once(call)
        adds = call.effect is Effect.ADDS
        read_back = partial(added_before, self._plain(), call) if adds else None
        return self.session.execute(call, self.options, read_back=read_back)

    async def _once(self, call: Call) -> Any:
        """Send what must not be repeated; if its outcome is unknown, say where to look."""
        try:
            return await self.session.execute(call, self.options)
        except OutcomeUnknownError as error:
            listing = listing_of(error.operation)
            if listing is not None:
                error.listing = listing.name
                session = self.session
                caller = self._plain()
                error.find = Creation(error, caller, session.server_clock, session.sleep).find
            raise

    def server_now(self) -> datetime | None:
        """The server's time, to about a second; ``None`` while no answer has told it."""
        return self.session.server_clock.now()

    def check_usable(self) -> None:
        """Raise `ClientClosedError` once the client is closed."""
        self.session.check_usable()

    async def sleep(self, seconds: float) -> None:
        """Sleep; raise `ClientClosedError` at once when the client is or gets closed."""
        await self.session.sleep(seconds)

    def announcer(self, operation: str) -> Announce:
        """What tells the client's listener of events that belong together, as those of a call."""
        return self.session.announcer(operation)

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return self.session.base_url

    @property
    def lacks_certificate(self) -> bool | None:
        """Whether the API is shown no client certificate; ``None`` where that is not known."""
        return self.session.lacks_certificate

    def organization_told(self) -> str | None:
        """The organization that the newest answers name; ``None`` while none has named one."""
        return self.session.server_clock.organization

    def with_options(self, **changes: Any) -> Caller:
        """The same session with other settings; `None` keeps the present one."""
        return Caller(self.session, _changed(self.options, **changes))

    def with_key(self, key: str) -> Caller:
        """The same session called with another key, of whatever kind."""
        return Caller(
            self.session, attrs.evolve(self.options, credentials=Credentials.of_any_kind(key))
        )

    def responding(self) -> Caller:
        """The same, with results as a `Response`."""
        return Caller(self.session, attrs.evolve(self.options, responds=True))

    def _plain(self) -> Caller:
        """What makes other calls than the one that extras or a `Response` were asked for."""
        if self.options.extras is None and not self.options.responds:
            return self
        return Caller(self.session, attrs.evolve(self.options, extras=None, responds=False))

    def __repr__(self) -> str:
        credentials = self.options.credentials or self.session.credentials
        return f"{self.session.base_url} with {credentials}"


def _changed(
    options: Options,
    *,
    timeout: float | Timeout | None = None,
    max_retries: int | None = None,
    check_inputs: bool | None = None,
    on_unreadable: OnUnreadable | None = None,
    wait: float | None = None,
    admin_key: AdminKey | None = None,
    headers: HeaderChanges | None = None,
    extra_query: Mapping[str, Any] | None = None,
    extra_body: Mapping[str, Any] | None = None,
    portions: Portions | None = None,
) -> Options:
    if timeout is None:
        timeout = options.timeout
    elif not isinstance(timeout, Timeout):
        timeout = attrs.evolve(options.timeout, attempt=timeout)  # the other limits stay
    return Options(
        timeout=timeout,
        retry=options.retry if max_retries is None else RetryPolicy(max_retries),
        check_inputs=options.check_inputs if check_inputs is None else check_inputs,
        on_unreadable=options.on_unreadable if on_unreadable is None else on_unreadable,
        wait=options.wait if wait is None else checked_wait(wait),
        responds=options.responds,
        credentials=options.credentials if admin_key is None else Credentials(admin_key),
        headers=options.headers if headers is None else options.headers.changed(headers),
        extras=_extras(options.extras or Extras(), extra_query, extra_body),
        portions=options.portions if portions is None else portions,
    )


def _extras(
    present: Extras, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None
) -> Extras | None:
    extras = Extras(
        present.query if query is None else query, present.body if body is None else body
    )
    return extras if extras.query or extras.body else None
