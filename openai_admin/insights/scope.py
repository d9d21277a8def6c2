"""What a review is of: which days, beside which others, and which projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, get_args

import attrs

from .._declare.arguments import one_of, suggest
from .._wire.portable import Portable
from ..errors import InvalidInputError
from .periods import Period, utc, whole_days

Compare = Literal["previous", "last-year", "none"]
"""What costs are compared with: as many days, or months, before; the same dates a year earlier; or
nothing."""

COMPARISONS: tuple[Compare, ...] = get_args(Compare)

DAYS = 30
"""How many days are looked at where neither days nor a period are asked for."""

_OF_ORGANIZATION = (
    "stale_admin_keys",
    "non_expiring_admin_keys",
    "inactive_owners",
    "pending_invites",
    "ending_certificates",
)
_TO_COMPARE = ("movers",)
_OF_PRESENT = ("projection", "busy_hours")
_OF_ALLOCATION = ("by_team",)
_OF_BUDGETS = ("budgets",)


@attrs.frozen(kw_only=True)
class Scope(Portable):
    """What a review leaves aside, since it was asked about something else.

    Attributes:
        compared: the days that costs are compared with; ``None`` where they are not.
        compare: what these days are.
        is_closed: whether the period was asked for by its dates and is over. Then its bill is
            what there is to know, and no month is projected.
        project_ids: the projects that it is about; empty where it is about the organization.
        allocation: the file whose rules say whose costs are whose; ``None`` where none was given.
        has_budgets: whether budgets were given.
    """

    compared: Period | None
    compare: Compare = "previous"
    is_closed: bool = False
    project_ids: tuple[str, ...] = ()
    allocation: str | None = None
    has_budgets: bool = False

    @property
    def is_apart(self) -> bool:
        """Whether what is compared with lies so far back that it is fetched by itself."""
        return self.compared is not None and self.compare == "last-year"

    @property
    def before(self) -> str:
        """What costs are compared with, in words."""
        return "the year before" if self.compare == "last-year" else "the period before"

    @property
    def aside(self) -> Mapping[str, str]:
        """The findings that it is not about, each with the reason."""
        found: dict[str, str] = {}
        if self.compared is None:
            found |= dict.fromkeys(_TO_COMPARE, "nothing was compared")
        if self.is_closed:
            found |= dict.fromkeys(_OF_PRESENT, "the period is over")
        if self.project_ids:
            of = "a project" if len(self.project_ids) == 1 else "some projects"
            reason = f"it is of the organization, and this is about {of}"
            found |= dict.fromkeys(_OF_ORGANIZATION, reason)
        if self.allocation is None:
            found |= dict.fromkeys(_OF_ALLOCATION, "no allocation says whose costs are whose")
        if not self.has_budgets:
            found |= dict.fromkeys(_OF_BUDGETS, "no budgets were given")
        return found


def period_asked_for(
    days: int | None, period: Period | None, compare: Compare, *, now: datetime
) -> tuple[Period, Scope]:
    """The days to look at, up to today at most, and what they are compared with.

    Args:
        days: how many days up to yesterday; by default `DAYS`.
        period: the days, in place of that.
        compare: what costs are compared with.
        now: the present, with a time zone.

    How far back the API answers is for the API to say: what it refuses is not known.

    Raises:
        InvalidInputError: `days` is less than 1, or is passed with `period`; the period is empty or
            in the future; or it is too long to be compared with the year before.
    """
    if compare not in COMPARISONS:
        raise InvalidInputError(
            f"compare must be {one_of(COMPARISONS)}, not {compare!r}"
            f"{suggest(str(compare), COMPARISONS)}"
        )
    if period is None:
        found = whole_days(DAYS if days is None else days, now=now)
        return found, Scope(compared=_compared(found, compare, by_days=True), compare=compare)
    if days is not None:
        raise InvalidInputError("Pass days or period, not both.")
    if not period.days:
        raise InvalidInputError(
            f"The period must have at least one day: it ends where it starts, at {period.start}."
        )
    found = period.so_far(now)
    today = utc(now).date()
    return found, Scope(
        compared=_compared(found, compare), compare=compare, is_closed=period.end <= today
    )


def _compared(period: Period, compare: Compare, *, by_days: bool = False) -> Period | None:
    if compare == "none":
        return None
    if compare == "previous":
        return period.before() if by_days else period.preceding()
    return period.same_of_year_before()


def names_of(project: str | Collection[str] | None) -> list[str]:
    """The projects that were asked for, as they were named; empty for the whole organization.

    Raises:
        InvalidInputError: there is none among several, or one without a name.
    """
    if project is None:
        return []
    named = [project] if isinstance(project, str) else list(dict.fromkeys(project))
    if not named or not all(isinstance(name, str) and name.strip() for name in named):
        raise InvalidInputError(
            "project must be the name or the id of a project, or several: leave it out for the"
            " whole organization."
        )
    return named
