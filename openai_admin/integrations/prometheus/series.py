"""The series that are exposed, made of figures: bounded in number, and named as of now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ...errors import InvalidInputError
from ...insights.budgets.model import Budget
from ...insights.rate_limits import rate_limit_use
from ...usage.money import BILLED_IN
from . import families as f
from .budgets import SERIES, budget_series
from .bursts import SERIES as BURST_SERIES
from .bursts import burst_series
from .figures import Figures
from .folding import Folding, Key, added_up, highest
from .limits import Limits, used
from .minutes import WINDOW
from .spend import by_project

MAX_SERIES = 2000
"""The default bound on the number of series."""

LEAST_SERIES = 600
"""The lowest bound that can be asked for."""

_FIXED = 400
"""Series that do not grow with the organization: about figures, refreshes and endpoints."""

_PARTS = {
    "spend": 0.20,  # for each of the day and the month
    "projects": 0.13,  # likewise
    "tokens": 0.10,
    "requests": 0.05,
    "rate limits": 0.05,  # each with its limit and its use
    "spend limits": 0.025,  # likewise
    "spend alerts": 0.025,
    "certificates": 0.01,
}
"""The shares of what is left for what does grow."""

Series = Mapping[f.Family, Mapping[Key, float]]
"""Values by family and by the values of its labels."""


class SeriesMaker:
    """Makes series of figures; what is kept singly stays so from one time to the next.

    Args:
        max_series: the most series there may be, in all.
        teams: whether spend has teams.
        budgets: the budgets.

    Raises:
        InvalidInputError: `max_series` is below `LEAST_SERIES` and what budgets need besides.
    """

    def __init__(
        self,
        max_series: int = MAX_SERIES,
        *,
        teams: bool = False,
        budgets: Sequence[Budget] = (),
    ) -> None:
        least = LEAST_SERIES + SERIES * len(budgets)
        if max_series < least:
            raise InvalidInputError(
                f"max_series must be {least} or more, not {max_series}: so many there may be of a"
                " small organization with these budgets."
            )
        free = max_series - _FIXED - BURST_SERIES - SERIES * len(budgets)
        most = {part: int(free * share) for part, share in _PARTS.items()}
        self._budgets = budgets
        self._most = most
        # Teams become `other` last: there are few, and they are asked about most.
        self._spend = Folding(most["spend"], (0, 1, 2, 4) if teams else (0, 1, 2))
        self._projects = Folding(most["projects"], (0,))
        self._tokens = Folding(most["tokens"], (1, 2))
        self._requests = Folding(most["requests"], (1, 2))
        self._rate_limits = Folding(most["rate limits"], (0, 1))
        self._spend_limits = Folding(most["spend limits"], (0,))
        self._names: Mapping[str, str] = {}
        self._folded: dict[str, int] = {}

    def make(self, figures: Figures) -> dict[f.Family, Mapping[Key, float]]:
        """The series of figures that are known."""
        self._names = _names(figures)
        self._folded = {}
        made: dict[f.Family, Mapping[Key, float]] = dict(
            (
                *self._spending(figures),
                *_forecast(figures),
                *self._limits(figures),
                *self._minutes(figures),
                *self._rates(figures),
                *_bursts(figures),
                *self._findings(figures),
            )
        )
        made |= budget_series(self._budgets, figures.get("budgets"))
        made[f.FOLDED] = {(name,): count for name, count in self._folded.items()}
        return made

    def _spending(self, figures: Figures) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
        day, month = figures.get("spend_day"), figures.get("spend_month")
        largest = month or day
        if largest is None:
            return
        weights = {**(day.value if day else {}), **largest.value}
        parts = self._folding(self._spend, weights, f.SPEND_DAY, f.SPEND_MONTH)
        projects = self._folding(
            self._projects, by_project(weights), f.PROJECT_SPEND_DAY, f.PROJECT_SPEND_MONTH
        )
        for figure, family, of_projects in (
            (day, f.SPEND_DAY, f.PROJECT_SPEND_DAY),
            (month, f.SPEND_MONTH, f.PROJECT_SPEND_MONTH),
        ):
            if figure is not None:
                yield family, self._named(added_up(figure.value, parts))
                yield of_projects, self._named(added_up(by_project(figure.value), projects))

    def _limits(self, figures: Figures) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
        if "limits" not in figures:
            return
        limits: Limits = figures["limits"].value
        spent: dict[str, Decimal] = {}
        if "spend_month" in figures:
            amounts = by_project(figures["spend_month"].value)
            spent = {id: amount for (id, unit), amount in amounts.items() if unit == BILLED_IN}
        shares = used(limits.spend, spent)
        standing = self._folding(
            self._spend_limits, {(id,): share for id, share in shares.items()}, f.SPEND_LIMIT
        )
        singly = {id: amount for id, amount in limits.spend.items() if standing[id,] == (id,)}
        yield f.SPEND_LIMIT, self._named({(id, BILLED_IN): a for id, a in singly.items()})
        if "spend_month" in figures:
            yield (
                f.SPEND_LIMIT_USED,
                self._named(highest({(id,): share for id, share in shares.items()}, standing)),
            )
        nearest = sorted(
            limits.alerts.items(),
            key=lambda a: (-float(spent.get(a[0][0], 0)) / (float(a[1]) or math.inf), a[0]),
        )[: self._most["spend alerts"]]
        self._folded[f.SPEND_ALERT.full_name] = len(limits.alerts) - len(nearest)
        yield f.SPEND_ALERT, self._named({(id, BILLED_IN, of): a for (id, of), a in nearest})

    def _minutes(self, figures: Figures) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
        known = {
            e: figures[f"usage_{e}"].value for e in f.USAGE_ENDPOINTS if f"usage_{e}" in figures
        }
        yield f.WINDOW_DURATION, {(): WINDOW.total_seconds()}
        yield f.WINDOW_END, {(endpoint,): minutes.end for endpoint, minutes in known.items()}
        for family, folding, of in (
            (f.WINDOW_TOKENS, self._tokens, "tokens"),
            (f.WINDOW_REQUESTS, self._requests, "requests"),
        ):
            counts = {
                (endpoint, *key): count
                for endpoint, minutes in known.items()
                for key, count in getattr(minutes, of).items()
            }
            standing = self._folding(folding, counts, family)
            yield family, self._named(added_up(counts, standing), project=1)

    def _rates(self, figures: Figures) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
        if "limits" not in figures or "minutes" not in figures:
            return
        limits: Limits = figures["limits"].value
        uses = rate_limit_use(figures["minutes"].value, limits.rates)
        keys: list[Key] = [(use.project_id, use.model, use.metric) for use in uses]
        shares = {key: use.share for key, use in zip(keys, uses, strict=True)}
        allowed = {key: use.limit for key, use in zip(keys, uses, strict=True)}
        standing = self._folding(self._rate_limits, shares, f.RATE_LIMIT_USED)
        singly = {key: limit for key, limit in allowed.items() if standing[key] == key}
        yield f.RATE_LIMIT, self._named(singly)
        yield f.RATE_LIMIT_USED, self._named(highest(shares, standing))

    def _findings(self, figures: Figures) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
        counted = [name for name in f.COUNTED_FINDINGS if name in figures]
        yield f.FINDINGS, {(name,): figures[name].value for name in counted}
        if "certificates" in figures:
            dated = [each for each in figures["certificates"].value if each.expires_at]
            dated.sort(key=lambda each: (not each.active, each.expires_at))
            shown = dated[: self._most["certificates"]]
            self._folded[f.CERTIFICATE_END.full_name] = len(dated) - len(shown)
            yield (
                f.CERTIFICATE_END,
                {
                    (each.id, each.name or each.id, str(bool(each.active)).lower()): (
                        each.expires_at.timestamp()
                    )
                    for each in shown
                },
            )

    def _folding(
        self, folding: Folding, weights: Mapping[Key, Any], *families: f.Family
    ) -> dict[Key, Key]:
        """What stands for each key, counted for the families that it is done for."""
        standing = folding.fold(weights)
        for family in families:
            self._folded[family.full_name] = len(standing) - len(set(standing.values()))
        return standing

    def _named(self, values: Mapping[Key, Any], *, project: int = 0) -> dict[Key, float]:
        """The same values with the projects' names behind their ids."""
        found = {}
        for key, value in values.items():
            id = key[project]
            found[*key[: project + 1], self._names.get(id, id), *key[project + 1 :]] = float(value)
        return found


