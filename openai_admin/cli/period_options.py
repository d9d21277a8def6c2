"""The options of commands that look at whole days: a month, a range, some projects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .._declare.dates import period
from ..errors import InvalidInputError
from .dates import MONTH_HELP, NOT_BOTH
from .values import split

if TYPE_CHECKING:
    from ..insights import Period

_MONTH_HELP = "2026-10, 2026-W40, 2026-Q3, 2026, yesterday, mtd, ytd, this-month, last-month"
_DAYS_HELP = "a date, 2026-W40, 2026-10, 2026-Q3, 7d, mtd, last-month"

Month = Annotated[
    str | None,
    typer.Option("--month", metavar="PERIOD", help=MONTH_HELP),
]
LastMonth = Annotated[
    bool,
    typer.Option(
        "--last-month",
        help="The last whole month, as --month last-month.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DAY",
        help=f"The first day: {_DAYS_HELP}.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="DAY",
        help="The first day not included; a period is included whole: 2026-11-01 and 2026-10 both"
        " end with October. By default the end of the period that --since names, else today.",
    ),
]
Project = Annotated[
    list[str] | None,
    typer.Option(
        "--project",
        metavar="NAME",
        help="Only this project, by name or id; may be repeated, or have several (A,B).",
    ),
]
Compare = Annotated[
    Literal["previous", "last-year", "none"],
    typer.Option(
        "--compare",
        metavar="previous|last-year|none",
        help="What costs are compared with: as many days or months before, the same dates a year"
        " earlier, or nothing.",
    ),
]


def period_of(
    *,
    month: str | None = None,
    last_month: bool = False,
    since: str | None = None,
    until: str | None = None,
    now: datetime | None = None,
) -> Period | None:
    """The days that options name, UTC; ``None`` where none was passed.

    A month that is not over is whole: `Period.so_far` gives the part of it that has begun.

    Args:
        month: a period, as ``2026-10``.
        last_month: whether it is the last whole month.
        since: the first day.
        until: the end, exclusive; by default that of the period that `since` names, else today's.
        now: what words refer to; by default the present.

    Raises:
        InvalidInputError: one cannot be read, several exclude each other, or the period is empty,
            in the future, or of parts of days.
    """
    from ..insights.periods import Period  # brings all insights

    now = datetime.now(UTC) if now is None else now.astimezone(UTC)
    month = chosen_month(month, last_month, since, until)
    if month is not None:
        named = period(month, "--month", now=now, hint=_MONTH_HELP)
        if named.end is None:
            raise InvalidInputError(
                f"--month must be a period, such as 2026-10 or last-month, not {month!r}."
            )
        return _begun(Period(named.start.date(), named.end.date()), "--month", month, now)
    if since is None and until is None:
        return None
    if since is None:
        raise InvalidInputError("--until needs --since: pass both, or --month.")
    first = period(since, "--since", now=now, hint=_DAYS_HELP)
    end = first.end if until is None else period(until, "--until", now=now, hint=_DAYS_HELP).until
    if end is None:
        end = _midnight(now) + timedelta(days=1)
    start = _day(first.start, "--since", since)
    last = _day(end, "--until", until or since)
    found = _begun(Period(start, max(start, last)), "--since", since, now)
    if last <= start:
        raise InvalidInputError(f"--until must be after --since: {last} is not after {start}.")
    return found


def projects_of(named: Sequence[str] | None) -> list[str]:
    """The projects that ``--project`` names, each once; none where it was left out.

    Raises:
        InvalidInputError: a name is empty.
    """
    found = [split(text, "--project") for text in named or ()]
    if not all(found):
        check_projects([""])
    names = list(dict.fromkeys(name for some in found for name in some))
    check_projects(names)
    return names


def check_projects(names: Sequence[str]) -> None:
    """Refuse a project without a name, as of a shell variable that is not set: nobody who names a
    project means the whole organization.

    Raises:
        InvalidInputError: a name is empty.
    """
    if not all(isinstance(name, str) and name.strip() for name in names):
        raise InvalidInputError(
            "--project must not be empty: pass the name or the id of a project, or leave it out"
            " for the whole organization."
        )


def chosen_month(
    month: str | None, last_month: bool, since: str | None, until: str | None
) -> str | None:
    """What ``--month`` names, or ``--last-month`` means; ``None`` without either.

    Raises:
        InvalidInputError: there is more than one of them, or a range as well.
    """
    is_range = since is not None or until is not None
    if last_month and (month is not None or is_range):
        raise InvalidInputError("Pass --last-month without --month, --since and --until.")
    if month is not None and is_range:
        raise InvalidInputError(NOT_BOTH)
    return "last-month" if last_month else month


def _begun(found: Period, where: str, text: str, now: datetime) -> Period:
    if found.start > now.date():
        raise InvalidInputError(f"{where} lies in the future: {text!r}; it must have begun.")
    return found


def _day(moment: datetime, where: str, text: str) -> date:
    """The day that begins at a moment.

    Raises:
        InvalidInputError: none does.
    """
    if moment != _midnight(moment):
        written = f"{moment:%Y-%m-%dT%H:%MZ}"
        means = "" if text == written else f", which is {written}"
        raise InvalidInputError(
            f"{where} must be the beginning of a day, UTC, such as 2026-10-01, since this is of"
            f" whole days, not {text!r}{means}."
        )
    return moment.date()


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
