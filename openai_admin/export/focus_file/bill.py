"""A month's bill as it is today: its charges, and what of it is not known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from ..._transport.aside import to_end
from ...allocation.names import Known
from ...allocation.names import allocated as allocated_by
from ...insights.periods import Period, midnight
from ...insights.text import count
from ...usage.columns import same
from ...usage.days import days_between
from ...usage.fetched import FetchedTable, row_fields
from ...usage.names import with_columns_of_names
from ...usage.table import COMPLETE, UsageTable
from ...usage.told import listed
from .charges import Charge, focus_currency
from .quantities import consumed
from .skus import sku_of

if TYPE_CHECKING:
    from ...allocation import Allocated, Allocation
    from ...client import AsyncOpenAIAdmin

GROUPS = ("project_id", "line_item")
"""What charges are kept apart by in any case."""


@attrs.frozen(kw_only=True, slots=False)
class Bill:
    """The charges of a stretch within a billing period.

    Attributes:
        period: the stretch.
        table: the costs, with names beside ids, and a column for each dimension of the allocation.
        dimensions: those columns.
        organization: whose rows say that they are: the ids and names that came.
        notes: what is to be told of it besides what the table tells, each as a sentence.
        doubts: why it is not known whether a rule of the allocation applies, likewise.
    """

    period: Period
    table: UsageTable
    dimensions: Sequence[str] = ()
    organization: Mapping[str, str | None] = attrs.field(factory=dict)
    notes: Sequence[str] = ()
    doubts: Sequence[str] = ()

    @cached_property
    def unknown(self) -> list[date]:
        """The days that are not known, or not all of which could be read."""
        windows = [each.window for each in self.table.missing if each.endpoint == "costs"]
        windows += [each.window for each in self.table.unreadable]
        days = {day for window in windows for day in days_between(window.start, window.end)}
        return sorted(day for day in days if day in self.period)

    @property
    def known(self) -> list[date]:
        """The days that are known, in order."""
        first, unknown = self.period.start, set(self.unknown)
        days = (first + timedelta(days=n) for n in range(self.period.days))
        return [day for day in days if day not in unknown]

    @cached_property
    def missing_days(self) -> str | None:
        """Those days in words; ``None`` where all are known."""
        return ", ".join(map(str, self.unknown)) or None

    def charges(self) -> Iterator[Charge]:
        """The charges, in order of days; a row whose amount could not be read is none."""
        columns = self.table.columns
        nothing = same(None, len(self.table))
        for (
            start,
            complete,
            project,
            project_name,
            item,
            key,
            key_name,
            user,
            user_name,
            amount,
            currency,
            quantity,
            unit,
            *allocated,
        ) in zip(*(columns.get(name, nothing) for name in (*_READ, *self.dimensions)), strict=True):
            if amount is None:
                continue
            yield Charge(
                day=start.date(),
                amount=amount,
                category=sku_of(item).category_of(amount),
                currency=focus_currency(currency),
                used=consumed(quantity, unit),
                line_item=item or None,
                project_id=project or None,
                project_name=project_name or None,
                api_key_id=key or None,
                api_key_name=key_name or None,
                user_id=user or None,
                user_name=user_name or None,
                tags=self._tags(allocated),
                complete=bool(complete),
            )

    def _tags(self, values: Sequence[str | None]) -> str | None:
        pairs = zip(self.dimensions, values, strict=True)
        tags = {name: value for name, value in pairs if value is not None}
        return json.dumps(tags, ensure_ascii=False, sort_keys=True) if tags else None


_READ = (
    "start_time",
    COMPLETE,
    "project_id",
    "project_name",
    "line_item",
    "api_key_id",
    "api_key_name",
    "user_id",
    "user_name",
    "amount",
    "currency",
    "quantity",
    "quantity_unit",
)


async def fetch_bill(
    client: AsyncOpenAIAdmin,
    period: Period,
    *,
    details: Sequence[str],
    project_ids: Sequence[str] | None,
    allocation: Allocation | None,
) -> Bill:
    """The bill of a stretch within a month.

    Args:
        client: an asynchronous client.
        period: the stretch.
        details: the fields that charges are kept apart by beside project and line item.
        project_ids: only these projects.
        allocation: says whose charges are.

    Raises:
        APIError: the key is wrong, or the API cannot be reached.
    """
    needs = () if allocation is None else sorted(allocation.needs)
    query: dict[str, Any] = {"group_by": list(dict.fromkeys((*GROUPS, *details, *needs)))}
    if project_ids is not None:
        query["project_ids"] = list(project_ids)
    fetched = await client.usage.collect(
        "costs",
        start_time=midnight(period.start),
        end_time=midnight(period.end),
        partial=True,
        adapt="all",
        **query,
    )
    if allocation is None:
        table = await client.usage.name(fetched)
        return await to_end(_bill, period, fetched, table)
    made, known = await allocated_by(client.usage._caller, fetched, allocation, projects=True)
    if details:
        table = await client.usage.name(made.table)
    else:
        table = await to_end(_named, made.table, known)
    bill = await to_end(_bill, period, fetched, table)
    return attrs.evolve(
        bill,
        dimensions=allocation.dimensions,
        notes=[*bill.notes, *made.notes, *_unmatched(made, allocation, project_ids)],
        doubts=made.doubts,
    )


def _unmatched(
    made: Allocated, allocation: Allocation, project_ids: Sequence[str] | None
) -> list[str]:
    """The sentence about rules that matched nothing, though charges of all projects were there."""
    if not made.unmatched or project_ids is not None:
        return []
    lines = listed([str(rule.line) for rule in made.unmatched])
    rules = count(len(made.unmatched), "rule")
    return [f"{rules} of {allocation.source} matched nothing: line {lines}."]


def _named(table: UsageTable, known: Known) -> UsageTable:
    """A table with the names that an allocation looked up."""
    named = with_columns_of_names(table, known.names)
    named.unnamed = list(known.unknown)
    return named


def _bill(period: Period, fetched: UsageTable, table: UsageTable) -> Bill:
    notes = []
    amounts = zip(fetched["amount"], fetched["currency"], strict=True)
    bare = sum(amount is not None and not currency for amount, currency in amounts)
    if bare:
        notes.append(
            f"{count(bare, 'amount')} came without a currency, and count{'s' * (bare == 1)} as"
            f" {focus_currency(None)}, in which the API bills."
        )
    whose = _organization(fetched)
    return Bill(period=period, table=table, organization=whose, notes=notes)


def _organization(table: UsageTable) -> dict[str, str | None]:
    """The organizations that rows say they are of, with their names."""
    found: dict[str, str | None] = {}
    for endpoint, buckets in table.parts if isinstance(table, FetchedTable) else ():
        fields = row_fields(endpoint, buckets)
        if "organization_id" in fields:
            names = fields["organization_name"]
            pairs = set(zip(fields["organization_id"], names, strict=True))
            found |= {id: name or None for id, name in pairs if id}
    return found
