"""Moments that tests agree on, in Unix seconds."""

MINUTE, HOUR, DAY = 60, 3600, 86_400
STEPS = {"1m": MINUTE, "1h": HOUR, "1d": DAY}
NOW = 1_795_512_345  # a Tuesday, at 09:25:45 UTC
TODAY = NOW // DAY * DAY


def touched(start: int, end: int, step: int) -> list[int]:
    """The beginnings of all buckets that a range touches: one by one, as one would on paper."""
    buckets = []
    moment = start // step * step
    while moment < end:
        buckets.append(moment)
        moment += step
    return buckets if start < end else []
