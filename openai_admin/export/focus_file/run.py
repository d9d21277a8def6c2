"""A run that writes a FOCUS file: month by month, and then what earlier files were wrong by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import anyio.lowlevel
import attrs

from ..._declare.arguments import one_of
from ..._transport.aside import to_end
from ..._wire.portable import Portable
from ...errors import APIError, InvalidInputError
from ...insights.periods import Period, midnight
from ...usage.columns import SLICE
from ...usage.fetch import window_error
from ...usage.money import plus
from ...usage.settled import settled_until, so_far
from ...usage.telling import told_adaptations, told_missing
from ...usage.told import MissingWindow, listed
from .bill import GROUPS, Bill, fetch_bill
from .charges import Account, Charge, Rows, billing_period
from .corrections import corrections
from .previous import Previous
from .writers import CsvDialect, Out, Writer, writing

if TYPE_CHECKING:
    from ...allocation import Allocation
    from ...client import AsyncOpenAIAdmin

_SLOW = timedelta(days=1)  # by which this machine's clock may be slow

_AT_ONCE = 128  # charges: with more of them, garbage is collected while their rows are made

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
        uncorrected: which earlier billing periods could not be corrected, and why, a sentence each.
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
    uncorrected: tuple[str, ...] = ()
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
    csv_dialect: CsvDialect | None = None,
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
        csv_dialect: ``excel`` is CSV for spreadsheets: with a byte order mark, and an apostrophe
            before texts that would be formulas; by default texts are as they are.

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
    if previous is not None and previous.has_tags and allocation is None:
        raise InvalidInputError(
            "The earlier files have tags, and so must their corrections: pass allocation."
        )
    if previous is not None and project_ids is not None:
        previous = await to_end(previous.of_projects, project_ids)
    run = _Run(client, checked_details(details), project_ids, allocation, previous, billing_account)
    async with _aside(writing(out, period, csv_dialect)) as writer:
        return await run.write(writer, period)


@asynccontextmanager
async def _aside(file: AbstractContextManager[Writer]) -> AsyncIterator[Writer]:
    """A file that is opened and ended in a worker, so that no disk holds the event loop.

    It is not ended before what is under way in it has.
    """
    stack = ExitStack()
    try:
        writer = await to_end(stack.enter_context, file)
        yield writer
        await to_end(writer.flush)
    except BaseException as exc:
        await to_end(stack.__exit__, type(exc), exc, exc.__traceback__)
        raise
    await to_end(stack.close)


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
    uncorrected: list[str] = attrs.field(factory=list)

    async def write(self, writer: Writer, period: Period) -> FocusSummary:
        """Write the file, and say what it has.

        Raises:
            APIError: nothing could be fetched.
        """
        months = months_of(period)
        for month in months:
            bill = await self._bill(month, self.details, self.allocation)
            if len(bill.table):  # else nothing may say who is billed, and nobody is
                lines = _Lines(self._rows(bill), bill.charges(), bill.missing_days)
                await self._put(writer, lines)
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

    async def _put(self, writer: Writer, lines: _Lines) -> None:
        """Write charges, some at a time."""
        while block := await to_end(lines.next, writer):
            if lines.corrects_in is None:
                self.charges += block.charges
                _add(self.totals, block.sums)
            else:
                self.corrections += block.charges
                _add(self.corrected, block.sums)
            await anyio.lowlevel.checkpoint()

    async def _correct(self, writer: Writer, previous: Previous, months: Sequence[Period]) -> None:
        """Add what was restated since of the billing periods before this file's."""
        first, last = billing_period(months[0].start), billing_period(months[-1].start)
        allocation = self.allocation if previous.has_tags else None
        wanted = (*GROUPS, *previous.details)
        for month, stated in previous.months.items():
            if month.start >= first.start:
                self.notes[
                    f"Charges of {month.start:%Y-%m} are not corrected: its billing period is not"
                    f" before this file's, which begins with {first.start:%Y-%m}."
                ] = None
                continue
            bill = await self._bill(month, sorted(previous.details), allocation)
            lost = [each.field for each in bill.table.adapted if each.field in wanted]
            if lost or bill.doubts:
                kept = listed(list(dict.fromkeys(lost))) if lost else "what the allocation needs"
                self.uncorrected.append(
                    f"Charges of {month.start:%Y-%m} are not corrected: they cannot be compared"
                    f" with the earlier files, since the API does not group by {kept} now."
                )
                continue
            if not bill.known:
                continue
            settled = settled_until(self._now()).date()
            found = corrections(previous, stated, bill.charges(), bill.known, settled)
            lines = _Lines(self._rows(bill), found, bill.missing_days, corrects_in=last)
            await self._put(writer, lines)

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
            uncorrected=tuple(self.uncorrected),
            notes=tuple(self.notes),
            so_far=so_far(settled_until(now), midnight(period.start), end),
        )


class _Written(NamedTuple):
    """What was written at once: how many charges, and their sums by currency."""

    charges: int
    sums: Mapping[str, Decimal]


class _Lines:
    """Charges on their way to a file.

    Args:
        rows: makes their rows.
        charges: the charges.
        missing: the days of their billing period that are not known, in words.
        corrects_in: the billing period that they bring corrections in, if that is what they are.
    """

    def __init__(
        self,
        rows: Rows,
        charges: Iterator[Charge],
        missing: str | None,
        *,
        corrects_in: Period | None = None,
    ) -> None:
        self._rows = rows
        self._charges = charges
        self._missing = missing
        self.corrects_in = corrects_in

    def next(self, writer: Writer) -> _Written | None:
        """Write the next charges; ``None`` if there are no more."""
        count, sums = 0, dict[str, Decimal]()
        while count < SLICE and (block := list(islice(self._charges, _AT_ONCE))):
            writer.write(
                [
                    self._rows.row(charge, corrects_in=self.corrects_in, missing=self._missing)
                    for charge in block
                ]
            )
            count += len(block)
            for charge in block:
                _add(sums, {charge.currency: charge.amount})
        return _Written(count, sums) if count else None


def _add(totals: dict[str, Decimal], amounts: Mapping[str, Decimal]) -> None:
    for currency, amount in amounts.items():
        totals[currency] = plus(totals.get(currency, Decimal(0)), amount)
