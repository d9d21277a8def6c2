"""A run that writes a FOCUS file: month by month, and then what earlier files were wrong by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

import anyio.to_thread
import attrs

from ..._declare.arguments import one_of
from ..._wire.portable import Portable
from ...errors import APIError, InvalidInputError
from ...insights.periods import Period, midnight
from ...usage.columns import SLICE
from ...usage.fetch import window_error
from ...usage.money import plus
from ...usage.settled import settled_until, so_far
from ...usage.telling import told_adaptations, told_missing
from ...usage.told import MissingWindow
from .bill import GROUPS, Bill, fetch_bill
from .charges import Account, Charge, Rows, billing_period
from .corrections import corrections
from .previous import Key, Previous, Stated
from .writers import Out, Writer, writing

if TYPE_CHECKING:
    from ...allocation import Allocation
    from ...client import AsyncOpenAIAdmin

_SLOW = timedelta(days=1)  # by which this machine's clock may be slow

DETAILS = ("api_key_id", "user_id")
"""What charges may be kept apart by beside project and line item."""


@attrs.frozen(kw_only=True)
class FocusSummary(Portable):
    """What a FOCUS file has.

    Attributes:
        charges: rows of charges.
        corrections: rows that correct earlier files.
        totals: the sum of the charges by currency, exact.
        corrected: the sum of the corrections by currency, exact.
        unknown: the days that are not known, or not all of which could be read.
        missing: why, a clause for each reason.
        unnamed: why names are not known, a sentence each: ids stand in their place.
        adapted: how queries were changed where the API refused them, a sentence each.
        lost: whether days or a field are lost by that.
        doubts: why it is not known whether a rule of the allocation applies, a sentence each; what
            it may apply to has no tags of it.
        notes: what else is to be told, a sentence each.
        so_far: the sentence about the days that may still be restated.
    """

    charges: int = 0
    corrections: int = 0
    totals: dict[str, Decimal] = attrs.field(factory=dict)
    corrected: dict[str, Decimal] = attrs.field(factory=dict)
    unknown: tuple[date, ...] = ()
    missing: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()
    lost: bool = False
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    so_far: str | None = None


async def focus(
    client: AsyncOpenAIAdmin,
    out: Out,
    *,
    period: Period,
    details: Iterable[str] = (),
    project_ids: Sequence[str] | None = None,
    allocation: Allocation | None = None,
    previous: Previous | None = None,
    billing_account: str | None = None,
) -> FocusSummary:
    """Write the costs of some days as a FOCUS 1.2 file, CSV or Parquet, whole or not at all.

    A row is what a project was charged for a line item on a UTC day. The sum of `BilledCost` is
    that of the costs, exactly in CSV; Parquet has 18 decimals, and what lies beyond is rounded half
    to even. Amounts are those of today: `x_complete` is false where the API may still restate them.

    Nothing is stated as 0 that is not known. Days that could not be fetched have no rows, and
    `x_missing_days` of every row of their billing period names them; so does the result.

    Args:
        client: an asynchronous client.
        out: the file: .csv, .csv.gz or .parquet; or an open text file for CSV.
        period: the days, UTC; those of several months have several billing periods.
        details: fields to keep charges apart by as well: ``api_key_id``, ``user_id``.
        project_ids: only these projects.
        allocation: says whose charges are; it makes the column `Tags`, and charges that are shared
            become several rows that add up to them.
        previous: files that were delivered before, of all projects or of the same ones. What was
            restated since of billing periods before this file's is added as rows of the class
            ``Correction``.
        billing_account: who is billed; by default the organization that the API's answers name.

    Raises:
        InvalidInputError: an argument makes no sense, the period has not begun, the earlier files
            bill somebody else or are allocated where this one is not, or nothing says who is
            billed.
        ConfigurationError: pyarrow is not installed, which Parquet needs.
        OSError: the disk is full, or the folder cannot be written.
        APIError: nothing could be fetched, or the key is wrong.
    """
    if not period.days:
        raise InvalidInputError("period must have at least one day.")
    today = datetime.now(UTC).date()
    if period.start > today + _SLOW:
        raise InvalidInputError(
            f"period must not begin in the future: {period.start} is after {today}."
        )
    if previous is not None:
        if previous.has_tags and allocation is None:
            raise InvalidInputError(
                "The earlier files have tags, and so must their corrections: pass allocation."
            )
        if project_ids is not None:
            previous = previous.of_projects(project_ids)
    run = _Run(client, checked_details(details), project_ids, allocation, previous, billing_account)
    with writing(out) as writer:
        return await run.write(writer, period)


def checked_details(details: Iterable[str]) -> tuple[str, ...]:
    """The fields to keep charges apart by, each once.

    Raises:
        InvalidInputError: one is not of `DETAILS`.
    """
    for name in (wanted := tuple(dict.fromkeys(details))):
        if name not in DETAILS:
            raise InvalidInputError(f"details must be {one_of(DETAILS)}, not {name!r}.")
    return wanted


def months_of(period: Period) -> list[Period]:
    """The part of each billing period that a period has, in order."""
    found = []
    start = period.start
    while start < period.end:
        end = min(billing_period(start).end, period.end)
        found.append(Period(start, end))
        start = end
    return found


@attrs.define
class _Run:
    """One file under way."""

    client: AsyncOpenAIAdmin
    details: Sequence[str]
    project_ids: Sequence[str] | None
    allocation: Allocation | None
    previous: Previous | None
    billing_account: str | None
    account: Account | None = None
    charges: int = 0
    corrections: int = 0
    totals: dict[str, Decimal] = attrs.field(factory=dict)
    corrected: dict[str, Decimal] = attrs.field(factory=dict)
    answered: bool = False
    unknown: set[date] = attrs.field(factory=set)
    missing: list[MissingWindow] = attrs.field(factory=list)
    unnamed: dict[str, None] = attrs.field(factory=dict)
    adapted: dict[str, None] = attrs.field(factory=dict)
    lost: bool = False
    notes: dict[str, None] = attrs.field(factory=dict)
    doubts: dict[str, None] = attrs.field(factory=dict)

    async def write(self, writer: Writer, period: Period) -> FocusSummary:
        """Write the file, and say what it has.

        Raises:
            APIError: nothing could be fetched.
        """
        months = months_of(period)
        for month in months:
            bill = await self._bill(month, self.details, self.allocation)
            rows = self._rows(bill)
            blocks = bill.blocks()
            while await anyio.to_thread.run_sync(self._put, writer, rows, bill, blocks):
                pass
        self._check_answered()
        if self.previous is not None:
            await self._correct(writer, self.previous, months)
        return self._summary(period)

    def _check_answered(self) -> None:
        """Raise what nothing could be fetched for, if that is so: a file would say nothing."""
        errors = [each.error for each in self.missing]
        if self.answered or not errors:
            return
        if not isinstance(errors[0], APIError):
            raise errors[0]
        window = attrs.evolve(self.missing[0].window, end=self.missing[-1].window.end)
        raise window_error("costs", window, errors[0]) from errors[0]

    def _put(
        self, writer: Writer, rows: Rows, bill: Bill, blocks: Iterator[Sequence[Charge]]
    ) -> bool:
        """Write the next charges of a bill; whether there were any."""
        block = next(blocks, ())
        if block:
            writer.write([rows.row(charge, missing=bill.missing_days) for charge in block])
            self.charges += len(block)
            _add(self.totals, block)
        return bool(block)

    async def _correct(self, writer: Writer, previous: Previous, months: Sequence[Period]) -> None:
        """Add what was restated since of the billing periods before this file's."""
        first, last = billing_period(months[0].start), billing_period(months[-1].start)
        allocation = self.allocation if previous.has_tags else None
        for month, stated in previous.months.items():
            if month.start >= first.start:
                self.notes[
                    f"Charges of {month.start:%Y-%m} are not corrected: its billing period is not"
                    f" before this file's, which begins with {first.start:%Y-%m}."
                ] = None
                continue
            bill = await self._bill(month, sorted(previous.details), allocation)
            rows = self._rows(bill)
            await anyio.to_thread.run_sync(
                self._put_corrections, writer, rows, previous, stated, bill, last
            )

    def _put_corrections(
        self,
        writer: Writer,
        rows: Rows,
        previous: Previous,
        stated: Mapping[date, Mapping[Key, Stated]],
        bill: Bill,
        corrects_in: Period,
    ) -> None:
        charges = (charge for block in bill.blocks() for charge in block)
        settled = settled_until(self._now()).date()
        found = corrections(previous, stated, charges, bill.known, settled)
        while block := list(islice(found, SLICE)):
            writer.write(
                [
                    rows.row(charge, corrects_in=corrects_in, missing=bill.missing_days)
                    for charge in block
                ]
            )
            self.corrections += len(block)
            _add(self.corrected, block)

    async def _bill(
        self, month: Period, details: Sequence[str], allocation: Allocation | None
    ) -> Bill:
        bill = await fetch_bill(
            self.client,
            month,
            details=details,
            project_ids=self.project_ids,
            allocation=allocation,
        )
        table = bill.table
        self.answered = self.answered or any(coverage.buckets for coverage in table.coverage)
        self.unknown |= set(bill.unknown)
        # What was left out for the allocation's sake alone, and decides nothing, is not missed.
        wanted = (None, *GROUPS, *details)
        adapted = [each for each in table.adapted if bill.doubts or each.field in wanted]
        told = [each.missing for each in table.adapted]
        self.missing += [window for window in table.missing if window not in told]
        self.unnamed |= dict.fromkeys(table.unnamed)
        self.adapted |= dict.fromkeys(told_adaptations(adapted))
        self.lost = self.lost or any(each.loses for each in adapted)
        self.doubts |= dict.fromkeys(bill.doubts)
        self.notes |= dict.fromkeys([*table.notes, *bill.notes])
        return bill

    def _rows(self, bill: Bill) -> Rows:
        """What makes the rows of a bill.

        Raises:
            InvalidInputError: nothing says who is billed, or an earlier file says something else.
        """
        if self.account is None:
            self.account = self._billed(bill)
            known = self.previous.accounts if self.previous is not None else ()
            for other in sorted(set(known) - {self.account.id}):
                raise InvalidInputError(
                    f"The earlier files bill {other}, and this one would bill {self.account.id}:"
                    " use the same organization's key, or pass billing_account."
                )
        return Rows(self.account)

    def _billed(self, bill: Bill) -> Account:
        told = self.client._caller.organization_told()
        ids = sorted(bill.organization)
        id = self.billing_account or (ids[0] if len(ids) == 1 else told)
        if id is None:
            raise InvalidInputError(
                "No answer of the API says which organization is billed: pass billing_account."
            )
        return Account(id, bill.organization.get(id))

    def _now(self) -> datetime:
        return self.client._caller.server_now() or datetime.now(UTC)

    def _summary(self, period: Period) -> FocusSummary:
        now = self._now()
        end = min(midnight(period.end), now)
        return FocusSummary(
            charges=self.charges,
            corrections=self.corrections,
            totals=self.totals,
            corrected=self.corrected,
            unknown=tuple(sorted(self.unknown)),
            missing=tuple(told_missing(self.missing)) if self.missing else (),
            unnamed=tuple(self.unnamed),
            adapted=tuple(self.adapted),
            lost=self.lost,
            doubts=tuple(self.doubts),
            notes=tuple(self.notes),
            so_far=so_far(settled_until(now), midnight(period.start), end),
        )


def _add(totals: dict[str, Decimal], charges: Iterable[Charge]) -> None:
    for charge in charges:
        before = totals.get(charge.currency, Decimal(0))
        totals[charge.currency] = plus(before, charge.amount)
