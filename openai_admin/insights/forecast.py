"""A forecast of the next days of a series and of their sum's uncertainty: plain arithmetic.

The constants are this library's own, except for the cut (see `robust.persistence`); how often the
range holds the outcome is measured on simulated series, in the tests of projections.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from .robust import CUT, Rhythm, even_out, fits, persistence, root_mean_square, spread_of_rare

_WEEK = 7
_SHOCK = 8.0  # spreads; a single larger shock would make the range useless for eight weeks
_FLOOR = 0.2  # of the average day; the scatter of a series that fades out does not vanish
_STILL = 0.002  # of a day; what even costs that never varied are in doubt by
_NOISE = 0.01  # of a day; trials do not tell a smaller scatter from a larger one
_WIDEST = 4.0  # times the computed deviation; beyond it one event would make the range useless
_TRIALS_FROM = 3 * _WEEK  # days that a trial on the past goes by at least
_TRIAL_EVERY = 3  # days
_PRIOR = 1.5  # trials' worth of trust in the computed deviation
_LONGEST_LASTING = 0.9  # beyond that, eight weeks do not tell it from a wandering level
_DAMPING = 0.99  # of what a line rises or falls by, each day; after ten weeks half of it is left
_UNSEEN_GROWTH = 0.005  # a day; what a series too short for a slope may grow or shrink by


@attrs.frozen
class Forecast:
    """The days asked for, and what is known about their sum's error.

    Attributes:
        days: an estimate for each day.
        deviation: of their sum from the truth, as a standard deviation; not a number where it was
            not asked for.
        freedom: degrees of freedom that `deviation` was estimated with.
        scatter: the usual deviation of a day, as part of it.
    """

    days: list[float]
    deviation: float
    freedom: int
    scatter: float


@attrs.frozen
class _Model:
    """A fitted series; private, since forecasts are made from it at once."""

    rhythm: Rhythm
    rival: Rhythm | None  # the line of the other kind
    off: list[float | None]  # deviations as parts of the line; None where unknown
    average: float  # of the line over the known days
    lowest: float  # of the days, where one was credited; else 0
    kept: float  # of a deviation, on the next day

    @property
    def freedom(self) -> int:
        return max(4, sum(d is not None for d in self.off) - self.rhythm.fitted)

    def unit(self, index: float) -> float:
        """What a deviation of 1 is worth on a day that is like the others of its week."""
        return max(self.rhythm.line(index), _FLOOR * self.average)


def forecast(
    values: Sequence[float | None], *, weekday: int, ahead: range, ranged: bool = True
) -> Forecast | None:
    """Forecast the days `ahead`, counted like the values from 0; ``None`` without any value.

    Args:
        values: the days that are known, ``None`` where one is missing.
        weekday: of the first value, Monday is 0.
        ahead: the days to forecast, all after the values.
        ranged: whether to find the deviation, which takes ten times as long as the days.
    """
    if sum(v for v in values if v is not None) < 0:  # credits are costs with their sign turned
        turned = [None if v is None else -v for v in values]
        credits = forecast(turned, weekday=weekday, ahead=ahead, ranged=ranged)
        return credits and attrs.evolve(credits, days=[-day for day in credits.days])
    model = _model(values, weekday)
    if model is None:
        return None
    deviation = math.nan
    if ranged:
        deviation = _deviation(model, ahead) * _experience(_calm(model), weekday, ahead)
    scatter = spread_of_rare(d for d in model.off if d is not None)
    return Forecast(_days(model, ahead), deviation, model.freedom, scatter)


def _model(values: Sequence[float | None], weekday: int) -> _Model | None:
    known = [i for i, v in enumerate(values) if v is not None]
    if not known:
        return None
    rhythm, *others = fits(values, weekday=weekday)
    average = sum(rhythm.line(i) for i in known) / len(known)
    average = average or sum(abs(values[i] or 0.0) for i in known) / len(known)
    lowest = min(0.0, *(values[i] or 0.0 for i in known))
    model = _Model(rhythm, others[0] if others else None, [], average, lowest, 0.0)
    off = _off(values, model)
    # Costs are skewed: their median day is cheaper than their mean day, and a month adds up means.
    limit = CUT * spread_of_rare(d for d in off if d is not None)
    cut = [(i, max(-limit, min(limit, d))) for i, d in enumerate(off) if d is not None]
    shift = sum(d * model.unit(i) for i, d in cut) / max(1, len(cut))
    shifted = rhythm.times(1 + shift / average) if rhythm.exponential else rhythm.plus(shift)
    model = attrs.evolve(model, rhythm=shifted)
    off = _off(values, model)
    return attrs.evolve(model, off=off, kept=persistence(off, fitted=rhythm.fitted))


def _off(values: Sequence[float | None], model: _Model) -> list[float | None]:
    rhythm = model.rhythm
    evened = [even_out(v, rhythm.factor(i)) for i, v in enumerate(values)]
    return [
        None if v is None or not model.average else (v - rhythm.line(i)) / model.unit(i)
        for i, v in enumerate(evened)
    ]


def _days(model: _Model, ahead: range) -> list[float]:
    rhythm, kept = model.rhythm, model.kept
    last = max((i for i, d in enumerate(model.off) if d is not None), default=0)
    limit = CUT * spread_of_rare(d for d in model.off if d is not None)
    carried = max(-limit, min(limit, model.off[last] or 0.0))
    return [
        max(
            model.lowest,
            rhythm.factor(i) * (rhythm.line(at) + model.unit(at) * carried * kept ** (i - last)),
        )
        for i in ahead
        for at in [_damped(i, len(model.off) - 1)]
    ]


def _damped(index: int, last: int) -> float:
    """The place on the line that a day to come is given, since growth does not go on as it is.

    Each day adds a little less than the one before (a damped trend: Gardner & McKenzie,
    "Forecasting trends in time series", Management Science 31, 1985).
    """
    return last + _DAMPING * (1 - _DAMPING ** (index - last)) / (1 - _DAMPING)


def _deviation(model: _Model, ahead: range, *, least: float = _STILL) -> float:
    """Scatter of the days for as long as it lasts, doubt about level, slope and kind of line.

    Args:
        model: the fitted series.
        ahead: the days of the sum.
        least: the scatter of a day, as part of it, that is assumed at least.
    """
    rhythm, kept, off = model.rhythm, model.kept, model.off
    steps = [
        b if a is None else b - kept * a
        for a, b in zip([None, *off], off, strict=False)
        if b is not None
    ]
    limit = _SHOCK * spread_of_rare(steps)
    cut = (max(-limit, min(limit, s)) for s in steps)
    step = max(root_mean_square(cut, freedom=model.freedom), least)
    # How much each day's new deviation adds to the sum, with what is left of it on later days.
    weights = [rhythm.factor(i) * model.unit(i) for i in ahead]
    weight = scatter = 0.0
    for i in range(ahead.stop - 1, len(off) - 1, -1):
        weight = kept * weight + (weights[i - ahead.start] if i in ahead else 0.0)
        scatter += weight * weight
    n = max(1, sum(d is not None for d in off))
    middle = (len(off) - 1) / 2
    reach = sum(weights)
    lever = sum(w * (i - middle) for w, i in zip(weights, ahead, strict=True))
    lasting = min(1 / (1 - min(kept, _LONGEST_LASTING)), math.sqrt(n))
    doubt = reach**2 / n
    kind = 0.0
    if model.rival is None:
        kind = _UNSEEN_GROWTH * lever
    else:
        doubt += lever**2 * 12 / (n * max(1, len(off) ** 2 - 1))
        kind = sum(rhythm.at(i) - model.rival.at(i) for i in ahead)
    return math.hypot(step * math.sqrt(scatter + doubt * lasting**2), kind)


def _calm(model: _Model) -> list[float | None]:
    """The values without their odd days, which the scatter knows already."""
    rhythm = model.rhythm
    limit = CUT * spread_of_rare(d for d in model.off if d is not None)
    return [
        None
        if d is None
        else rhythm.at(i) + rhythm.factor(i) * model.unit(i) * max(-limit, min(limit, d))
        for i, d in enumerate(model.off)
    ]


def _experience(values: Sequence[float | None], weekday: int, ahead: range) -> float:
    """How much further off than computed the method was when tried on the past; from 1 to
    `_WIDEST`.
    """
    gap, length = ahead.start - len(values), len(ahead)
    squares = trials = 0.0
    for origin in range(_TRIALS_FROM, len(values) - gap - _WEEK + 1, _TRIAL_EVERY):
        start = origin + gap
        later = range(start, min(start + length, len(values)))
        truth = [v for v in values[later.start : later.stop] if v is not None]
        model = _model(values[:origin], weekday)
        if model is None or len(truth) < min(length, _WEEK) or len(truth) < len(later):
            continue
        deviation = _deviation(model, later, least=_NOISE)
        if deviation > 0:
            error = sum(truth) - sum(_days(model, later))
            # Trials overlap: each counts for the new days that it brings. The last factor makes
            # the mean square of Student's t with this freedom 1.
            weight = min(1.0, _TRIAL_EVERY / len(later))
            squares += weight * (error / deviation) ** 2 * (model.freedom - 2) / model.freedom
            trials += weight
    return min(max(1.0, math.sqrt((_PRIOR + squares) / (_PRIOR + trials))), _WIDEST)
