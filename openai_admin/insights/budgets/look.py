"""Where budgets stand, asked of the API with few requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import anyio.to_thread
import attrs

from ..._causes import window_cause
from ..._declare.arguments import one_of, shown, suggest
from ..._declare.resource import Async
from ..._transport.aside import to_end
from ..._transport.tasks import each
from ..._tree import AdminResources
from ..._wire.portable import Portable
from ...allocation import Allocation
from ...allocation.names import allocated
from ...allocation.patterns import Pattern, is_wild
from ...directory.find import missing_ids, with_ids
from ...directory.lookup import NameLookup, Wanted
from ...directory.not_known import told
from ...directory.reading import PAGE, Reads
from ...errors import APIError, InvalidInputError
from ...usage.fetch import window_error
from ...usage.names import names_and_ids_in
from ...usage.queries import UsageQueries
from ...usage.table import UsageTable
from ...usage.telling import told_adaptations, told_missing
from ...usage.told import listed as named
from ..periods import Period, midnight, utc
from .model import PROBABILITY, Budget, BudgetBasis
from .scoped import ID_ARGUMENT, Lines, Names, may_be_name
from .status import BudgetStatus, budget_statuses, costs_from, fields_of
from .thresholds import budgets_of_thresholds, fetch_thresholds

_DAY = timedelta(days=1)
_CONSUMERS = ("user_id", "api_key_id")


@attrs.frozen(kw_only=True)
class BudgetsLook(Portable):
    """Where budgets stand, with what is to be told of it.

    Attributes:
        statuses: of each budget, in their order; those of the API's own limits and alerts last.
        now: the moment that they describe, by the server's clock.
        notes: why something is not known, and what is odd, each as a sentence.
        lacks: the spend limits and alerts that are not known, each as a sentence.
    """

    statuses: tuple[BudgetStatus, ...]
    now: datetime
    notes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool | None:
        """Whether a budget is passed; ``None`` where none is known to be, and one may be."""
        found = [status.is_passed for status in self.statuses]
        if any(found):
            return True
        return None if None in found or self.lacks else False


async def look_at_budgets(
    client: AdminResources[Async],
    budgets: Iterable[Budget] = (),
    *,
    from_api: BudgetBasis | None = None,
    at: Decimal | None = None,
    now: datetime | None = None,
    period: Period | None = None,
    allocation: Allocation | None = None,
) -> BudgetsLook:
    """Fetch the costs that budgets are about, and say where they stand.

    That takes a request or two for each combination of fields that budgets are about; some more
    where they have names, and with `from_api` two for each active project.

    Args:
        client: an asynchronous client whose key may read costs.
        budgets: the budgets.
        from_api: look at the API's own spend limits and alerts as well, on what was spent
            (``actual``) or on the forecast.
        at: of these, the probability from which on passing is to be expected.
        now: the moment to treat as the present, with a time zone; by default the server's.
        period: a month, quarter or other stretch to judge the budgets of its kind by, in place of
            the one that `now` is in.
        allocation: what budgets of teams, cost centers and tags are about.

    Raises:
        InvalidInputError: there is no budget; one is about a project, key or person that there is
            not, or about a team without an allocation; or the period has not begun.
        AuthenticationError: the key is wrong.
        APIError: no costs could be fetched at all.
    """
    given = utc(now) if now is not None else None
    listed = list(budgets)
    notes: list[str] = []
    lacks: tuple[str, ...] = ()
    if from_api is not None:
        reads = Reads(client._caller)
        thresholds, names = await fetch_thresholds(client, reads)
        reads.check()
        own, unusable = budgets_of_thresholds(thresholds, names, on=from_api, at=at or PROBABILITY)
        listed += own
        lacks = (*told(reads.not_known, names), *unusable)
        if not own and not lacks:
            notes.append("The API has no spend limits or alerts.")
    elif not listed:
        raise InvalidInputError("There is no budget to look at.")
    groups = _grouped(listed, allocation)
    tables = await each(
        list(groups),
        lambda fields: _costs(client, [listed[i] for i in groups[fields]], fields, given, period),
    )
    _check_answered(tables)
    now = given or client._caller.server_now() or datetime.now(UTC)
    found: dict[int, BudgetStatus] = {}
    for places, table in zip(groups.values(), tables, strict=True):
        looked = _Look(client, [listed[i] for i in places], allocation)
        found |= zip(places, await looked.at(table, now=now, period=period), strict=True)
        notes += looked.notes
    return BudgetsLook(
        statuses=tuple(found[i] for i in range(len(listed))),
        now=now,
        notes=tuple(dict.fromkeys(notes)),
        lacks=lacks,
    )


def _grouped(
    budgets: Sequence[Budget], allocation: Allocation | None
) -> dict[frozenset[str], list[int]]:
    """The places of the budgets that one table is enough for, by the fields to group it by.

    Whether people and keys can be grouped by beside others depends on the organization, so that
    what needs neither is kept apart from what does.
    """
    groups: dict[frozenset[str], list[int]] = {}
    plain: frozenset[str] = frozenset()
    needs = [_needs(budget, allocation) for budget in budgets]
    for fields in needs:
        plain |= fields if fields.isdisjoint(_CONSUMERS) else frozenset()
    for place, fields in enumerate(needs):
        groups.setdefault(plain if fields.issubset(plain) else fields, []).append(place)
    return groups


def _needs(budget: Budget, allocation: Allocation | None) -> frozenset[str]:
    """The fields that costs must be grouped by for a budget.

    Raises:
        InvalidInputError: it is about a team without an allocation.
    """
    fields = fields_of([budget])
    if not budget.scope.allocated:
        return fields
    dimensions = allocation.dimensions if allocation is not None else ()
    for name in budget.scope.allocated:
        if name not in dimensions:
            raise InvalidInputError(
                f"{_where(budget, name)}: the allocation says nothing of a"
                f" {name.replace('_', ' ')}."
            )
    return fields | (allocation.needs if allocation is not None else frozenset())


async def _costs(
    client: AdminResources[Async],
    budgets: Sequence[Budget],
    fields: frozenset[str],
    now: datetime | None,
    period: Period | None,
) -> UsageTable:
    """Daily costs of all days that the budgets need."""
    assumed = now or datetime.now(UTC)
    start = costs_from(budgets, now=assumed, period=period)
    if now is None:  # the server may have another day
        start = min(start, costs_from(budgets, now=assumed - _DAY, period=period))
    end = None if now is None else midnight(assumed.date() + _DAY)
    if (
        period is not None
        and period.end <= assumed.date()
        and all(b.is_for(period) for b in budgets)
    ):
        end = midnight(period.end)
    groups: Any = sorted(fields) or None
    table: UsageTable = await UsageQueries[Async](client._caller).collect(
        "costs",
        start_time=midnight(start),
        end_time=end,
        group_by=groups,
        partial=True,
        adapt="all",
    )
    return table


def _check_answered(tables: Sequence[UsageTable]) -> None:
    """Raise why no costs came, where none did.

    Raises:
        APIError: the first window could not be fetched.
    """
    if any(coverage.buckets for table in tables for coverage in table.coverage):
        return
    for missing in (missing for table in tables for missing in table.missing):
        error = window_cause(missing.error)
        if isinstance(error, APIError):
            raise window_error(missing.endpoint, missing.window, error) from error
        raise missing.error


@attrs.define
class _Look:
    """A look at the budgets that one table is enough for; private, a place for what it finds."""

    client: AdminResources[Async]
    budgets: Sequence[Budget]
    allocation: Allocation | None
    notes: list[str] = attrs.field(factory=list)
    doubts: dict[Budget, list[str]] = attrs.field(factory=dict)

    async def at(
        self, table: UsageTable, *, now: datetime, period: Period | None
    ) -> tuple[BudgetStatus, ...]:
        """Where they stand."""
        self.notes += [*table.notes, *told_adaptations(table.adapted)]
        if table.missing:
            parts = "; ".join(told_missing(table.missing))
            self.notes.append(f"Parts could not be fetched: {parts}.")
        names, unnamed = await self._names(table)
        of_teams = [budget for budget in self.budgets if budget.scope.allocated]
        if of_teams and self.allocation is not None:
            made, known = await allocated(self.client._caller, table, self.allocation)
            self.notes += [*made.doubts, *known.unknown, *made.notes]
            for budget in of_teams if made.doubts else ():
                self._doubt(budget, f"what {self.allocation.source} allocates is not known wholly")
            table = made.table
        await self._check_there(Lines(table, names, unnamed))
        # Adding up a large organization's costs takes a while, in which others may go on.
        return await anyio.to_thread.run_sync(
            lambda: budget_statuses(
                table,
                self.budgets,
                now=now,
                period=period,
                names=names,
                unnamed=unnamed,
                doubts=self.doubts,
            ),
            abandon_on_cancel=True,
        )

    def _doubt(self, budget: Budget, why: str) -> None:
        self.doubts.setdefault(budget, []).append(why)

    async def _names(self, table: UsageTable) -> tuple[Names, frozenset[str]]:
        """What things are called that budgets have names of, and ids of which that is not known."""
        kinds = {
            field
            for budget in self.budgets
            for field, texts in budget.scope.fields()
            if any(may_be_name(field, text) for text in texts)
        }
        if not kinds:
            return {}, frozenset()
        in_rows, ids = await to_end(names_and_ids_in, table)
        wanted = Wanted(
            projects=ids.projects if "projects" in kinds else frozenset(),
            users=ids.users if "users" in kinds else {},
            keys=ids.keys if "keys" in kinds else {},
        )
        lookup = NameLookup(self.client._caller)  # what rows are called may be out of date
        await lookup.find(wanted)
        unknown = lookup.unknown()
        self.notes += map(str, unknown)
        every = {*wanted.projects, *wanted.users, *wanted.keys}
        named = {**in_rows, **lookup.names}
        unnamed = {id for id in every if id not in named} if unknown else set()
        names = dict.fromkeys(("project_id", "api_key_id", "user_id"), lookup.names)
        return {**names, "user_email": lookup.emails}, frozenset(unnamed)

    async def _check_there(self, lines: Lines) -> None:
        """Refuse a project, key or person that there is not; what has no costs may be there.

        Raises:
            InvalidInputError: nothing has such a name, or several things have.
        """
        for budget in self.budgets:
            for field, text, ids in lines.shared(budget.scope):
                raise InvalidInputError(
                    f"{_where(budget, field)}: several are called {shown(text)}: {named(ids)}; pass"
                    f" an id, or {shown(text + '*')} for all whose names begin so."
                )
            for field, text in lines.unmatched(budget.scope):
                where = _where(budget, field)
                if field in budget.scope.allocated:
                    self._check_allocated(field, text, where)
                elif field == "projects" and is_wild(text):
                    await self._check_wild(budget, text, where)
                elif field not in ID_ARGUMENT or is_wild(text):
                    # It may be mistyped as well as not used yet: neither is told for the other.
                    hint = suggest(text, lines.values(field)).strip("; .")
                    self._doubt(
                        budget,
                        f"no costs of the last weeks match {shown(text)} of {field}"
                        f" ({hint or 'it may be misspelt, or not used yet'})",
                    )
                else:
                    await self._check_named(budget, ID_ARGUMENT[field], text, where)

    def _check_allocated(self, dimension: str, text: str, where: str) -> None:
        known = self.allocation.values(dimension) if self.allocation is not None else []
        if not any(Pattern(text).matches(value, [value.casefold()]) for value in known):
            raise InvalidInputError(
                f"{where}: nothing is allocated to {shown(text)}; what is allocated to is"
                f" {one_of(known)}{suggest(text, known)}"
            )

    async def _check_wild(self, budget: Budget, text: str, where: str) -> None:
        pattern = Pattern(text)
        try:
            listing = self.client.projects.list(limit=PAGE, include_archived=True)
            projects = [project async for project in listing]
        except APIError as error:
            self._doubt(budget, f"whether a project matches {shown(text)} is not known")
            self.notes.append(f"{where}: {error}")
            return
        if not any(pattern.matches(p.id, [(p.name or "").casefold()]) for p in projects):
            raise InvalidInputError(f"{where}: no project matches {shown(text)}.")

    async def _check_named(self, budget: Budget, argument: str, text: str, where: str) -> None:
        given = {argument: [text]}
        try:
            found, _, notes = await with_ids(self.client, "usage.costs", given, lambda _: where)
        except APIError as error:
            self._doubt(budget, f"whether anything is called {shown(text)} is not known")
            self.notes.append(f"{where}: {error}")
            return
        self.notes += notes
        for unknown in await missing_ids(self.client, given) if found == given else ():
            if unknown.is_certain:
                raise InvalidInputError(f"{where}: {unknown.sentence}")
            self._doubt(budget, f"whether anything has the id {text} is not known")
            self.notes.append(f"{where}: {unknown.sentence}")


def _where(budget: Budget, field: str) -> str:
    """What an error calls a field of a scope: with its file and line, where it has them."""
    place = budget.sources.get(field, budget.source)
    name = field.replace("_", " ")
    return name if place is None else f"{place}: {name}"
