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
from itertools import product

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

Series = Mapping[date, Decimal]


@attrs.frozen
class Trial:
    """One forecast and what became of it.

    Attributes:
        seed: of the organization.
        start: the first day of the period.
        day: the day on which it was made, counted from 1.
        held: whether the range holds what the period cost; ``None`` where there is none.
        passed: for limits that the forecast says will be passed with some probability, whether they
            were; by that probability.
    """

    seed: int
    start: date
    day: int
    held: bool | None = None
    passed: Mapping[float, bool] = attrs.field(factory=dict)


def costs_of(seed: int) -> dict[str, Series]:
    """What each project of a demo organization costs on each day, a month beyond the present."""
    store = Store(seed=seed, now=lambda: int(NOW.timestamp()))
    populate(store)
    today = (NOW.date() - date(1970, 1, 1)).days
    days = range(today - _HISTORY, today + 45)
    pico: dict[str, list[int]] = {}
    for counters in store.meter._counters.values():
        for counter in counters.all:
            price = sum(item.pico for item in counter.items)
            of = pico.setdefault(str(counter.stream.dimensions["project_id"]), [0] * len(days))
            for place, number in enumerate(days) if price else ():
                of[place] += counter.stream.volume(number, seed) * price
    first = date(1970, 1, 1) + timedelta(days=days.start)
    return {
        project: {
            first + timedelta(days=place): Decimal(amount).scaleb(-12)
            for place, amount in enumerate(amounts)
            if amount
        }
        for project, amounts in pico.items()
    }


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
        yield _tried(found, _total(costs, period), Trial(seed, start, day))


def _tried(found: Outlook, truth: Decimal, trial: Trial) -> Trial:
    ends = found.range(COVERAGE)
    if ends is None or found.expected is None:
        return trial
    passed = {0.5: truth > found.expected}
    for coverage in (0.5, COVERAGE, 0.9):
        low, high = found.range(coverage) or (found.expected, found.expected)
        passed |= {
            round((1 + coverage) / 2, 3): truth > low,
            round((1 - coverage) / 2, 3): truth > high,
        }
    return attrs.evolve(trial, held=ends[0] <= truth <= ends[1], passed=passed)


def _total(costs: Series, period: Period) -> Decimal:
    return sum((amount for day, amount in costs.items() if day in period), Decimal(0))


def share_held(found: Iterable[Trial]) -> float:
    """How often the range held, where there was one."""
    claims = [trial.held for trial in found if trial.held is not None]
    return sum(claims) / len(claims) if claims else float("nan")


def calibration(found: Iterable[Trial]) -> dict[float, float]:
    """What part of limits was passed, by the probability that was stated for it."""
    claims = [trial.passed for trial in found if trial.held is not None]
    return {
        stated: sum(passed[stated] for passed in claims) / len(claims)
        for stated in sorted(claims[0] if claims else ())
    }


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
        told = [f"{stated:.0%}: {part:.1%}" for stated, part in calibration(found).items()]
        print(f"limits that were passed, by the probability stated, {name}: {', '.join(told)}")


if __name__ == "__main__":
    main()
