"""How good forecasts of the demo organizations' costs are: ``python -m benchmarks.forecast``.

A month is forecast on some of its days from what was known then, and compared with what it cost in
the end. The costs are those that the emulator bills, added up from its streams without any request.
The last twelve months have what organizations have: projects and keys that begin, grow and end, and
a day on which one of them goes wild.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product

import attrs

from openai_admin.emulator import Store
from openai_admin.emulator.demo import populate
from openai_admin.insights import DailyCosts, Period
from openai_admin.insights.budgets.model import BudgetPeriod, calendar_period
from openai_admin.insights.outlook import Outlook, outlook

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The present of the organizations, before which their history lies."""
DAYS = (5, 12, 19, 26)
"""The days of a month on which it is forecast."""
COVERAGE = 0.8
_MONTHS = [date(2025, 11, 1), date(2025, 12, 1), *(date(2026, n, 1) for n in range(1, 11))]
_HISTORY = 430  # days; the first project is 425 days old
_FACTORS = (0.8, 0.9, 0.95, 0.98, 0.99, 1.0, 1.01, 1.02, 1.05, 1.1, 1.25)  # of the last estimate
_BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)

Series = Mapping[date, Decimal]


@attrs.frozen
class Trial:
    """One forecast and what became of it.

    Attributes:
        seed: of the organization.
        start: the first day of the period.
        day: the day on which it was made, counted from 1.
        held: whether the range holds what the period cost; ``None`` where there is none.
        chances: for some limits, the probability that was stated and whether it was passed.
    """

    seed: int
    start: date
    day: int
    held: bool | None
    chances: tuple[tuple[float, bool], ...]


def costs_of(seed: int) -> dict[str, Series]:
    """What each project of a demo organization costs on each day, a month beyond the present."""
    store = Store(seed=seed, now=lambda: int(NOW.timestamp()))
    populate(store)
    today = (NOW.date() - date(1970, 1, 1)).days
    days = range(today - _HISTORY, today + 45)
    found: dict[str, dict[date, Decimal]] = {}
    for counters in store.meter._counters.values():
        for counter in counters.all:
            price = sum(item.pico for item in counter.items)
            of = found.setdefault(str(counter.stream.dimensions["project_id"]), {})
            for number in days:
                if amount := counter.stream.volume(number, seed) * price:
                    day = date(1970, 1, 1) + timedelta(days=number)
                    of[day] = of.get(day, Decimal(0)) + Decimal(amount).scaleb(-12)
    return dict(found)


def added(series: Iterable[Series]) -> Series:
    """Several series as one."""
    found: dict[date, Decimal] = {}
    for each in series:
        for day, amount in each.items():
            found[day] = found.get(day, Decimal(0)) + amount
    return found


def trials(
    costs: Series,
    seed: int,
    *,
    starts: Sequence[date] = _MONTHS,
    days: Sequence[int] = DAYS,
    kind: BudgetPeriod = "month",
) -> Iterator[Trial]:
    """Forecast each period on each day, at noon."""
    for start, day in product(starts, days):
        period = calendar_period(kind, start)
        now = datetime(start.year, start.month, start.day, 12, tzinfo=UTC) + timedelta(day - 1)
        seen = {when: amount for when, amount in costs.items() if when < now.date()}
        seen[now.date()] = costs.get(now.date(), Decimal(0)) / 2
        found = outlook(DailyCosts(by=(), currency="usd", groups={(): seen}), period, now=now)
        yield _tried(found, _total(costs, period), Trial(seed, start, day, None, ()))


def _tried(found: Outlook, truth: Decimal, trial: Trial) -> Trial:
    ends = found.range(COVERAGE)
    if ends is None or found.expected is None:
        return trial
    limits = [found.expected * Decimal(str(factor)) for factor in _FACTORS]
    chances = [(found.probability(limit), truth > limit) for limit in limits]
    return attrs.evolve(
        trial,
        held=ends[0] <= truth <= ends[1],
        chances=tuple((chance, passed) for chance, passed in chances if chance is not None),
    )


def _total(costs: Series, period: Period) -> Decimal:
    return sum((amount for day, amount in costs.items() if day in period), Decimal(0))


def share_held(found: Iterable[Trial]) -> float:
    """How often the range held, where there was one."""
    claims = [trial.held for trial in found if trial.held is not None]
    return sum(claims) / len(claims) if claims else float("nan")


def calibration(found: Iterable[Trial]) -> list[tuple[float, float, int, float, float]]:
    """What was stated beside what happened: for each bin of probabilities its ends, how many there
    are, their mean, and the share of limits that were passed.
    """
    chances = [each for trial in found for each in trial.chances]
    table = []
    for low, high in pairwise(_BINS):
        own = [(p, hit) for p, hit in chances if low <= p < high or p == high == 1.0]
        if own:
            mean = sum(p for p, _ in own) / len(own)
            table.append((low, high, len(own), mean, sum(hit for _, hit in own) / len(own)))
    return table


def main() -> None:
    """Print the figures."""
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
    organizations: list[Trial] = []
    projects: list[Trial] = []
    others: dict[BudgetPeriod, list[Trial]] = {"day": [], "week": [], "quarter": []}
    starts: Mapping[BudgetPeriod, tuple[Sequence[date], Sequence[int]]] = {
        "day": ([date(2026, 1, 5) + timedelta(3 * i) for i in range(90)], (1,)),
        "week": ([date(2026, 1, 5) + timedelta(7 * i) for i in range(40)], (1, 3, 5, 7)),
        "quarter": ([date(2026, n, 1) for n in (1, 4, 7)], (5, 26, 47, 68)),
    }
    for seed in seeds:
        costs = costs_of(seed)
        whole = added(costs.values())
        own = [*trials(whole, seed)]
        organizations += own
        alone = [trial for each in costs.values() for trial in trials(each, seed)]
        projects += alone
        print(f"seed {seed}: organization {share_held(own):.1%}, projects {share_held(alone):.1%}")
        for kind, (begin, days) in starts.items():
            others[kind] += trials(whole, seed, starts=begin, days=days, kind=kind)
    print(f"organizations {share_held(organizations):.1%} of {len(organizations)}")
    unknown = sum(trial.held is None for trial in projects)
    print(f"projects {share_held(projects):.1%} of {len(projects)}, of {unknown} not known")
    for day in DAYS:
        own = [trial for trial in organizations if trial.day == day]
        alone = [trial for trial in projects if trial.day == day]
        print(
            f"on day {day}: organizations {share_held(own):.1%}, projects {share_held(alone):.1%}"
        )
    for start in _MONTHS:
        own = [trial for trial in organizations if trial.start == start]
        print(f"{start:%Y-%m}: organizations {share_held(own):.1%}")
    for kind, found in others.items():
        print(f"by {kind}: organizations {share_held(found):.1%} of {len(found)}")
    for name, found in (("organizations", organizations), ("projects", projects)):
        print(f"probabilities, {name}: stated, passed, limits")
        for low, high, number, mean, passed in calibration(found):
            print(f"  {low:.2f} to {high:.2f}: {mean:.3f} {passed:.3f} {number}")


if __name__ == "__main__":
    main()
