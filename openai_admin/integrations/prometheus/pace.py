"""How refreshes ended, and when each is due again."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

AGAIN = 300
"""Seconds after which what failed is tried again, where its interval is longer."""

_TURN = 2
"""Seconds after which a period is over for certain: the server's clock is known to about one."""


@attrs.frozen
class Refresh:
    """The latest refresh of a kind that ended.

    Attributes:
        ended: when, in Unix seconds.
        duration: how many seconds it took.
        error: why it failed, as a sentence; ``None`` where it succeeded.
        lacks: what was refused or did not come of what it asked for, in words.
        in_part: how many refreshes in a row succeeded in part alone.
    """

    ended: float
    duration: float
    error: str | None = None
    lacks: tuple[str, ...] = ()
    in_part: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether all that it asked for came."""
        return self.error is None and not self.lacks


def pause(refresh: Refresh, *, interval: float, ends: Iterable[float], now: float) -> float:
    """Seconds until a refresh is due again.

    What failed is tried again after five minutes. What succeeded in part is as well, or after as
    long as it took; then after twice as long each time, so that what is refused for good is not
    asked for all the time. What a figure is about may be over before: its next is due at once then.

    Args:
        refresh: how it ended.
        interval: seconds between refreshes of its kind; it is never longer.
        ends: when its figures are over, in Unix seconds.
        now: the present.
    """
    wait = interval
    if refresh.error is not None:
        wait = min(interval, AGAIN)
    elif refresh.in_part:
        wait = min(interval, max(AGAIN, refresh.duration) * 2 ** min(refresh.in_part - 1, 30))
    return min([wait, *(end - now + _TURN for end in ends if end > now)])


class Reachability:
    """Whether the API answers, by how refreshes end.

    Args:
        often: seconds between the refreshes that are most frequent.

    Attributes:
        is_up: whether it does; ``None`` before any has ended.
    """

    def __init__(self, *, often: float) -> None:
        self._recent = min(2 * often, AGAIN - 60)
        self._answered: float | None = None
        self.is_up: bool | None = None

    def ended(self, *, began: float, ended: float, answered: bool) -> None:
        """Take in the end of a refresh.

        One that got no answer says nothing against the API while others get theirs.

        Args:
            began: when it began, in Unix seconds.
            ended: when it ended.
            answered: whether it got an answer.
        """
        if answered:
            self._answered = ended
        self.is_up = self._answered is not None and self._answered >= began - self._recent
