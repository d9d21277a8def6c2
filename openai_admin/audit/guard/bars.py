"""What is too much for a key in an hour, of what is usual in it.

The constants are this library's own; `python -m benchmarks.audit guard` measures how well they do.
"""

from __future__ import annotations

import attrs

from .rhythm import Usual
from .settings import TIMES

_MINUTES = 4.0  # of the usual that the sum must rise to, at least
_OF_A_JOB = 75.0  # likewise, where it is not known how a job spreads over its hour: all of it
_OF_PEAKS = 2.5  # likewise, times what it rose to before
_REQUESTS = 14.0  # likewise, in typical requests: these come in handfuls
_AT_ONCE = 2.0  # likewise, times what a few minutes have beyond those of their hour
_OF_A_DAY = 1.25  # of what is used on a busy day, that may come at other hours
_OF_LEAST = 2.0  # minutes of what is worth a look
_OF_JOBS = 2 / 3  # of the times, with jobs, which vary less and are not launched
_DAY = 1440


@attrs.frozen(kw_only=True)
class Floor:
    """What a burst must reach to be worth a look.

    Attributes:
        k: how many times the usual is too much.
        least: units a minute below which nothing is a burst.
    """

    k: float = TIMES
    least: float = 0.0


@attrs.frozen(kw_only=True)
class Bar:
    """What is too much for a key in an hour.

    Attributes:
        most: units a minute beyond which there is excess.
        height: the sum of excess that is a burst.
        slow_most: likewise beyond what is usual at this very hour.
        slow_height: the sum of that which is a burst too: more than a day's use, at a wrong time.
        usual: what is usual, in units a minute.
        peak: a sum that is usual does not rise higher.
    """

    most: float
    height: float
    slow_most: float
    slow_height: float
    usual: float
    peak: float


def bar(
    usual: Usual,
    floor: Floor,
    *,
    peak: float | None,
    request: float,
    at_once: float = 0.0,
    pace: float = 1.0,
) -> Bar:
    """What is too much, where something is usual.

    Args:
        usual: what is usual in the hour.
        floor: what is worth a look.
        peak: how high the sum rose before; ``None`` where no job of a key was seen that does jobs.
        request: what a request is, in units.
        at_once: what the fullest five minutes of a usual day have beyond twice what five others of
            their hour have: what an agent uses when somebody starts it.
        pace: how many times the usual the key is used in these hours: what is beyond the usual is
            expected to go on, and a burst comes on top of it.
    """
    k = floor.k + pace - 1
    level = _OF_JOBS * usual.base if usual.by_jobs else usual.level
    most = max(k * level, usual.anytime, floor.least)
    height = max(
        (_MINUTES if peak is not None else _OF_A_JOB) * usual.base,
        _OF_PEAKS * (peak or 0.0),
        _REQUESTS * request,
        _AT_ONCE * at_once,
        _OF_LEAST * floor.least,
    )
    return Bar(
        most=most,
        height=height,
        slow_most=max(k * usual.level + usual.daily / _DAY, floor.least),
        slow_height=max(height, _OF_A_DAY * usual.daily),
        usual=usual.level,
        peak=_OF_A_JOB * usual.base,
    )
