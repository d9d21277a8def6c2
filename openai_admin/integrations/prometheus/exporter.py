"""The exporter: refreshes figures on a schedule, and gives them to whoever scrapes."""

from __future__ import annotations

import logging
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
from ...errors import APIError, InvalidInputError, OpenAIAdminError
from ...insights.budgets.model import Budget
from ...version import __version__
from . import families as f
from .answers import Answers
from .budgets import Budgets
from .exposition import Exposition, descriptions, metrics
from .figures import Figure, Figures, still_known
from .folding import Key
from .reading import INTERVALS, QUICK, TEAMS, Reading
from .series import MAX_SERIES, SeriesMaker, about_figures
from .teams import Teams

_log = logging.getLogger("openai_admin.metrics")

_AGAIN = 300  # seconds after which what failed is tried again, where its interval is longer
_LEAST_TIME = 120  # seconds that any refresh may take


@attrs.define
class Refresh:
    """The latest refresh of a kind that ended.

    Attributes:
        ended: when, in Unix seconds.
        duration: how many seconds it took.
        error: why it failed, as a sentence; ``None`` where it succeeded.
    """

    ended: float
    duration: float
    error: str | None = None


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
    read stays as it was, with its age, until it is over: the spend of a day with the day.

    Args:
        client: an asynchronous client whose key may read the organization.
        allocation: rules that say whose costs are whose: spend has a label `team` then.
        budgets: limits on what something may cost, each with a name of its own; those of teams need
            the allocation.
        only: the refreshes to do, of `INTERVALS`; by default all.
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
            client, clock=clock, teams=teams, budgets=Budgets(budgets) if budgets else None
        )
        reads = self._reading.reads()
        chosen = list(reads) if only is None else _checked(only, reads)
        if {"spend", "budgets"} & {*chosen}:
            chosen.append(TEAMS)  # where there is such a refresh
        self._reads = {name: read for name, read in reads.items() if name in chosen}
        self._intervals = {**INTERVALS, **_checked_intervals(intervals or {}, reads)}
        self._exposed = [name for name, of in f.FIGURES.items() if of in self._reads]
        self._maker = SeriesMaker(max_series, teams=self._has_teams, budgets=budgets)
        self._answers = answers
        self._clock = clock
        self._sleep = sleep
        self._figures: dict[str, Figure[object]] = {}
        self._refreshes: dict[str, Refresh] = {}
        self._up: bool | None = None
        self._making = anyio.Lock()
        self._metrics, self._exposition = self._made({})  # a scrape says what is not known yet

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
        """The metrics as of the latest refresh."""
        return self._metrics

    def describe(self) -> Iterable[Metric]:
        """The metrics that there may be."""
        return descriptions(teams=self._has_teams)

    @property
    def exposition(self) -> Exposition:
        """The texts of a scrape, as of the latest refresh."""
        return self._exposition

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
            failed = not await self._refresh(name)
            interval = self._intervals[name]
            await self._sleep(min(interval, _AGAIN) if failed else interval)

    async def _refresh(self, name: str) -> bool:
        """Refresh the figures of a kind; whether that succeeded."""
        began, lacked = self._clock(), self.lacks.get(name, ())
        error = None
        found: Figures = {}
        try:
            with anyio.fail_after(max(_LEAST_TIME, 2 * self._intervals[name])):
                found = await self._reads[name]()
        except OpenAIAdminError as exc:
            error = visible(exc.in_general() if isinstance(exc, APIError) else str(exc))
        except TimeoutError:
            error = "It took too long, and was given up."
        except Exception as exc:  # noqa: BLE001 - one figure must not end the others
            _log.exception("The refresh of %s met an error of this program.", name)
            error = f"An error of this program: {type(exc).__name__}."
        self._figures.update(found)
        self._tell(name, error, lacked)
        ended = self._clock()
        self._refreshes[name] = Refresh(ended, ended - began, error)
        self._up = error is None
        await self._make()
        return error is None

    def _tell(self, name: str, error: str | None, lacked: Sequence[str]) -> None:
        """Log a failure when it begins, and its end; what a refresh lacks, when that changes."""
        before = self._refreshes.get(name)
        failed = before is not None and before.error is not None
        if error is not None and (before is None or before.error != error):
            _log.warning("The refresh of %s failed; older figures are kept. %s", name, error)
        elif error is None and failed:
            _log.warning("The refresh of %s succeeds again.", name)
        lacks = self.lacks.get(name, ())
        if error is None and lacks and lacks != lacked:
            _log.warning("The refresh of %s lacks %s.", name, visible("; ".join(lacks)))

    async def _make(self) -> None:
        """Make the metrics and the texts of a scrape from what is known."""
        async with self._making:
            self._metrics, self._exposition = await to_thread.run_sync(self._made, self._known())

    def _known(self) -> Figures:
        return still_known(self._figures, self._reading.now().timestamp())

    def _made(self, figures: Figures) -> tuple[tuple[Metric, ...], Exposition]:
        made = tuple(metrics(self._series(figures), teams=self._has_teams))
        return made, Exposition.of(made)

    def _series(self, figures: Figures) -> dict[f.Family, Mapping[Key, float]]:
        ended = dict(self._refreshes)
        series: dict[f.Family, Mapping[Key, float]] = {
            **self._maker.make(figures),
            **about_figures(figures, intervals=self._intervals, exposed=self._exposed),
            f.REFRESH_SUCCESS: {(name,): float(r.error is None) for name, r in ended.items()},
            f.REFRESH_TIMESTAMP: {(name,): r.ended for name, r in ended.items()},
            f.REFRESH_DURATION: {(name,): r.duration for name, r in ended.items()},
            f.INFO: {(__version__,): 1.0},
        }
        if self._up is not None:
            series[f.UP] = {(): float(self._up)}
        if self._answers is not None:
            series[f.API_ANSWERS] = {**self._answers.statuses}
            series[f.API_FAILURES] = {**self._answers.failures}
        return series


def _checked(names: Collection[str], there: Collection[str]) -> list[str]:
    if not names:
        raise InvalidInputError("only must not be empty: name a refresh, or leave it out for all.")
    for name in names:
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
