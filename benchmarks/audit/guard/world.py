"""Quiet organizations, by the minute: people, services, jobs, growth, launches, all of a seed.

What a key costs in a minute is a number of requests, each with a cost of its own (compound
Poisson), at a rate that follows the hour of the week, wanders from hour to hour and day to day, and
steps where something is deployed or launched. Nothing in here knows the guard.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import attrs
import numpy as np

DAY = 1440
HISTORY = 36
"""Days before the ones that are watched."""
_START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
_HOLIDAYS = (32, 35, 60, 81, 110)  # days on which offices are closed

Kind = Literal["office", "service", "nightly", "weekly", "monthly", "cron", "agents", "pennies"]

_NUMBERS: dict[Kind, int] = {
    "office": 4,
    "service": 5,
    "agents": 2,
    "nightly": 3,
    "weekly": 1,
    "monthly": 1,
    "cron": 2,
    "pennies": 3,
}
_KINDS: list[Kind] = [kind for kind, number in _NUMBERS.items() for _ in range(number)]


@attrs.frozen
class Key:
    """A key and what it costs.

    Attributes:
        id: its id.
        project: its project.
        kind: what it is used for.
        request: what a request costs on average.
        minutes: what each minute cost, from the first of the history on.
        born: the minute of its first use.
    """

    id: str
    project: str
    kind: Kind
    request: float
    minutes: Any
    born: int = 0


def first_minute() -> int:
    """The first minute of the history, counted since 1970."""
    return int((_START - timedelta(days=HISTORY)).timestamp()) // 60


def organization(seed: int, *, days: int) -> list[Key]:
    """The keys of an organization over its history and so many days."""
    rng = np.random.default_rng(seed)
    maker = _Maker(rng, HISTORY + days)
    keys = [maker.key(n, kind) for n, kind in enumerate(_KINDS)]
    keys += maker.rotated(next(k for k in keys if k.kind == "service"), len(keys))
    keys.append(maker.fresh(len(keys)))
    return keys


class _Maker:
    def __init__(self, rng: Any, days: int) -> None:
        self.rng = rng
        self.days = days
        self.size = days * DAY
        self.at = np.arange(self.size)
        self.day = self.at // DAY
        self.hour = self.at % DAY / 60
        weekday = (self.day + (7 - HISTORY % 7)) % 7
        holiday = np.isin(self.day, _HOLIDAYS)
        self.free = (weekday >= 5) | holiday
        self.weekday = weekday

    def key(self, n: int, kind: Kind) -> Key:
        rng = self.rng
        daily = float(np.exp(rng.uniform(np.log(4), np.log(400))))
        if kind == "pennies":
            daily = float(rng.uniform(0.01, 0.3))
        shape = getattr(self, f"_{kind}")()
        level = shape * self._wander() * self._growth() * self._events(kind)
        mean = level[shape > 0].mean() * (shape > 0).mean()
        rate_of_money = level / mean * daily / DAY
        # A key has some requests in each busy minute, whatever they cost.
        busy = rate_of_money[rate_of_money > 0.2 * rate_of_money.max()].mean()
        request = busy / float(np.exp(rng.uniform(np.log(2.0), np.log(60))))
        return Key(f"key_{n}", f"proj_{n % 6}", kind, request, self._spend(rate_of_money, request))

    def rotated(self, old: Key, n: int) -> list[Key]:
        """A key that takes everything over from another at once; the other is silent then."""
        at = int(self.rng.integers(HISTORY + 5, self.days)) * DAY + 600
        minutes = np.where(self.at >= at, old.minutes, 0.0)
        old.minutes[at:] = 0.0
        return [Key(f"key_{n}", old.project, old.kind, old.request, minutes, at)]

    def fresh(self, n: int) -> Key:
        """A new service, which grows over two weeks."""
        key = self.key(n, "service")
        at = int(self.rng.integers(HISTORY + 5, self.days)) * DAY + 540
        ramp = np.clip((self.at - at) / (14 * DAY), 0, 1)
        return attrs.evolve(key, minutes=key.minutes * np.where(ramp > 0, 0.05 + ramp, 0), born=at)

    def _spend(self, money: Any, request: float) -> Any:
        number = self.rng.poisson(money / request)
        return self.rng.gamma(number * 0.8 + 1e-12, request / 0.8) * (number > 0)

    def _wander(self) -> Any:
        """A rate that wanders by the hour, by the day, and a little by the ten minutes."""
        hours = self._walk(self.days * 24, 0.8, self.rng.uniform(0.1, 0.3)).repeat(60)
        days = self._walk(self.days, 0.5, self.rng.uniform(0.05, 0.2)).repeat(DAY)
        tens = self._walk(self.days * DAY // 10, 0.3, 0.15).repeat(10)
        return np.exp(hours + days + tens)

    def _walk(self, number: int, stays: float, size: float) -> Any:
        steps = self.rng.normal(0, size * np.sqrt(1 - stays**2), number)
        found = np.empty(number)
        last = 0.0
        for i, step in enumerate(steps):
            last = stays * last + step
            found[i] = last
        return found

    def _growth(self) -> Any:
        return np.exp(self.rng.uniform(-0.02, 0.06) * self.day / 7)

    def _events(self, kind: Kind) -> Any:
        """Deployments that raise or double it for good, launches of days, storms of retries."""
        factor = np.ones(self.size)
        if kind in ("nightly", "weekly", "monthly", "cron"):
            return factor
        for _ in range(self.rng.poisson(self.days / 60)):
            factor[self.rng.integers(self.size) :] *= self.rng.choice([0.7, 1.3, 1.6, 2.0])
        for _ in range(self.rng.poisson(self.days / 45)):
            at = int(self.rng.integers(self.size))
            factor[at : at + int(self.rng.uniform(4, 48) * 60)] *= self.rng.uniform(1.5, 2.5)
        for _ in range(self.rng.poisson(self.days / 10)):
            at = int(self.rng.integers(self.size))
            factor[at : at + int(self.rng.uniform(3, 20))] *= self.rng.uniform(2, 3)
        return factor

    def _office(self) -> Any:
        begins, ends = self.rng.uniform(7, 9.5), self.rng.uniform(16.5, 19)
        rise = np.clip((self.hour - begins + 1) / 1.5, 0, 1)
        fall = np.clip((ends + 1 - self.hour) / 1.5, 0, 1)
        lunch = np.where(abs(self.hour - 12.5) < 0.5, 0.6, 1.0)
        shape = np.maximum(rise * fall * lunch, 0.005)
        evenings = self.rng.random(self.days)[self.day] < 0.06  # somebody works late
        late = (self.hour > 20) & (self.hour < 23) & evenings
        return np.where(self.free, shape * 0.04, shape) + 0.3 * late

    def _service(self) -> Any:
        deep = self.rng.uniform(0.1, 0.8)
        day = 1 + deep * np.cos((self.hour - self.rng.uniform(12, 20)) / 24 * 2 * np.pi)
        return np.where(self.weekday >= 5, self.rng.uniform(0.5, 1.2), 1.0) * day

    def _agents(self) -> Any:
        """Handfuls of requests: a person starts an agent, which asks for minutes."""
        runs = np.zeros(self.size)
        often = self._office() * self.rng.uniform(0.05, 0.3)
        for at in np.flatnonzero(self.rng.random(self.size) < often):
            runs[at : at + int(self.rng.uniform(3, 15))] += self.rng.uniform(0.5, 1.5)
        return runs

    def _pennies(self) -> Any:
        return self._office()

    def _cron(self) -> Any:
        """Five minutes of each hour, or of every fourth."""
        every = int(self.rng.choice([1, 4]))
        in_hour = (self.at % 60 >= 7) & (self.at % 60 < 12)
        return (in_hour & (self.at // 60 % every == 0)).astype(float)

    def _jobs(self, days: Any) -> Any:
        """Jobs of some days: at about the same time, now and then late, failed or run again."""
        shape = np.zeros(self.size)
        usual, long = self.rng.uniform(0, 5) * 60, self.rng.uniform(15, 150)
        for day in days:
            at = day * DAY + usual + self.rng.normal(0, 6)
            if self.rng.random() < 0.04:
                at += self.rng.uniform(30, 240)  # what it waits for was late
            minutes = long * self.rng.lognormal(0, 0.12)
            shape[int(max(0, at)) : int(max(0, at + minutes))] = 1.0
            if self.rng.random() < 0.03:
                again = day * DAY + self.rng.uniform(8, 16) * 60  # it had failed, and is run again
                shape[int(again) : int(again + minutes)] = 1.0
        return shape

    def _nightly(self) -> Any:
        return self._jobs(range(self.days))

    def _weekly(self) -> Any:
        return self._jobs(range(int(self.rng.integers(7)), self.days, 7))

    def _monthly(self) -> Any:
        first = _START - timedelta(days=HISTORY)
        return self._jobs(d for d in range(self.days) if (first + timedelta(days=d)).day == 1)
