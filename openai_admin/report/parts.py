"""A review as a document: the questions that people ask, each with its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..directory.clock import clocks_differ
from ..directory.not_known import NotKnown, not_checked, not_looked_at, told
from ..insights import AnomalySearch, CostChange, Review, known, month_of
from ..insights.currencies import in_words
from ..insights.defaults import RESTATED_DAYS
from ..insights.findings import ACCESS, FINDINGS, LIMITS, MOST, TOPICS, Finding
from ..insights.findings.limits import passed_budgets
from ..insights.findings.spending import no_change
from ..insights.text import at_least, count, money, signed, signed_percent, some_of
from ..insights.unread import amounts, sentences
from .document import Document, Tile
from .heading import as_of, settled, spent_in, subtitle, title
from .sections import part

NOT_KNOWN = "not known"
"""What stands in place of a figure whose basis the API refused."""

_NOTHING_BEFORE = "no costs to compare with"


def document(review: Review, *, full: bool = False) -> Document:
    """What a report says about an organization.

    Args:
        review: what was found.
        full: whether all rows are shown; by default those that matter most, the rest as one row.
    """
    most = None if full else MOST
    return Document(
        title=title(review),
        subtitle=subtitle(review),
        tiles=(
            _spent(review),
            settled(review) if review.scope.is_closed else _expected(review),
            _unusual(review),
            _access(review),
            _ends(review),
        ),
        parts=tuple(
            part(review, topic, most=most)
            for topic in (each.about(review) for each in TOPICS)
            if topic.groups
        ),
        notes=(*_notes(review), *_shortened(review, most)),
    )


def _spent(review: Review) -> Tile:
    label, target = spent_in(review), "projects"
    if refused := review.why_not_known("by_project"):
        return _refused(review, label, target, refused)
    total, currency = known(review.by_project).total, review.currency
    return Tile(
        label=label,
        value=at_least(total.cost, currency, gaps=total.gaps),
        note=" ".join(
            (
                *filter(None, (_compared(review, total), *_besides(review))),
                *_left_out(review, [FINDINGS["by_project"]]),
            )
        ),
        target=target,
    )


def _besides(review: Review) -> tuple[str, ...]:
    """What the period cost in other currencies."""
    others = in_words(review.other_currencies)
    return (f"(and {some_of(others, ', ')} besides)",) if others else ()


def _compared(review: Review, total: CostChange) -> str:
    if review.scope.compared is None:
        return ""
    if why := no_change(total, review.scope.before):
        return why
    if not total.previous or total.change is None:
        return _NOTHING_BEFORE
    # A change of a credit has no percentage.
    change = signed_percent(total.relative) or signed(total.change, review.currency)
    against = f"against {money(total.previous, review.currency)}"
    if not review.is_so_far:
        return f"{change} {against}"
    return f"{change} so far, {against} in the whole of {review.scope.compared}"


def _refused(review: Review, label: str, target: str, refused: Sequence[NotKnown]) -> Tile:
    return Tile(
        label=label,
        value=NOT_KNOWN,
        note=not_checked(refused, review.names),
        tone="warn",
        target=target,
    )


def _expected(review: Review) -> Tile:
    label, target = f"Expected for {month_of(review.now).start:%B}", "projection"
    if refused := review.why_not_known("projection"):
        return _refused(review, label, target, refused)
    projection, currency = known(review.projection), review.currency
    return Tile(
        label=label,
        value=NOT_KNOWN if projection.expected is None else money(projection.expected, currency),
        note=f"costs of {count(projection.gaps, 'day')} are missing"
        if projection.gaps
        else f"{money(projection.low, currency)} to {money(projection.high, currency)}"
        f" ({projection.coverage:.0%} range), from {count(projection.fitted_days, 'day')}"
        if projection.low is not None and projection.high is not None
        else f"from {count(projection.fitted_days, 'day')}, too few for a range"
        if projection.expected is not None
        else "too little history for an estimate"
        if known(review.daily).groups
        else "no costs to estimate from",
        target=target,
    )


def _unusual(review: Review) -> Tile:
    label, target = "Unusual days", "anomalies"
    if refused := review.why_not_known("anomalies"):
        return _refused(review, label, target, refused)
    search, currency = known(review.anomalies), review.currency
    return Tile(
        label=label,
        value=_number(review, len(search.found), [FINDINGS["anomalies"]]),
        note=" ".join((_judged(search, currency), *_left_out(review, [FINDINGS["anomalies"]]))),
        tone=FINDINGS["anomalies"].worst(review),
        target=target,
    )


def _judged(search: AnomalySearch, currency: str | None) -> str:
    if search.found and search.found[0].excess > 0:
        return f"up to {money(search.found[0].excess, currency)} above usual"
    if search.judged:
        return f"{count(search.judged, 'project and model', 'projects and models')} looked at"
    return "nothing cost enough to be judged"


def _access(review: Review) -> Tile:
    # A key that is found twice counts once.
    topic = ACCESS.about(review)
    found = {finding.subject(row) for finding in topic.findings for row in finding.found(review)}
    findings = list(topic.findings)
    return Tile(
        label=f"Keys{_if_about(review, 'inactive_owners', ' and people')} that need attention"
        f"{as_of(review)}",
        value=_number(review, len(found), findings),
        note=" ".join(
            (
                "unused, inactive, never expiring, or of former members",
                *_left_out(review, findings),
            )
        ),
        tone=topic.worst(review),
        target="keys",
    )


def _passed(review: Review) -> list[str]:
    is_known = review.is_about("budgets") and not review.why_not_known("budgets")
    return [f"— {sentence.rstrip('.')}" for sentence in passed_budgets(review)] if is_known else []


def _ends(review: Review) -> Tile:
    topic = LIMITS.about(review)
    findings = list(topic.findings)
    known = [finding for finding in findings if not review.why_not_known(finding.key)]
    found = [(finding, len(finding.found(review))) for finding in known]
    shown = [
        f"{count(number, *finding.noun)}{standings and f' ({standings})'}"
        for finding, number in found
        for standings in (finding.standings(review),)
        if number or not review.left_out(finding.key)
    ]
    return Tile(
        label=f"Limits{_if_about(review, 'ending_certificates', ' and certificates')}"
        f"{as_of(review)}",
        value=_number(review, sum(number for _, number in found), findings),
        note=" ".join(
            filter(None, (", ".join(shown), *_passed(review), *_left_out(review, findings)))
        ),
        tone=topic.worst(review),
        target="thresholds",
    )


def _if_about(review: Review, finding: str, words: str) -> str:
    return words if review.is_about(finding) else ""


def _number(review: Review, found: int, findings: Sequence[Finding[Any]]) -> str:
    """How many were found, no more certain than what it is based on: never zero for not known."""
    refused = [finding for finding in findings if review.why_not_known(finding.key)]
    if not refused and not any(review.left_out(finding.key) for finding in findings):
        return f"{found:,}"
    if found:
        return f"at least {found:,}"
    return NOT_KNOWN if refused else "none found"


def _left_out(review: Review, findings: Sequence[Finding[Any]]) -> tuple[str, ...]:
    """What findings leave out, for the note of a figure."""
    refused = dict.fromkeys(p for f in findings for p in review.why_not_known(f.key))
    lacks = dict.fromkeys(p for f in findings for p in review.left_out(f.key) if p not in refused)
    kinds = dict.fromkeys(kind for finding in findings for kind in finding.based_on)
    return (
        *((f"({not_checked(list(refused), review.names)})",) if refused else ()),
        *((f"({not_looked_at(list(lacks), review.names)})",) if lacks else ()),
        *(f"({said[:-1]})" for said in sentences(review.unread, kinds)),
    )


def _shortened(review: Review, most: int | None) -> tuple[str, ...]:
    """That tables do not have all rows, where one does not."""
    if not any(finding.top(review, most).others for finding in FINDINGS.values()):
        return ()
    told = f"A table has the {MOST} rows that matter most, and the rest as one."
    return (f"{told} The report command's --full shows all, and --tables writes them as CSV.",)


def _of_recent_days(review: Review) -> tuple[str, ...]:
    """Which of the period's days may still change."""
    if not review.scope.is_closed:
        is_in = review.now.date() in review.period
        restated = f"the last {RESTATED_DAYS} days may still rise"
        return (
            "The current day is in sums as far as it is reported: it is not over."
            if is_in
            else "The current day counts only in the month's projection, not in sums.",
            f"The API restates recent days, usually upwards: {restated}.",
        )
    first = review.unsettled_from
    if first is None:
        return ("The bill is settled: the API restates none of the period's days any more.",)
    return (f"The bill is not settled: the API may still restate days from {first} on.",)


def _notes(review: Review) -> tuple[str, ...]:
    notes = ["Days are UTC days, as they are billed.", *_of_recent_days(review)]
    if clocks := clocks_differ(review.clock_difference):
        notes.append(clocks)
    gaps = 0 if review.by_project is None else review.by_project.gaps
    if gaps:
        notes.append(
            f"Costs of {count(gaps, 'day')} could not be fetched, or not all be read: these are"
            " missing from sums of the period."
        )
    if review.missing:
        notes.append(f"Left out of the figures: {some_of(review.missing)}.")
    if review.not_known:
        what = "; ".join(told(review.not_known, review.names))
        notes.append(f"Not known, and so in no figure: {what}.")
    if review.unread:
        notes.append(
            f"Could not be read, and is in no figure: {'; '.join(amounts(review.unread))}."
        )
    return tuple(notes)
