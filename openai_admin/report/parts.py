"""A review as a document: the questions that people ask, each with its answers."""

from __future__ import annotations

from ..insights import Review
from .access import access_part, to_go
from .document import Document, Part, Tile, Tone
from .limits import limits_part
from .spending import change_part, month_part, spending_part
from .text import count, days, minute, money, signed_percent


def document(review: Review) -> Document:
    """What a report says about an organization."""
    parts: tuple[Part, ...] = (
        spending_part(review),
        change_part(review),
        month_part(review),
        access_part(review),
        limits_part(review),
    )
    return Document(
        title="Spend and access",
        subtitle=f"{days(review.period)}, UTC; compared with {review.by_project.previous}. "
        f"Fetched {minute(review.now)}.",
        tiles=_tiles(review),
        parts=parts,
        notes=_notes(review),
    )


def _tiles(review: Review) -> tuple[Tile, ...]:
    total, currency = review.by_project.total, review.currency
    projection = review.projection
    found = len(review.anomalies.found)
    going = to_go(review)
    near = len(review.near_thresholds) + len(review.near_rate_limits)
    ending = len(review.ending_certificates)
    change = signed_percent(total.relative)
    worst: Tone | None = "warn" if near + ending else "good"
    if any(t.standing == "reached" for t in review.near_thresholds):
        worst = "bad"
    return (
        Tile(
            label=f"Spent in {count(review.period.days, 'day')}",
            value=money(total.cost, currency),
            note=f"{change} against {money(total.previous, currency)}"
            if change
            else "no costs to compare with",
            target="projects",
        ),
        Tile(
            label=f"Expected for {review.projection.month.start:%B}",
            value=money(projection.expected, currency) if projection.expected is not None else "?",
            note=f"{money(projection.low, currency)} to {money(projection.high, currency)}"
            f" ({projection.coverage:.0%} range)"
            if projection.low is not None and projection.high is not None
            else "too little history for a range",
            target="projection",
        ),
        Tile(
            label="Unusual days",
            value=str(found),
            note=f"{money(review.anomalies.found[0].excess, currency)} above usual at the most"
            if found and review.anomalies.found[0].excess > 0
            else f"{count(review.anomalies.judged, 'project and model', 'projects and models')}"
            " looked at",
            tone="bad" if found else "good",
            target="anomalies",
        ),
        Tile(
            label="Keys and people to look at",
            value=str(going),
            note="unused, forgotten, or of people who left",
            tone="bad" if review.keys_of_former_members else "warn" if going else "good",
            target="keys",
        ),
        Tile(
            label="Limits and certificates",
            value=str(near + ending),
            note=f"{count(near, 'limit')} near, {count(ending, 'certificate')} ending",
            tone=worst,
            target="thresholds",
        ),
    )


def _notes(review: Review) -> tuple[str, ...]:
    notes = [
        "Days are UTC days, as they are billed.",
        "The day that runs now counts only in the month's projection, not in sums.",
        "The API restates recent days, usually upwards: the last three may still rise.",
    ]
    gaps = review.by_project.gaps
    if gaps:
        notes.append(f"Costs of {count(gaps, 'day')} could not be fetched; sums lack them.")
    if review.missing:
        what = "; ".join(review.missing)
        notes.append(f"Could not be looked at, so nothing is said about it: {what}.")
    return tuple(notes)
