"""How long a call waits before it is sent, and what is said where that is not enough.

There are two kinds of waiting. A *pace* is known where the server has said when it takes the next
request, where it has refused one, or where its rate was learned from what it granted: waiting for
that is bounded by `wait`, apart from the time limits. Else a call waits for *answers* to others, as
at the first requests to an endpoint. That is like waiting for a place: the time is the call's own,
and nothing is said of its turn.

With a `wait` a call fails at once where its turn is known to come later: that of a pace that was
measured, or beyond the end of a hold. What is only estimated is waited for until the `wait` is used
up. Without a `wait` a call waits for its pace

- as long as the endpoint lets some request pass within two of its windows (of a minute at least);
- unless it is certain that none will pass for longer than ``timeout.total``;
- and once the call itself was refused, for ``timeout.total`` or, where the endpoint has ever let a
  request pass, two windows if that is longer, however its neighbours fare.
"""

from __future__ import annotations

import math

import attrs

from .._text.durations import TELLING, duration


@attrs.frozen
class Outlook:
    """What is known about the turn of a request that may not go yet; moments are the clock's.

    Attributes:
        reason: what it waits for, in words.
        turn: when its turn is expected.
        earliest: when it can come at the earliest; the same where the pace was measured.
        opens: when the endpoint takes a request again; ``None`` where that depends on answers.
        closed_until: until when it is certain that the endpoint takes none.
        is_paced: whether anything is known that limits the endpoint.
        granted: when the newest of the requests that passed was sent.
        window: the seconds within which the endpoint lets some pass.
        is_held: whether a 429 holds the endpoint.
    """

    reason: str
    turn: float
    earliest: float
    opens: float | None
    closed_until: float
    is_paced: bool
    granted: float
    window: float
    is_held: bool


@attrs.define(eq=False)
class Patience:
    """How long a call still waits before an attempt.

    Attributes:
        wait: the seconds it waits for its pace over all attempts; ``None`` for the default.
        total: the seconds of ``timeout.total``.
        ends: when the attempt must be over; it moves on with the time that the pace takes.
        began: when it began to wait.
        refused_at: when it was first refused with a 429.
        waited: the seconds that it has waited for its pace.
        reason: what it waited for last, in words.
    """

    wait: float | None
    total: float
    ends: float
    began: float
    refused_at: float | None = None
    waited: float = 0.0
    reason: str = ""

    def left(self, outlook: Outlook, now: float) -> float:
        """The seconds that it goes on waiting if nothing changes; 0 where it gives up."""
        if self.is_own_time(outlook):
            return max(self.ends - now, 0.0)
        if self.wait is not None:
            left = self.wait - self.waited
            return left if outlook.earliest - now <= left else 0.0
        if outlook.closed_until - now > self.total:
            return 0.0
        since = self.began if self.refused_at is None else self.refused_at
        until = max(since, outlook.granted) + 2 * outlook.window
        if self.refused_at is not None:
            has_granted = outlook.granted > -math.inf
            longest = max(self.total, 2 * outlook.window) if has_granted else self.total
            until = min(until, since + longest)
        return max(until - now, 0.0)

    def is_own_time(self, outlook: Outlook) -> bool:
        """Whether a wait is bounded by the time limits: only answers are known to be waited for."""
        return not outlook.is_paced or (self.wait is not None and outlook.opens is None)

    def spend(self, seconds: float) -> None:
        """Count a time that was waited for the pace, at most what `wait` allows."""
        if self.wait is not None:
            seconds = min(seconds, max(self.wait - self.waited, 0.0))
        self.waited += seconds
        self.ends += seconds

    @property
    def advice(self) -> str:
        """What lets a call wait longer, in Python; empty where that was chosen."""
        return "" if self.wait is not None else "A call with wait=… seconds waits longer."

    def why_not(self, operation: str, outlook: Outlook, now: float, said: str) -> str:
        """Why a call is not sent, in one sentence.

        Args:
            operation: the operation's name.
            outlook: what it would have waited for.
            now: the time.
            said: the API's words when it last refused a request, if it has.
        """
        turn = f"its turn would come in {duration(outlook.turn - now)}"
        if self.waited >= TELLING:
            turn = f"{turn}, after {duration(self.waited)} of waiting"
        if self.wait is not None:
            allows = f"and wait allows {duration(self.wait)}"
        elif outlook.closed_until - now > self.total:
            allows = f"later than the {duration(self.total)} that a call waits by itself"
        else:
            allows = "and no request has passed for two windows of its rate"
        words = f" (“{said.rstrip('.')}”)" if said and outlook.is_held else ""
        reason = outlook.reason.partition(";")[0]
        return f"{operation} was not sent: {reason}{words}, {turn}, {allows}."
