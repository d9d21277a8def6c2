"""What a report is of, in words: whose costs, which days, and what of it is as of now."""

from __future__ import annotations

from datetime import timedelta

from ..directory.not_known import not_checked
from ..insights import Period, Review
from ..insights.defaults import RESTATED_DAYS
from ..insights.text import at_least, count, day, days, minute
from .document import Tile


def title(review: Review) -> str:
    """Whose spend and access."""
    whose = [review.name(id) for id in review.scope.project_ids]
    if not whose:
        return "Spend and access"
    return f"Spend and access of {whose[0] if len(whose) == 1 else f'{len(whose)} projects'}"


def subtitle(review: Review) -> str:
    """Which days, what they are compared with, and when they were looked at."""
    so_far = " so far" if review.is_so_far else ""
    compared = review.scope.compared
    against = f"; compared with {compared}" if compared is not None else ""
    told = [f"{days(review.period)}{so_far}, UTC{against}.", f"Fetched {minute(review.now)}."]
    if len(review.scope.project_ids) > 1:
        told.append(f"Of {', '.join(map(review.name, review.scope.project_ids))}.")
    if review.scope.is_closed:
        told.append("Keys, people and limits are as of then, not of the period.")
    return " ".join(told)


def as_of(review: Review) -> str:
    """When what is about the present was looked at, where the period is over; else nothing."""
    return f" (as of {minute(review.now)})" if review.scope.is_closed else ""


def spent_in(review: Review) -> str:
    """The label of what the period cost: a calendar month has a name."""
    period = review.period
    first, last = period.start, period.end - timedelta(days=1)
    is_so_far = review.now.date() in period
    is_begun_month = is_so_far and first == last.replace(day=1)
    so_far = " so far" if is_so_far else ""
    if period.days == 1 and not is_begun_month:
        return f"Spent on {day(first)}{so_far}"
    if period.months == 1 or is_begun_month:
        what = f"{first:%B %Y}"
    elif period.months == 3 and first.month % 3 == 1:
        what = f"Q{first.month // 3 + 1} {first.year}"
    elif period.months == 12 and first.month == 1:
        what = f"{first.year}"
    else:
        what = count(period.days, "day")
    return f"Spent in {what}{so_far}"


def settled(review: Review) -> Tile:
    """Whether the bill of a period that is over may still change."""
    first, target = review.unsettled_from, "projects"
    if refused := review.why_not_known("by_project"):
        note = not_checked(refused, review.names)
        return Tile(
            label="May still be restated", value="not known", note=note, tone="warn", target=target
        )
    if first is None:
        note = f"the API restates a day for up to {count(RESTATED_DAYS, 'day')}"
        return Tile(label="May still be restated", value="nothing", note=note, target=target)
    unsettled = Period(first, review.period.end)
    final = review.period.end + timedelta(days=RESTATED_DAYS)
    value = "not known"
    if review.daily is not None:
        cost, gaps = review.daily.total().cost((), unsettled), review.daily.missing(unsettled)
        value = at_least(cost, review.currency, gaps=gaps)
    return Tile(
        label="May still be restated",
        value=value,
        note=f"what {days(unsettled)} cost; final from {day(final)} on",
        target=target,
    )
