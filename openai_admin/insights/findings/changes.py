"""What changed, and what the month will cost."""

from __future__ import annotations

from datetime import timedelta

from ...directory.not_known import known
from ..around import MOST_DAYS, ChangeAround, in_order
from ..costs import Mover, moved_together
from ..naming import UNKNOWN, Named
from ..outliers import Anomaly, AnomalySearch
from ..periods import Period, month_of
from ..projection import Projection
from ..reviews import Review
from ..text import at_least, count, money, signed
from .distribution import Distribution
from .finding import Column, Finding, Group, Topic
from .spending import no_change_stated


def _movers_text(review: Review) -> tuple[str, ...]:
    total = known(review.by_project).total
    if total.change is None:
        return no_change_stated(total, review.scope.before)
    change = signed(total.change, review.currency)
    most = "; what moved most is listed by project and model" if known(review.movers) else ""
    so_far = ""
    if review.is_so_far:
        so_far = f" so far, against the whole of {review.scope.compared}"
    return (f"Costs changed by {change} in all{so_far}{most}.",)


MOVERS: Finding[Mover] = Finding(
    key="movers",
    title="Largest changes of cost, by project and model",
    rows=lambda review: known(review.movers),
    columns=(
        Column(
            "project_id",
            "Project",
            "thing",
            lambda m: Named(m.cost.group[0]),
            name_field="project_name",
        ),
        Column("model", "Model", "text", lambda m: m.cost.group[1], absent=UNKNOWN),
        Column("change", "Change", "change", lambda m: m.cost.change),
        Column("previous", "Before", "money", lambda m: m.cost.previous, importance="minor"),
        Column("cost", "Now", "money", lambda m: m.cost.cost, importance="minor"),
        Column(
            "change_percent",
            "Change, %",
            "relative",
            lambda m: m.cost.relative,
            importance="minor",
            absent=lambda m: "" if m.cost.status == "kept" else m.cost.status or "",
        ),
        Column("share_percent", "Share", "share", lambda m: m.cost.share, importance="detail"),
    ),
    noun=("change", "changes"),
    text=_movers_text,
    together=moved_together,
)


def anomaly_sentences(search: AnomalySearch) -> tuple[str, ...]:
    """What a search found, and in how much; nothing is claimed where there was nothing to judge."""
    pairs = ("project and model", "projects and models")
    text = []
    if search.judged:
        text.append(ANOMALIES.said(len(search.found)))
        text.append(f"{count(search.judged, *pairs)} looked at.")
    elif not search.too_short:
        text.append("Nothing cost enough to be looked at.")
    if search.too_short:
        text.append(f"{count(search.too_short, *pairs)} with too little history to judge.")
    if search.too_small and (search.judged or search.too_short):
        text.append(f"{count(search.too_small, *pairs)} cost too little on every day to matter.")
    return tuple(text)


ANOMALIES: Finding[Anomaly] = Finding(
    key="anomalies",
    title="Days that cost far more or less than usual",
    rows=lambda review: known(review.anomalies).found,
    columns=(
        Column("day", "Day", "day", lambda a: a.day),
        Column(
            "project_id",
            "Project",
            "thing",
            lambda a: Named(a.group[0]),
            name_field="project_name",
        ),
        Column("model", "Model", "text", lambda a: a.group[1], absent=UNKNOWN),
        Column("cost", "Cost", "money", lambda a: a.cost, judged=True),
        Column("usual", "Expected", "money", lambda a: a.expected, importance="minor"),
        Column(
            "usual_low",
            "Usual",
            "range",
            lambda a: (a.low, a.high),
            name_field="usual_high",
            importance="minor",
        ),
        Column("difference", "Above expected", "change", lambda a: a.excess, importance="minor"),
    ),
    distributions=(Distribution("by_project", "Project", lambda a: Named(a.group[0])),),
    noun=("day", "days"),
    none="No day cost far more or less than usual.",
    some="{count} on which a project's use of a model cost far more or less than usual.",
    text=lambda review: anomaly_sentences(known(review.anomalies)),
    tone=lambda a: "bad" if a.excess > 0 else "warn",
)


def _around_text(review: Review) -> tuple[str, ...]:
    days = known(review.around_anomalies)
    search = known(review.anomalies)
    if not search.found:
        return anomaly_sentences(search)
    changes = [change for each in days for change in each.changes]
    same = sum(change.in_same_project for change in changes)
    told = [AROUND_ANOMALIES.said(len(changes))]
    if changes:
        told.append(
            f"{same:,} in a project that was unusual, listed first."
            if same
            else "None is in a project that was unusual."
        )
    for each in days:
        if each.has_more:
            told.append(f"Of {each.day}, only the latest {len(each.changes):,} were read.")
        elif not each.changes:
            told.append(f"There are none of {each.day}.")
    unusual = len({anomaly.day for anomaly in search.found})
    if unusual > MOST_DAYS:
        told.append(f"Only the {MOST_DAYS} most unusual of {unusual:,} days were looked around.")
    return tuple(told)


