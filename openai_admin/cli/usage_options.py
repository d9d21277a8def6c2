"""The options of commands that show usage and costs, and the range that they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Literal

import typer

from . import options
from .dates import DEFAULT_RANGE, SINCE_HELP, UNTIL_HELP, time_range
from .period_options import LastMonth, Month, chosen_month

_Since = Annotated[
    str | None,
    typer.Option(
        "--start-time", "--since", metavar="TIME", show_default=DEFAULT_RANGE, help=SINCE_HELP
    ),
]
_Until = Annotated[
    str | None,
    typer.Option("--end-time", "--until", metavar="TIME", help=UNTIL_HELP),
]

_Totals = Annotated[
    bool, typer.Option("--totals", help="Add up the whole range: a row for each group.")
]
_By = Annotated[
    Literal["date", "week", "month"] | None,
    typer.Option(
        "--by",
        metavar="PERIOD",
        help="Add up each date, week or month: a row for each group in each, quiet ones too.",
    ),
]
_Sort = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="COLUMN",
        help="Totals in order of a column: numbers from the largest on, texts from A on;"
        " -COLUMN turns the order round. By default what was used most is first.",
    ),
]
_Top = Annotated[
    int | None,
    typer.Option(
        "--top", metavar="N", min=1, help="The first so many totals, and the others as one row."
    ),
]
_Compare = Annotated[
    Literal["previous", "last-year", "none"],
    typer.Option(
        "--compare",
        metavar="previous|last-year|none",
        help="Totals beside those of the period before, of as many months or days, or of the same"
        " dates a year earlier: the change, and percent.",
    ),
]
_Zone = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="Days, weeks and months of a time zone, such as America/New_York, in times given too;"
        " costs are estimates then.",
    ),
]
_WholeDays = Annotated[
    bool,
    typer.Option(
        "--whole-days",
        help="Widen the range to whole days; else costs of parts of days are refused.",
    ),
]
_Names = Annotated[
    bool, typer.Option("--with-names", help="Add the names of projects, people and keys.")
]
SHARED: options.Shared = {
    "start_time": (_Since, None),
    "end_time": (_Until, None),
    "month": (Month, None),
    "last_month": (LastMonth, False),
    "tz": (_Zone, None),
    "whole_days": (_WholeDays, False),
    "totals": (_Totals, False),
    "by": (_By, None),
    "sort": (_Sort, None),
    "top": (_Top, None),
    "compare": (_Compare, "none"),
    "with_names": (_Names, False),
    "allocation": (options.AllocationFile, None),
    "allow_missing": (options.AllowMissing, False),
    **options.OUTPUT,
    **options.TARGET,
    "max_response_bytes": (options.MaxResponseBytes, None),
}


def range_of(written: Mapping[str, Any], zone: tzinfo) -> dict[str, datetime]:
    """The range that options ask for; it has no end where it goes on up to now."""
    start, end = time_range(
        written["start_time"],
        written["end_time"],
        month=chosen_month(
            written["month"], written["last_month"], written["start_time"], written["end_time"]
        ),
        now=datetime.now(UTC),
        names=("--start-time/--since", "--end-time/--until"),
        zone=zone,
    )
    return {"start_time": start} | ({"end_time": end} if end is not None else {})
