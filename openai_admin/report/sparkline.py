"""A series as a row of small bars."""

from __future__ import annotations

_SPARKS = "▁▂▃▄▅▆▇█"


def sparkline(series: tuple[float, ...], width: int = 30) -> str:
    """A row of small bars; of a series longer than `width`, each is the mean of several values."""
    values = [max(0.0, value) for value in means(series, width)]
    most = max(values, default=0.0)
    if not most:
        return _SPARKS[0] * len(values)
    return "".join(_SPARKS[round(value / most * (len(_SPARKS) - 1))] for value in values)


def means(series: tuple[float, ...], most: int) -> tuple[float, ...]:
    """A series of at most so many values, each the mean of equally many neighbours."""
    step = max(1, -(-len(series) // most))
    parts = [series[i : i + step] for i in range(0, len(series), step)]
    return tuple(sum(part) / len(part) for part in parts)