AROUND_ANOMALIES: Finding[ChangeAround] = Finding(
    key="around_anomalies",
    title="What was changed on these days and the day before",
    rows=lambda review: in_order(known(review.around_anomalies)),
    columns=(
        Column("change", "Change", "text", lambda c: c.change),
        Column("actor", "By", "text", lambda c: c.actor),
        Column("at", "When", "minute", lambda c: c.at),
        Column(
            "project_id",
            "Project",
            "thing",
            lambda c: Named(c.project_id, c.project),
            name_field="project_name",
        ),
        Column("day", "Unusual day", "day", lambda c: c.day, importance="minor"),
        Column(
            "in_same_project",
            "In the same project",
            "text",
            lambda c: "yes" if c.in_same_project else "no",
            importance="detail",
        ),
    ),
    noun=("change", "changes"),
    none="The audit log has no change around the unusual days.",
    some="{count} on these days and the day before, by the audit log, without logins.",
    text=_around_text,
)


def _month(review: Review) -> str:
    return f"{month_of(review.now).start:%B %Y}"


def no_estimate(projection: Projection) -> str:
    """Why a projection expects nothing, as a sentence."""
    if projection.gaps:
        return (
            f"What it will cost is not known: costs of {count(projection.gaps, 'day')} are missing."
        )
    if not projection.spent:
        return "There are no costs to estimate the month from."
    return "All costs are too recent to estimate the month from."


def _projection_text(review: Review) -> tuple[str, ...]:
    projection, currency = known(review.projection), review.currency
    spent = at_least(projection.spent, currency, gaps=projection.gaps)
    if projection.expected is None:
        text = [
            f"{spent[:1].upper()}{spent[1:]} so far in {_month(review)}. {no_estimate(projection)}"
        ]
    else:
        expected = money(projection.expected, currency)
        text = [f"{_month(review)} should cost {expected}: {spent} so far."]
        if projection.low is not None and projection.high is not None:
            text.append(
                f"It should end between {money(projection.low, currency)} and "
                f"{money(projection.high, currency)}, {projection.coverage:.0%} of the time."
            )
        text.append(
            f"{money(projection.unsettled, currency)} of what was spent may still be restated. "
            f"The estimate is based on {count(projection.fitted_days, 'day')}."
        )
    return (*text, *_last_month(review))


def _last_month(review: Review) -> list[str]:
    """What the month before cost, where all of it was fetched."""
    month = known(review.projection).month
    daily = known(review.daily)
    span = daily.span()
    first = (month.start - timedelta(days=1)).replace(day=1)
    before = Period(first, month.start)
    if span is None or span.start > first or daily.missing(before):
        return []
    cost = daily.total().cost((), before)
    return [f"The month before, {first:%B}, cost {money(cost, review.currency)}."]


PROJECTION: Finding[Projection] = Finding(
    key="projection",
    title="What the month has cost, and what to expect",
    rows=lambda review: (
        () if known(review.projection).expected is None else (known(review.projection),)
    ),
    # A single row, which the sentences say and the chart shows.
    columns=(
        Column("month", "Month", "days", lambda p: p.month, importance="detail"),
        Column("spent", "Spent", "money", lambda p: p.spent, importance="detail"),
        Column("unsettled", "Unsettled", "money", lambda p: p.unsettled, importance="detail"),
        Column("expected", "Expected", "money", lambda p: p.expected, importance="detail"),
        Column(
            "low",
            "Range",
            "range",
            lambda p: None if p.low is None else (p.low, p.high),
            name_field="high",
            importance="detail",
        ),
        Column("coverage_percent", "Coverage", "share", lambda p: p.coverage, importance="detail"),
        Column(
            "fitted_days", "Days fitted", "number", lambda p: p.fitted_days, importance="detail"
        ),
        Column("days_missing", "Days missing", "number", lambda p: p.gaps, importance="detail"),
    ),
    noun=("month", "months"),
    text=_projection_text,
)

CHANGES = Topic(
    "What changed?",
    (
        Group("movers", "What changed most?", (MOVERS,)),
        Group("anomalies", "Were there unusual days?", (ANOMALIES, AROUND_ANOMALIES)),
    ),
)
MONTH = Topic(
    "What will the month cost?",
    (Group("projection", lambda review: f"What should {_month(review)} cost?", (PROJECTION,)),),
)
