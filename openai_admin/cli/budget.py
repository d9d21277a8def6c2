"""``openai-admin budget``: where budgets stand, and exit code 3 where one is passed."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..allocation.rules import VARIABLE
from ..errors import InvalidInputError
from .allocated import named_file
from .budget_rows import NAMES, apart, period_name, write
from .budget_rows import probability as probability_told
from .connect import Target, connected
from .errors import CommandError, end_found
from .lazy import Command
from .loop import run
from .options import (
    AllowMissing,
    BaseURL,
    Columns,
    Demo,
    Dialect,
    ExpectOrganization,
    Force,
    Format,
    MaxResponseBytes,
    Out,
    Profile,
    Strict,
    Verbose,
)
from .output import Output
from .parameters import reworded
from .period_options import LastMonth, Month, check_projects, period_of
from .progress import Progress
from .table import money
from .terminal import printable
from .unread import noting

if TYPE_CHECKING:
    from ..allocation import Allocation
    from ..insights import Period
    from ..insights.budgets import Budget, BudgetsLook, BudgetStatus

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_AMOUNT = re.compile(r"\d{1,26}(\.\d+)?")


def _amount(text: str | Decimal) -> Decimal:
    if not _AMOUNT.fullmatch(str(text).replace("_", "")):
        raise typer.BadParameter(
            f"{text!r} is not an amount in dollars: write it in digits, as 20000 or 19999.50."
        )
    return Decimal(str(text).replace("_", ""))


def _probability(text: str | Decimal) -> Decimal:
    if not _AMOUNT.fullmatch(str(text)) or not 0 < Decimal(text) <= 1:
        raise typer.BadParameter(f"{text!r} must be above 0 and at most 1, as 0.5.")
    return Decimal(text)


@app.command(cls=Command)
def budget(
    limit: Annotated[
        Decimal | None,
        typer.Option(
            "--limit", metavar="DOLLARS", parser=_amount, help="What may be spent, as 20000."
        ),
    ] = None,
    project: Annotated[
        list[str] | None,
        typer.Option(
            "--project",
            metavar="NAME",
            help="With --limit, only the costs of this project, by name, id or pattern (Search*);"
            " of several (A,B), together.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="The budgets in this file, as budgets.toml."),
    ] = None,
    from_api: Annotated[
        bool,
        typer.Option("--from-api", help="The spend limits and alerts that the API has, by month."),
    ] = False,
    period: Annotated[
        Literal["day", "week", "month", "quarter", "year"] | None,
        typer.Option(
            "--period",
            metavar="day|week|month|quarter|year",
            help="What --limit is for, UTC; by default month.",
        ),
    ] = None,
    on: Annotated[
        Literal["actual", "forecast"] | None,
        typer.Option(
            "--on",
            metavar="actual|forecast",
            help="Whether a budget is passed once more than its limit is spent, or also when the"
            " forecast says that it will be; by default actual. In a file, for budgets that do not"
            " say so.",
        ),
    ] = None,
    probability: Annotated[
        Decimal | None,
        typer.Option(
            "--probability",
            metavar="P",
            parser=_probability,
            help="With --on forecast, how probable it must be that the limit is passed; by default"
            " 0.5.",
        ),
    ] = None,
    month: Month = None,
    last_month: LastMonth = False,
    allocation: Annotated[
        Path | None,
        typer.Option(
            "--allocation",
            metavar="FILE",
            help="Whose costs are whose, for budgets of teams; by default the file that"
            f" {VARIABLE} names, else allocation.toml beside the configuration.",
        ),
    ] = None,
    format: Format = None,
    csv_dialect: Dialect = None,
    columns: Columns = None,
    out: Out = None,
    force: Force = False,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    max_response_bytes: MaxResponseBytes = None,
    verbose: Verbose = 0,
) -> None:
    """Compare spending with budgets; the exit code is 3 where one is passed.

    A budget is passed by more than its limit: what is spent to the cent is not. With --on forecast
    it is also passed where that is to be expected with --probability. 3 outranks 1: where what is
    known is above the limit already, it does not matter what is not. Where it is below, and
    something is not known, the exit code is 1.
    """
    if limit is None and (project or period is not None):
        raise CommandError("--project and --period are for --limit: pass what may be spent.")
    if limit is None and not from_api and probability is not None:
        raise CommandError("--probability is for --limit and --from-api; a file has its own.")
    if probability is not None and on != "forecast":
        raise CommandError("--probability is for --on forecast.")
    meant = period_of(month=month, last_month=last_month)
    rules = _allocation(allocation, file)
    budgets = [
        *_typed(limit, project, period, on, probability),
        *_of_file(file, rules, on),
    ]
    if not budgets and not from_api:
        raise CommandError("There is no budget: pass --limit, --file or --from-api.")
    _check_kinds(budgets, meant, f"--month: {month!r}" if month else "--last-month")
    output = Output(format, columns or (), out, force, csv_dialect)
    output.check(NAMES)
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    basis = (on or "actual") if from_api else None
    with noting() as unread:  # each budget says itself whether what is not known is its own
        found = run(_look(target, budgets, basis, probability, meant, rules))
    unread.tell()
    passed, lacks = _passed(found), _lacking(found)
    for note in found.notes:
        print(printable(note), file=sys.stderr)
    try:
        write(found.statuses, output)
    except CommandError as exc:
        if not passed:
            raise
        lacks.insert(0, str(exc))
    end_found(passed, *lacks, allowed=allow_missing)


def _typed(
    limit: Decimal | None,
    projects: Sequence[str] | None,
    period: Any,
    on: Any,
    probability: Decimal | None,
) -> list[Budget]:
    """The budget that the options describe."""
    if limit is None:
        return []
    from ..insights.budgets import Budget, BudgetScope

    check_projects(projects or ())
    given = {"period": period, "on": on, "at": probability}
    names = [name.strip() for text in projects or () for name in text.split(",")]
    if not all(names):
        raise CommandError("--project must have a name, an id or a pattern; it is empty.")
    scope = BudgetScope(projects=names)
    return [
        Budget(
            name=", ".join(scope.projects) or "organization",
            limit=limit,
            scope=scope,
            **{name: value for name, value in given.items() if value is not None},
        )
    ]


def _of_file(file: Path | None, allocation: Allocation | None, on: Any) -> Sequence[Budget]:
    if file is None:
        return ()
    from ..insights.budgets import read_budgets

    return read_budgets(file, allocation=allocation, on=on or "actual")


def _allocation(named: Path | None, file: Path | None) -> Allocation | None:
    """The allocation that budgets of a file may be about."""
    if file is None:
        if named is not None:
            raise CommandError("--allocation is for the budgets of --file.")
        return None
    path = named or named_file()
    if path is None:
        return None
    from ..allocation import Allocation

    return Allocation.from_file(path)


def _check_kinds(budgets: Sequence[Budget], period: Period | None, given: str) -> None:
    """Refuse a period that a budget is not for.

    Raises:
        CommandError: it is of another length.
    """
    for each in budgets:
        if period is not None and not each.is_for(period):
            of = "--limit" if each.source is None else f"the budget {each.name!r} of {each.source}"
            raise CommandError(f"{given} is not a {each.period}, which {of} is for.")


async def _look(
    target: Target,
    budgets: Sequence[Budget],
    from_api: Any,
    probability: Decimal | None,
    period: Period | None,
    allocation: Allocation | None,
) -> BudgetsLook:
    from ..insights.budgets import look_at_budgets

    async with (
        Progress("Looking at the budgets") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        try:
            return await look_at_budgets(
                client,
                budgets,
                from_api=from_api,
                at=probability,
                period=period,
                allocation=allocation,
            )
        except InvalidInputError as exc:
            text = str(exc)
            if text.startswith("projects:"):  # not those of a file, which has its lines
                text = reworded(text, {"projects:": "--project:"})
            raise InvalidInputError(text) from None


def _passed(found: BudgetsLook) -> list[str]:
    """That budgets are passed, a sentence each."""
    return [_told(status) for status in found.statuses if status.is_passed]


def _told(status: BudgetStatus) -> str:
    budget = status.budget
    spent, limit = apart(status.spent, budget.limit)
    limit = f"{limit} {budget.currency}"
    if status.spent > budget.limit:
        least = "at least " if status.lacks else ""
        return (
            f"{budget.name} is over its budget of {limit} for {period_name(status)}:"
            f" {least}{spent} is spent."
        )
    expected = money(status.expected or status.spent)
    return (
        f"{budget.name} is expected to pass its budget of {limit} for {period_name(status)}: it"
        f" should come to {expected} (probability {probability_told(status)})."
    )


def _lacking(found: BudgetsLook) -> list[str]:
    """What is not known, a sentence each."""
    unknown = [status for status in found.statuses if status.is_passed is None]
    told = [
        f"Whether {status.budget.name} is over budget is not known:"
        f" {'; '.join(status.lacks) or 'there is too little history for a forecast'}."
        for status in unknown
    ]
    return [*told, *(f"Not all spend limits and alerts are known: {each}." for each in found.lacks)]
