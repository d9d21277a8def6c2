"""Costs as questions read them: as far as the API gives them, with what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar, overload

import attrs

from ...client import AsyncOpenAIAdmin
from ...directory.find import with_ids
from ...directory.not_known import not_checked, sentence
from ...directory.reading import Reads
from ...insights import CostBreakdown, NotKnown, Period
from ...insights.basis import Basis, grouped_by
from ...insights.cents import cents
from ...insights.currencies import (
    OtherCosts,
    in_others,
    in_others_by,
    in_words,
    main_currency,
)
from ...insights.daily import COLUMNS
from ...insights.fetch import usage_table
from ...insights.findings.spending import no_change_stated
from ...insights.lacking import lacking, unstated
from ...insights.naming import UNKNOWN
from ...insights.periods import midnight
from ...insights.text import at_least, signed, signed_percent, some_of
from ...usage.names import NAME_COLUMNS
from ...usage.settled import so_far
from ...usage.table import UsageTable
from ..progress import say
from ..texts import quoted
from ..values import Money, money_of
from .short import unknown

T = TypeVar("T")


def present() -> datetime:
    """The moment that words such as ``today`` refer to."""
    return datetime.now(UTC)


@attrs.frozen
class Costs:
    """Costs as far as they are known: what every question about money is answered from.

    Attributes:
        table: by day, and by what was asked for.
        reads: what of them was refused or could not be read.
        basis: what of them must be known.
        currency: the one that is added up: that of the most amounts.
    """

    table: UsageTable
    reads: Reads
    basis: Basis
    currency: str | None

    @property
    def refused(self) -> tuple[NotKnown, ...]:
        """Why they are not known; empty where they are, as far as they go."""
        return self.basis.refused(self.reads.not_known)

    @property
    def lost(self) -> tuple[NotKnown, ...]:
        """Why not even their sum is known; empty where it is, as far as it goes."""
        return Basis(("costs",)).refused(self.reads.not_known)

    @property
    def not_known(self) -> list[str]:
        """What is not known of them, with its reason."""
        left_out = [*lacking("costs", self.table)]
        if self.currency is not None:
            left_out += unstated(self.table)
        others = [sentence(each) for each in left_out]
        return unknown(self.reads.not_known, {}, self.reads.unread, others)

    def notes(self, period: Period) -> Iterator[str]:
        """What to know of sums of a period: what may still change, and what is in none."""
        start, end = midnight(period.start), midnight(period.end)
        yield from filter(None, [so_far(self.table.settled_until, start, end)])
        if period.start <= present().date() < period.end:
            yield "Today is not over."
        if self.currency is None:
            yield "The API states no currency."

    def elsewhere(self, period: Period) -> OtherCosts:
        """What a period cost in other currencies than the one that is added up."""
        every = in_others(self.table, period, self.currency)
        return tuple(each for each in every if each[0] is not None)

    def not_known_of(self, period: Period, names: Mapping[str, str] | None = None) -> list[str]:
        """What is not known of a period, with its reason; what is in other currencies, too.

        Args:
            period: the days.
            names: the names of projects, where the costs are told apart by them.
        """
        others = self.elsewhere(period)
        if self.currency is None or not others:
            return self.not_known
        told = f"In no figure, being in other currencies: {', '.join(in_words(others))}"
        column = COLUMNS["project"]
        if column in self.table.columns:
            by = in_others_by(self.table, column, period, self.currency)
            of = [(names or {}).get(id or "", id or UNKNOWN) for id in by]
            told += f" of {some_of([quoted(each) for each in sorted(of)])}"
        return [*self.not_known, f"{told}."]

    def is_complete(self, period: Period, *, gaps: int = 0) -> bool | None:
        """Whether all of a period is in the figures, and none of it may still be restated.

        Args:
            period: the days.
            gaps: how many of them are not known.

        Returns:
            ``None`` where nothing is known.
        """
        settled = self.table.settled_until
        if settled is None or self.lost:
            return None
        is_whole = not (gaps or self.not_known or self.elsewhere(period))
        return is_whole and midnight(period.end) <= settled

    def if_known(self, figure: T) -> T | None:
        """A figure, or ``None`` where they are not known."""
        return None if self.refused else figure

    def told(self, text: str, total: str = "") -> str:
        """What figures say, or that they were not checked, after their sum where that is known."""
        if not self.refused:
            return text
        unchecked = sentence(not_checked(self.refused, {}))
        return unchecked if self.lost or not total else f"{total} {unchecked}"

    @overload
    def money(self, amount: Decimal) -> Money: ...

    @overload
    def money(self, amount: Decimal | None) -> Money | None: ...

    def money(self, amount: Decimal | None) -> Money | None:
        """An amount to the cent."""
        return None if amount is None else money_of(cents(amount), self.currency)


async def read_costs(
    client: AsyncOpenAIAdmin,
    start: date,
    end: date | None,
    by: Sequence[str],
    *,
    project_ids: Sequence[str] = (),
) -> Costs:
    """Read daily costs.

    Args:
        client: an asynchronous client.
        start: the first day.
        end: the day after the last; ``None`` is now.
        by: what they are grouped by, as `insights` calls it.
        project_ids: the projects that they are of; empty for all.
    """
    say("fetching costs")
    reads = Reads(client._caller)
    fields = list(dict.fromkeys(COLUMNS[name] for name in by))
    filters: dict[str, Any] = {"project_ids": list(project_ids)} if project_ids else {}
    table = await usage_table(
        reads,
        "costs",
        client.usage,
        ["costs"],
        start_time=midnight(start),
        end_time=None if end is None else midnight(end),
        group_by=fields or None,
        **filters,
    )
    reads.check()
    groupings = tuple(grouped_by("costs", field) for field in fields)
    basis = Basis(("costs",), completely=groupings)
    return Costs(table, reads, basis, main_currency(table))


async def ids_of_projects(
    client: AsyncOpenAIAdmin, named: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """The ids of projects that were named, and what could not be looked through for them.

    Raises:
        InvalidInputError: there is no such project, or several have a name.
    """
    if not named:
        return [], []
    asked = {"project_ids": list(dict.fromkeys(named))}
    found, _, notes = await with_ids(client, "usage.costs", asked, lambda _: "projects")
    return list(dict.fromkeys(found["project_ids"])), notes


async def names_in(
    client: AsyncOpenAIAdmin, table: UsageTable, by: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """The names for the ids of groupings, which models and line items do not have.

    Returns:
        Names by id, and why others are not known.
    """
    columns = [COLUMNS[each] for each in by if COLUMNS.get(each) in NAME_COLUMNS]
    if not columns or not len(table):
        return {}, []
    say("fetching names")
    named = await client.usage.name(table)
    names: dict[str, str] = {}
    for column in columns:
        pairs = zip(named[column], named[NAME_COLUMNS[column]], strict=True)
        names |= {id: name for id, name in pairs if id is not None and name is not None}
    return names, named.unnamed


def in_all(found: CostBreakdown) -> str:
    """What a period cost, and how that changed, as a sentence."""
    total, currency = found.total, found.currency
    spent = f"{found.period}: {at_least(total.cost, currency, gaps=total.gaps)}"
    if found.previous is None:
        return f"{spent}."
    if total.change is None:
        return " ".join((f"{spent}.", *no_change_stated(total, str(found.previous))))
    relative = signed_percent(total.relative)
    changed = f"{signed(total.change, currency)}{', ' if relative else ''}{relative}"
    return f"{spent} ({changed} against {found.previous})."
