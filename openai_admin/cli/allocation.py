"""``openai-admin allocation check``: what rules match, and what is not allocated."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._wire.codec import plain
from ..allocation.rules import NOT_ALLOCATED, VARIABLE
from ..insights.text import count
from ..usage.money import EXACT
from .allocated import default_file, named_file
from .connect import Target, connected
from .errors import CommandError, end_found
from .lazy import Command, Entry, LazyGroup, group
from .loop import run
from .options import (
    AllowMissing,
    BaseURL,
    Columns,
    Demo,
    ExpectOrganization,
    Force,
    Format,
    MaxResponseBytes,
    Out,
    Profile,
    Strict,
    Verbose,
)
from .output import Output, writing
from .period_options import LastMonth, Month, Since, Until, period_of
from .progress import Progress

if TYPE_CHECKING:
    from ..allocation import Allocation, Check
    from ..allocation.names import Known
    from ..insights import Period

_FIELDS = ("line", "matches", "allocated_to", "valid", "amount", "currency", "percent")
_DAYS = 30  # that are looked at by default, up to yesterday
_HELP = "Check the rules that allocate costs to teams, cost centers and tags."

_app = typer.Typer(add_completion=False, rich_markup_mode=None)


def allocation_group() -> LazyGroup:
    """The group of commands about allocations."""
    entry = Entry(
        "Show what each rule matches, and what is not allocated.",
        lambda: typer.main.get_command(_app),
    )
    return group(_HELP, {"check": entry})


@_app.command(cls=Command)
def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help=f"The rules; by default what {VARIABLE} names, else allocation.toml beside the"
            " configuration file.",
        ),
    ] = None,
    month: Month = None,
    last_month: LastMonth = False,
    since: Since = None,
    until: Until = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Only read the rules and look for contradictions; nothing is sent."
        ),
    ] = False,
    fail: Annotated[
        bool,
        typer.Option(
            "--fail-not-allocated", help="Exit with 3 where some costs are not allocated."
        ),
    ] = False,
    format: Format = None,
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
    """Show what each rule of an allocation matches, and the costs that are not allocated.

    A row for each rule has the costs that it decides about; after them come those of each project
    that are not allocated, and why. A rule that contradicts another is an error.
    """
    from ..allocation import Allocation

    path = file or named_file()
    if path is None:
        raise CommandError(
            f"Name the file of the rules, or put it into {VARIABLE} or at {default_file()}."
        )
    allocation = Allocation.from_file(path)
    if offline:
        gives = ", ".join(allocation.dimensions)
        rules = count(len(allocation.rules), "rule")
        possible = allocation.possible_contradictions()
        told = "some may contradict each other" if possible else "no texts contradict each other"
        print(f"{path}: {rules} for {gives}; {told}.", *possible, sep="\n", file=sys.stderr)
        return
    output = Output(format, columns or (), out, force)
    output.check(_FIELDS)
    period = period_of(month=month, last_month=last_month, since=since, until=until)
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    found, known, missing = run(_checked(allocation, target, period))
    rows = [*_rules(found), *_left(found, known.names["project_id"])]
    with writing(output, _FIELDS, _plain, counts=("amount", "percent")) as writer:
        writer.page(rows)
        writer.end()
    for note in found.notes:
        print(note, file=sys.stderr)
    left = [f"Not all costs have a {found.dimension}."] if found.not_allocated else []
    lacks = [*missing, *found.doubts, *known.unknown]
    end_found(left if fail else [], *lacks, allowed=allow_missing)


async def _checked(
    allocation: Allocation, target: Target, period: Period | None
) -> tuple[Check, Known, list[str]]:
    from ..allocation.names import known_of
    from ..insights.periods import midnight, whole_days
    from ..usage.telling import told_missing

    days = period or whole_days(_DAYS, now=datetime.now(UTC))
    fields: Any = sorted({*allocation.needs, "project_id"})
    async with (
        Progress("Fetching costs") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        table = await client.usage.collect(
            "costs",
            adapt="all",
            partial=True,
            start_time=midnight(days.start),
            end_time=midnight(days.end),
            group_by=fields,
        )
        known = await known_of(client.usage._caller, table, allocation, projects=True)
    lost = [each.missing for each in table.adapted]
    missing = [each for each in table.missing if each not in lost]
    told = [str(each) for each in table.adapted if each.what == "start"]
    if missing:
        told.append(f"Parts could not be fetched: {'; '.join(told_missing(missing))}.")
    return allocation.check(table, known.names, known.unnamed), known, told


def _rules(found: Check) -> Iterator[dict[str, Any]]:
    for use in found.uses:
        about = {
            "line": use.rule.line,
            "matches": use.rule.subject,
            "allocated_to": use.rule.target,
            "valid": use.rule.validity or None,
        }
        for currency, amount in (use.amounts or {None: Decimal(0)}).items():
            yield about | _amount(found, currency, amount)


def _left(found: Check, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for each in found.not_allocated:
        id = each.project_id
        what = "no project" if id is None else f"project {names.get(id, id)!r}"
        about = {
            "line": None,
            "matches": what,
            "allocated_to": f"{NOT_ALLOCATED}: {each.why}",
            "valid": None,
        }
        for currency, amount in each.amounts.items():
            yield about | _amount(found, currency, amount)


def _amount(found: Check, currency: str | None, amount: Decimal) -> dict[str, Any]:
    total = found.totals.get(currency)
    percent = EXACT.divide(amount * 100, total).quantize(Decimal("0.01")) if total else None
    return {"amount": amount, "currency": currency, "percent": percent}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items()}
