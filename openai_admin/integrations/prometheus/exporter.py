"""The exporter: refreshes figures on a schedule, and gives them to whoever scrapes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import partial

import anyio
import attrs
from anyio import to_thread
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ..._declare.arguments import one_of, suggest
from ..._declare.resource import Async
from ..._text.visible import visible
from ..._transport.tasks import TaskGroup
from ..._tree import AdminResources
from ...allocation import Allocation
from ...audit.guard.looking import Guard
from ...errors import APIError, APIStatusError, InvalidInputError, OpenAIAdminError
from ...insights.budgets.model import Budget
from ...version import __version__
from . import families as f
from .answers import Answers
from .budgets import Budgets
from .exposition import Exposition, descriptions, metrics
from .figures import Figure, Figures, next_end, still_known
from .folding import Key
from .pace import Reachability, Refresh, pause
from .reading import GUARD, INTERVALS, QUICK, TEAMS, Reading
from .series import MAX_SERIES, SeriesMaker, about_figures
from .teams import Teams

_log = logging.getLogger("openai_admin.metrics")

_LEAST_TIME = 120  # seconds that any refresh may take
_NEEDS = {
    "budgets": "budgets",
    GUARD: "the guard",
    TEAMS: "an allocation whose rules name keys or people",
}


@attrs.frozen
class _Made:
    """What is exposed, as of one moment.

    Attributes:
        metrics: the metrics.
        exposition: the texts of a scrape.
        ends: when something in it is over, in Unix seconds.
    """

    metrics: tuple[Metric, ...]
    exposition: Exposition
    ends: float


class Exporter(Collector):
    """Metrics of an organization, for a registry of `prometheus_client`.

    ::

        answers = Answers()
        async with AsyncOpenAIAdmin(on_event=answers) as client:
            exporter = Exporter(client, answers=answers)
            registry.register(exporter)
            await exporter.run()  # as a task, beside the application

    `collect` gives what the latest refreshes found, and asks nothing: it may be called at any time,
    from any thread. What is not known yet, or not any more, has no series. What a refresh cannot
    read stays as it was, with its age, until it is over by the server's clock: the spend of a day
    with the day, whether a refresh ends meanwhile or not.

    Args:
        client: an asynchronous client whose key may read the organization.
        allocation: rules that say whose costs are whose: spend has a label `team` then.
        guard: whether keys are watched that are used far more than usual, as `Guard` does.
        budgets: limits on what something may cost, each with a name of its own; those of teams need
            the allocation.
        only: the refreshes to do, of `INTERVALS`; by default all. With those that have projects go
            their names.
        max_series: the most series there may be, in all.
        intervals: seconds between refreshes in place of `INTERVALS`, 10 or more.
        answers: what counts the client's answers; without it, they are not exposed.
        clock: Unix seconds.
        sleep: waits that many seconds.

    Raises:
        InvalidInputError: there is no such refresh, or a number is out of range.
    """

    def __init__(
        self,
        client: AdminResources[Async],
        *,
        allocation: Allocation | None = None,
        budgets: Sequence[Budget] = (),
        guard: bool = False,
        only: Collection[str] | None = None,
        max_series: int = MAX_SERIES,
        intervals: Mapping[str, float] | None = None,
        answers: Answers | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        teams = None if allocation is None else Teams(allocation)
        self._has_teams = teams is not None and teams.has_teams
        if allocation is not None and not self._has_teams and not budgets:
            raise InvalidInputError(f"{allocation.source} gives nothing to a team.")
        self._reading = Reading(
            client,
            clock=clock,
            teams=teams,
            budgets=Budgets(budgets) if budgets else None,
            guard=Guard(client) if guard else None,
        )
        reads = self._reading.reads()
        chosen = list(reads) if only is None else _checked(only, reads)
        if {"spend", "budgets"} & {*chosen}:
            chosen.append(TEAMS)  # where there is such a refresh
        if {"spend", "usage", "limits"} & {*chosen}:
            chosen.append("names")  # of their projects
        self._reads = {name: read for name, read in reads.items() if name in chosen}
        self._intervals = {**INTERVALS, **_checked_intervals(intervals or {}, reads)}
        self._exposed = [name for name, of in f.FIGURES.items() if of in self._reads]
        self._maker = SeriesMaker(max_series, teams=self._has_teams, budgets=budgets)
        self._answers = answers
        self._clock = clock
        self._sleep = sleep
        self._figures: dict[str, Figure[object]] = {}
        self._found: dict[str, set[str]] = {}  # the figures that each refresh has found
        self._refreshes: dict[str, Refresh] = {}
        self._reachability = Reachability(often=min(self._intervals[name] for name in self._reads))
        self._making = threading.Lock()
        self._made = self._make()  # a scrape says what is not known yet

    @property
    def refreshes(self) -> Mapping[str, Refresh]:
        """The latest refresh of each kind that ended."""
        return self._refreshes

    @property
    def lacks(self) -> Mapping[str, Sequence[str]]:
        """What the latest refresh of each kind did not get, in words."""
        return self._reading.lacks

    @property
    def is_ready(self) -> bool:
        """Whether the first of each quick refresh has ended, well or not."""
        return (QUICK & self._reads.keys()) <= self._refreshes.keys()

    @property
    def not_known(self) -> list[str]:
        """The figures that are not known now."""
        known = self._known()
        return [name for name in self._exposed if name not in known]

    def collect(self) -> Iterable[Metric]:
        """The metrics as of now."""
        return self._current().metrics

    def describe(self) -> Iterable[Metric]:
        """The metrics that there may be."""
        return descriptions(teams=self._has_teams)

    @property
    def exposition(self) -> Exposition:
        """The texts of a scrape as of now."""
        return self._current().exposition

    async def scrape(self) -> Exposition:
        """The same, made in a thread where something in it is over."""
        if self._is_over:
            await to_thread.run_sync(self._current)
        return self.exposition

    async def refresh(self) -> None:
        """Refresh everything once."""
        if TEAMS in self._reads:
            await self._refresh(TEAMS)
        async with TaskGroup() as work:
            for name in self._reads.keys() - {TEAMS}:
                work.start(partial(self._refresh, name))

    async def run(self) -> None:
        """Refresh everything at once, and each again after its interval, until cancelled.

        Each goes by itself: one that hangs or fails holds no other.
        """
        async with TaskGroup() as work:
            for name in self._reads:
                work.start(partial(self._keep_fresh, name))

    async def _keep_fresh(self, name: str) -> None:
        while True:
            refresh = await self._refresh(name)
            ends = [self._figures[of].ends for of in self._found.get(name, ())]
            await self._sleep(
                pause(refresh, interval=self._intervals[name], ends=ends, now=self._now())
            )

    async def _refresh(self, name: str) -> Refresh:
        """Refresh the figures of a kind."""
        began, before = self._clock(), self._refreshes.get(name)
        error = None
        answered = True
        found: Figures = {}
        try:
            with anyio.fail_after(max(_LEAST_TIME, 2 * self._intervals[name])):
                found = await self._reads[name]()
        except OpenAIAdminError as exc:
            error = visible(exc.in_general() if isinstance(exc, APIError) else str(exc))
            answered = isinstance(exc, APIStatusError) and (exc.status or 0) < 500
        except TimeoutError:
            error = "It took too long, and was given up."
            answered = False
        except Exception as exc:  # noqa: BLE001 - one figure must not end the others
            _log.exception("The refresh of %s met an error of this program.", name)
            error = f"An error of this program: {type(exc).__name__}."
        self._figures.update(found)
        self._found.setdefault(name, set()).update(found)
        lacks = tuple(self.lacks.get(name, ())) if error is None else ()
        in_part = (before.in_part if before else 0) + 1 if lacks else 0
        ended = self._clock()
        refresh = Refresh(ended, ended - began, error, lacks, in_part)
        self._tell(name, refresh, before)
        self._refreshes[name] = refresh
        self._reachability.ended(began=began, ended=ended, answered=answered)
        await to_thread.run_sync(self._make)
        return refresh

    def _tell(self, name: str, refresh: Refresh, before: Refresh | None) -> None:
        """Log a failure when it begins, and its end; what a refresh lacks, when that changes."""
        error = refresh.error
        if error is not None and (before is None or before.error != error):
            kept = "; older figures are kept" if self._found[name] & self._known().keys() else ""
            _log.warning("The refresh of %s failed%s. %s", name, kept, error)
        elif error is None and before is not None and before.error is not None:
            _log.warning("The refresh of %s succeeds again.", name)
        if refresh.lacks and (before is None or refresh.lacks != before.lacks):
            _log.warning("The refresh of %s lacks %s.", name, visible("; ".join(refresh.lacks)))
        elif before is not None and before.lacks and refresh.is_complete:
            _log.warning("The refresh of %s lacks nothing any more.", name)

    def _now(self) -> float:
        return self._reading.now().timestamp()

    def _known(self) -> Figures:
        return still_known({**self._figures}, self._now())

    @property
    def _is_over(self) -> bool:
        return self._now() >= self._made.ends

    def _current(self) -> _Made:
        """What is exposed, made anew where something in it is over."""
        return self._make(only_if_over=True) if self._is_over else self._made

    def _make(self, *, only_if_over: bool = False) -> _Made:
        """Make the metrics and the texts of a scrape from what is known; in any thread."""
        with self._making:
            if only_if_over and not self._is_over:  # somebody else has
                return self._made
            figures, now = {**self._figures}, self._now()
            made = tuple(metrics(self._series(still_known(figures, now)), teams=self._has_teams))
            self._made = _Made(made, Exposition.of(made), next_end(figures, now))
            return self._made

    def _series(self, figures: Figures) -> dict[f.Family, Mapping[Key, float]]:
        ended = dict(self._refreshes)
        series: dict[f.Family, Mapping[Key, float]] = {
            **self._maker.make(figures),
            **about_figures(figures, intervals=self._intervals, exposed=self._exposed),
            f.REFRESH_SUCCESS: {(name,): float(r.error is None) for name, r in ended.items()},
            f.REFRESH_COMPLETE: {(name,): float(r.is_complete) for name, r in ended.items()},
            f.REFRESH_TIMESTAMP: {(name,): r.ended for name, r in ended.items()},
            f.REFRESH_DURATION: {(name,): r.duration for name, r in ended.items()},
            f.INFO: {(__version__,): 1.0},
        }
        if (is_up := self._reachability.is_up) is not None:
            series[f.UP] = {(): float(is_up)}
        if self._answers is not None:
            series[f.API_REFUSED] = self._answers.refused
            series[f.API_ANSWERS] = {**self._answers.statuses}
            series[f.API_FAILURES] = {**self._answers.failures}
        return series


def _checked(names: Collection[str], there: Collection[str]) -> list[str]:
    if not names:
        raise InvalidInputError("only must not be empty: name a refresh, or leave it out for all.")
    for name in names:
        if name in _NEEDS and name not in there:
            raise InvalidInputError(f"The refresh {name!r} needs {_NEEDS[name]}.")
        if name not in there:
            raise InvalidInputError(
                f"There is no refresh {name!r}; there are {one_of(list(there))}"
                f"{suggest(name, list(there))}"
            )
    return list(names)


def _checked_intervals(
    intervals: Mapping[str, float], there: Collection[str]
) -> Mapping[str, float]:
    for name, seconds in intervals.items():
        _checked([name], there)
        if not seconds >= 10:
            raise InvalidInputError(f"The interval of {name} must be 10 s or more, not {seconds}.")
    return intervals
