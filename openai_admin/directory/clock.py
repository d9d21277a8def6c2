"""How far the server's clock is from this machine's, and in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .._declare.operation import CallExecutor
from .._text.durations import duration

_FAR = timedelta(hours=1).total_seconds()


def clock_difference(caller: CallExecutor) -> int | None:
    """Seconds that the server's clock is ahead of this machine's, to about a second; ``None`` while
    no answer has told its time.
    """
    server = caller.server_now()
    return None if server is None else round((server - datetime.now(UTC)).total_seconds())


def clocks_differ(seconds: int | None) -> str | None:
    """That the clocks are more than an hour apart, as a sentence, where they are.

    Args:
        seconds: a `clock_difference`.
    """
    if seconds is None or abs(seconds) <= _FAR:
        return None
    return (
        f"The server's clock is {difference_told(seconds)}: what “today” is, and days before it, "
        "are by this machine's."
    )


def difference_told(seconds: int) -> str:
    """A difference in words: ``6 d ahead of this machine's``."""
    return f"{duration(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} this machine's"
