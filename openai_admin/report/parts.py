"""A review as a document: the questions that people ask, each with its answers."""

from __future__ import annotations

from ..insights import Review
from ..insights.defaults import RESTATED_DAYS
from ..insights.findings import ACCESS, FINDINGS, LIMITS, TOPICS, Topic
from ..insights.text import count, days, minute, money, signed_percent
from ..insights.unread import amounts, sentences
from .document import Document, Tile
from .sections import part


def document(review: Review) -> Document:
    """What a report says about an organization."""
    return Document(
        title="Spend and access",
        subtitle=f"{days(review.period)}, UTC; compared with {review.by_project.previous}. "
        f"Fetched {minute(review.now)}.",
        tiles=(_spent(review), _expected(review), _unusual(review), _access(review), _ends(review)),
        parts=tuple(part(review, topic) for topic in TOPICS),
        notes=_notes(review),
    )


def _spent(review: Review) -> Tile:
    total, currency = review.by_project.total, review.currency
    change = signed_percent(total.relative)
    return Tile(
        label=f"Spent in {count(review.period.days, 'day')}",
        value=money(total.cost, currency),
        note=f"{change} against {money(total.previous, currency)}"
        if change
        else "no costs to compare with",
        target="projects",
    )


def _expected(review: Review) -> Tile:
    projection, currency = review.projection, review.currency
    return Tile(
        label=f"Expected for {projection.month.start:%B}",
        value=money(projection.expected, currency) if projection.expected is not None else "?",
        note=f"{money(projection.low, currency)} to {money(projection.high, currency)}"
        f" ({projection.coverage:.0%} range)"
        if projection.low is not None and projection.high is not None
        else "too little history for a range"
        if currency is not None
        else "no costs to estimate from",
        target="projection",
    )


def _unusual(review: Review) -> Tile:
    search, currency = review.anomalies, review.currency
    return Tile(
        label="Unusual days",
        value=str(len(search.found)),
        note=f"up to {money(search.found[0].excess, currency)} above usual"
        if search.found and search.found[0].excess > 0
        else f"{count(search.judged, 'project and model', 'projects and models')} looked at"
        if search.judged
        else "nothing to judge",
        tone=FINDINGS["anomalies"].worst(review),
        target="anomalies",
    )


def _access(review: Review) -> Tile:
    # A key that is found twice counts once.
    found = {finding.subject(row) for finding in ACCESS.findings for row in finding.found(review)}
    return Tile(
        label="Keys and people to look at",
        value=str(len(found)),
        note=" ".join(("unused, inactive, or of former members", *_unread(review, ACCESS))),
        tone=ACCESS.worst(review),
        target="keys",
    )


def _ends(review: Review) -> Tile:
    found = [(finding, len(finding.found(review))) for finding in LIMITS.findings]
    return Tile(
        label="Limits and certificates",
        value=str(sum(number for _, number in found)),
        note=" ".join(
            (
                ", ".join(count(number, *finding.noun) for finding, number in found),
                *_unread(review, LIMITS),
            )
        ),
        tone=LIMITS.worst(review),
        target="thresholds",
    )


def _unread(review: Review, topic: Topic) -> tuple[str, ...]:
    """That something which a topic is about could not be read, for the note of a figure."""
    kinds = dict.fromkeys(kind for finding in topic.findings for kind in finding.based_on)
    return tuple(f"({said[:-1]})" for said in sentences(review.unread, kinds))


def _notes(review: Review) -> tuple[str, ...]:
    restated = f"the last {RESTATED_DAYS} days may still rise"
    notes = [
        "Days are UTC days, as they are billed.",
        "The current day counts only in the month's projection, not in sums.",
        f"The API restates recent days, usually upwards: {restated}.",
    ]
    gaps = review.by_project.gaps
    if gaps:
        notes.append(
            f"Costs of {count(gaps, 'day')} could not be fetched and are missing from sums."
        )
    if review.missing:
        what = "; ".join(review.missing)
        notes.append(f"Could not be looked at, so nothing is said about it: {what}.")
    if review.unread:
        notes.append(
            f"Could not be read, and is in no figure: {'; '.join(amounts(review.unread))}."
        )
    return tuple(notes)
