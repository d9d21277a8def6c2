"""What a call is made with: the settings of its client, and what its session shares."""

from __future__ import annotations

import itertools
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Literal, get_args

import attrs

from ..events import Dispatcher
from .aside import Aside
from .concurrency import FairLimiter
from .connection import Timeout, Transport
from .credentials import Credential, Credentials
from .extras import Extras
from .headers import Headers
from .lengths import Portions
from .retry import RetryPolicy
from .retry_budget import RetryBudget
from .server_clock import ServerClock
from .throttle import Throttle

OnUnreadable = Literal["keep", "raise"]
"""Keep what cannot be read in its page's `unreadable` and go on, or raise an error."""
ON_UNREADABLE: tuple[OnUnreadable, ...] = get_args(OnUnreadable)

# Global: one listener may serve several clients, and tells their calls apart by these.
_numbers = itertools.count(1)


@attrs.frozen(cache_hash=True)  # it is part of the key of every read
class Options:
    """The settings of a client that may differ from call to call.

    Attributes:
        timeout: the time limits.
        retry: how often a call is tried.
        check_inputs: whether arguments are checked before they are sent.
        on_unreadable: what is done with an item of a page that cannot be read.
        wait: the seconds that a call waits for the pace of its endpoint, over all its attempts;
            ``None``: as long as the endpoint grants something, see `patience`.
        responds: whether results come as a `Response`, with what came beside them.
        credentials: what gives the admin key, where it is not the session's.
        headers: what is sent besides the key and the body's type.
        extras: what is sent besides what the arguments become; ``None`` for nothing.
        portions: what makes an answer too long before it is longer than any may be.
    """

    timeout: Timeout = attrs.field(factory=Timeout)
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    check_inputs: bool = True
    on_unreadable: OnUnreadable = "keep"
    wait: float | None = None
    responds: bool = False
    credentials: Credentials | None = None
    headers: Headers = attrs.field(factory=Headers)
    extras: Extras | None = attrs.field(default=None, eq=False)  # it is part of the request
    portions: Portions | None = None


@attrs.frozen(eq=False)
class SessionContext:
    """What the calls of a session have in common.

    Attributes:
        transport: makes the attempts.
        credentials: what gives the admin key.
        limiter: the places for requests that run at once.
        throttle_of: keeps the requests of a key to the rates of their endpoints.
        budget: what the session may spend on retries.
        dispatcher: passes on what happens to each call.
        clock: monotonic seconds.
        sleep: waits that many seconds.
        rng: the source of jitter.
        check_usable: raises `ClientClosedError` once the session is closed.
        server_clock: the server's time, as its answers tell it.
        numbers: the numbers of the calls, for their events.
        aside: where large answers are decoded.
    """

    transport: Transport
    credentials: Credentials
    limiter: FairLimiter
    throttle_of: Callable[[Credential], Throttle]
    budget: RetryBudget
    dispatcher: Dispatcher
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    rng: random.Random
    check_usable: Callable[[], None]
    server_clock: ServerClock
    numbers: Iterator[int] = _numbers
    aside: Aside = attrs.field(factory=Aside)
