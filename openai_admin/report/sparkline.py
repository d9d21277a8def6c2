"""A series as a row of small bars."""

from __future__ import annotations

Series = tuple[float | None, ...]
"""Values in order of time; ``None`` where one is not known."""

_SPARKS = "▁▂▃▄▅▆▇█"
_NOT_KNOWN = "\N{NO-BREAK SPACE}"  # Markdown and terminals trim others


def sparkline(series: Series, width: int = 30) -> str:
    """A row of small bars, with nothing where a value is not known; of a series longer than
    `width`, each is the mean of several values.
    """
    values = means(series, width)
    most = max((value for value in values if value is not None), default=0.0)
    return "".join(_NOT_KNOWN if value is None else _bar(value, most) for value in values)


def _bar(value: float, most: float) -> str:
    return _SPARKS[round(max(0.0, value) / most * (len(_SPARKS) - 1)) if most > 0 else 0]


def means(series: Series, most: int) -> Series:
    """A series of at most so many values, each the mean of those known among equally many
    neighbours.
    """
    step = max(1, -(-len(series) // most))
    return tuple(_mean(series[i : i + step]) for i in range(0, len(series), step))


def _mean(values: Series) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