def _bursts(figures: Figures) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
    if "key_bursts" in figures:
        yield from burst_series(figures["key_bursts"].value)


def _names(figures: Figures) -> dict[str, str]:
    """The names of projects: those of the listing, and else what rows of costs called them."""
    found: dict[str, str] = {}
    for figure in ("names in rows", "names"):
        if figure in figures:
            found |= figures[figure].value
    return found


def _forecast(figures: Figures) -> Iterator[tuple[f.Family, Mapping[Key, float]]]:
    if "forecast" in figures:
        yield (
            f.SPEND_FORECAST,
            {
                (each.currency, estimate): float(amount)
                for each in figures["forecast"].value
                for estimate in ("low", "expected", "high")
                if (amount := getattr(each, estimate)) is not None
            },
        )


def about_figures(
    figures: Figures, *, intervals: Mapping[str, float], exposed: Sequence[str]
) -> Series:
    """What is said of the figures themselves.

    Args:
        figures: those that are known.
        intervals: seconds between the refreshes of each kind.
        exposed: the figures that there may be.
    """
    known = [name for name in exposed if name in figures]
    return {
        f.FIGURE_KNOWN: {(name,): float(name in figures) for name in exposed},
        f.FIGURE_COMPLETE: {(name,): float(figures[name].complete) for name in known},
        f.FIGURE_TIMESTAMP: {(name,): figures[name].as_of for name in known},
        f.FIGURE_INTERVAL: {(name,): intervals[f.FIGURES[name]] for name in exposed},
    }
