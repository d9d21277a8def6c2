"""How long a call waits before it is sent, and what is said where that is not enough.

There are two kinds of waiting. A *pace* is known where the server has said when it takes the next
request, or where that was learned from what it granted: then it is known when a call's turn comes,
and waiting for it is bounded by `wait`, apart from the time limits. Else a call waits for *answers*
to others, as at the first requests to an endpoint, and that time is the call's own.

Without a `wait` a call waits for its pace

- as long as the endpoint lets some request pass within two of its windows (of a minute at least);
- unless it is known that none will pass for longer than ``timeout.total``;
- and ``timeout.total`` at most once the call itself was refused, however its neighbours fare.
"""

from __future__ import annotations

import math

import attrs


@attrs.frozen
class Outlook:
    """What is known about the turn of a request that may not go yet; moments are the clock's.

    Attributes:
        reason: what it waits for, in words.
        turn: when its turn comes.
        opens: when the endpoint takes a request again; ``None`` where that depends on answers.
        granted: when the newest of the requests that passed was sent.
        window: the seconds within which the endpoint lets some pass.
        is_held: whether a 429 holds the endpoint.
        is_shared: whether requests of other event loops are among them, which may end.
    """

    reason: str
    turn: float
    opens: float | None
    granted: float
    window: float
    is_held: bool
    is_shared: bool


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
    """

    wait: float | None
    total: float
    ends: float
    began: float
    refused_at: float | None = None
    waited: float = 0.0

    def left(self, outlook: Outlook, now: float) -> float:
        """The seconds that it goes on waiting if nothing changes; 0 where it gives up."""
        if outlook.opens is None:
            return max(self.ends - now, 0.0)
        if self.wait is not None:
            left = self.wait - self.waited
            return left if outlook.turn - now <= left else 0.0
        if outlook.opens - now > self.total:
            return 0.0
        since = self.began if self.refused_at is None else self.refused_at
        until = max(since, outlook.granted) + 2 * outlook.window
        if self.refused_at is not None:
            until = min(until, since + self.total)
        return max(until - now, 0.0)

    def spend(self, outlook: Outlook, seconds: float) -> None:
        """Count a time that was waited."""
        if outlook.opens is not None:
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
        turn = f"its turn would come in {_told(outlook.turn - now)} s"
        if self.wait is not None:
            allows = f"and wait allows {_told(self.wait)} s"
        elif outlook.opens is not None and outlook.opens - now > self.total:
            allows = f"later than the {_told(self.total)} s that a call waits by itself"
        else:
            allows = "and no request has passed for two windows of its rate"
        words = f" (“{said.rstrip('.')}”)" if said and outlook.is_held else ""
        reason = outlook.reason.partition(";")[0]
        return f"{operation} was not sent: {reason}{words}, {turn}, {allows}."


def _told(seconds: float) -> str:
    """Seconds for a sentence: whole ones, but for short times."""
    return f"{math.ceil(seconds):,}" if seconds >= 10 else f"{seconds:.2g}"
