"""What is about to run out: money, requests, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...directory.not_known import known
from ...usage.money import BILLED_IN
from ...usage.told import listed
from ..budgets.status import BudgetStanding, BudgetStatus
from ..certificates import EndingCertificate
from ..defaults import ENDING_DAYS, NEAR, URGENT_DAYS
from ..naming import Named
from ..rate_limits import RateLimitUse
from ..reviews import Review
from ..spend import SpendThreshold, Standing
from ..text import count, some_of
from .distribution import Distribution
from .finding import Column, Finding, Group, Threshold, Tone, Topic, days

_TONES: Mapping[Standing, Tone] = {"reached": "bad", "near": "warn", "projected": "warn"}
_STANDINGS: Mapping[Standing, str] = {"projected": "expected this month"}
_BUDGET_TONES: Mapping[BudgetStanding, Tone] = {
    "passed": "bad",
    "expected": "warn",
    "warned": "warn",
    "not known": "warn",
}
_LEAST_SHOWN = 10  # rate limits; those below are far from being reached


def _standing(threshold: SpendThreshold) -> str:
    return _STANDINGS.get(threshold.standing, threshold.standing)


def _thresholds_text(review: Review) -> tuple[str, ...]:
    near, all = known(review.near_thresholds), known(review.thresholds)
    if not all:
        return ("There are no spend limits or alerts.",)
    every = count(len(all), *THRESHOLDS.noun)
    unclear = [each for each in all if each.standing == "not known"]
    told = (f"Of {every}: {THRESHOLDS.standings(review)}.",) if near else ()
    if unclear:
        verb = "is" if len(unclear) == 1 else "are"
        why = listed(list(_why_unclear(unclear)))
        return (*told, f"Whether {len(unclear)} of {every} {verb} near is not known: {why}.")
    return told or (f"None of {every} reached, near, or expected to be.",)


def _why_unclear(unclear: Sequence[SpendThreshold]) -> Iterator[str]:
    if gaps := max(each.projection.gaps for each in unclear):
        yield f"costs of {count(gaps, 'day')} of the month are missing"
    codes = {code for each in unclear for code, _ in each.other_costs}
    if codes:
        named = [code.upper() for code in sorted(filter(None, codes))]
        units = [f"in {listed(named)}"] if named else []
        units += ["without a currency"] if None in codes else []
        yield f"costs {listed(units)} are in no figure"


THRESHOLDS: Finding[SpendThreshold] = Finding(
    key="thresholds",
    title="Spend limits and alerts beside what the month has cost",
    rows=lambda review: known(review.thresholds),
    columns=(
        Column(
            "project_id",
            "Of",
            "thing",
            lambda t: Named(t.project_id),
            name_field="project_name",
            absent="The organization",
        ),
        Column("kind", "Kind", "text", lambda t: t.kind),
        Column("month", "Month", "text", lambda t: f"{t.projection.month.start:%Y-%m}"),
        Column("amount", "Threshold", "money", lambda t: t.amount, currency="usd"),
        Column("spent", "Spent", "money", lambda t: t.spent, importance="minor", currency="usd"),
        Column(
            "share_percent",
            "Used",
            "share",
            lambda t: t.share,
            part=lambda t: t.share,
            judged=True,
        ),
        Column(
            "standing",
            "State",
            "text",
            _standing,
            importance="minor",
        ),
    ),
    distributions=(Distribution("by_standing", "State", _standing),),
    noun=("spend limit or alert", "spend limits and alerts"),
    text=_thresholds_text,
    standing=_standing,
    tone=lambda t: _TONES.get(t.standing),
)


def _budget_standing(status: BudgetStatus) -> str:
    return status.standing_told


def passed_budgets(review: Review) -> list[str]:
    """A sentence that names the budgets that are passed; none where none is."""
    passed = [s.budget.name for s in known(review.budgets) or () if s.standing == "passed"]
    return [f"Passed: {some_of(passed)}."] if passed else []


def _budgets_text(review: Review) -> tuple[str, ...]:
    found = known(review.budgets)
    shown = BUDGETS.rows(review)
    told = [f"Of {count(len(shown), *BUDGETS.noun)}: {BUDGETS.standings(review)}."] if shown else []
    told += passed_budgets(review)
    told += [f"{each.budget.name}: {why}." for each in found for why in each.lacks]
    others = [each.budget for each in found if each not in shown]
    return (*told, *(f"{each.name} is in {each.currency}, and is not shown." for each in others))


BUDGETS: Finding[BudgetStatus] = Finding(
    key="budgets",
    title="Budgets beside what was spent",
    rows=lambda review: [s for s in known(review.budgets) if s.budget.currency == BILLED_IN],
    columns=(
        Column("budget", "Budget", "text", lambda s: s.budget.name),
        Column("period", "Period", "days", lambda s: s.period, importance="minor"),
        Column("limit", "Limit", "money", lambda s: s.budget.limit, currency=BILLED_IN),
        Column("spent", "Spent", "money", lambda s: s.spent, currency=BILLED_IN),
        Column(
            "share_percent",
            "Used",
            "share",
            lambda s: s.share,
            part=lambda s: s.share,
            judged=True,
        ),
        Column(
            "expected",
            "Expected",
            "money",
            lambda s: s.expected,
            importance="minor",
            absent="not known",
            currency=BILLED_IN,
        ),
        Column(
            "low",
            "Range of 80 %",
            "range",
            lambda s: None if s.low is None else (s.low, s.high),
            name_field="high",
            importance="detail",
            currency=BILLED_IN,
        ),
        Column(
            "probability_percent",
            "Probability of passing",
            "share",
            lambda s: s.probability,
            importance="minor",
            absent="not known",
        ),
        Column("standing", "State", "text", _budget_standing),
    ),
    noun=("budget", "budgets"),
    text=_budgets_text,
    standing=_budget_standing,
    tone=lambda s: _BUDGET_TONES.get(s.standing),
)


RATE_LIMITS: Finding[RateLimitUse] = Finding(
    key="rate_limits",
    title="The busiest minute of the last week beside its limit",
    rows=lambda review: known(review.rate_limits)[
        : max(_LEAST_SHOWN, len(known(review.near_rate_limits)))
    ],
    columns=(
        Column(
            "project_id",
            "Project",
            "thing",
            lambda u: Named(u.project_id),
            name_field="project_name",
        ),
        Column("model", "Model", "text", lambda u: u.model),
        Column("peak", "Peak", "number", lambda u: u.peak, importance="minor"),
        Column("limit", "Limit", "number", lambda u: u.limit),
        Column("unit", "Unit", "text", lambda u: u.unit),
        Column(
            "share_percent", "Used", "share", lambda u: u.share, part=lambda u: u.share, judged=True
        ),
        Column("peak_at", "When", "minute", lambda u: u.peak_at, importance="minor"),
    ),
    distributions=(Distribution("by_project", "Project", lambda u: Named(u.project_id)),),
    noun=("rate limit", "rate limits"),
    none="No rate limit came to {near} in the busiest minute of the last week.",
    some="{count} came to {near} or more in the busiest minute of the last week.",
    advice="Below the first of them, figures may be averages of an hour.",
    standing=lambda u: u.standing,
    tone=lambda u: "warn" if u.share >= NEAR else None,
    thresholds={"near": Threshold(NEAR, "part")},
)

ENDING_CERTIFICATES: Finding[EndingCertificate] = Finding(
    key="ending_certificates",
    title="Certificates in use that end within {days}",
    rows=lambda review: known(review.ending_certificates),
    columns=(
        Column(
            "certificate_id",
            "Certificate",
            "thing",
            lambda c: Named(c.certificate_id, c.name),
            name_field="name",
        ),
        Column("expires_on", "Ends", "day", lambda c: c.expires_at),
        Column("days_left", "Days left", "number", lambda c: c.days_left, judged=True),
        Column("used_by", "Used by", "things", lambda c: _users(c), importance="minor"),
    ),
    noun=("certificate", "certificates"),
    none="No certificate in use ends within {days}.",
    some="{count} in use whose validity ends within {days} or has already ended.",
    tone=lambda c: "bad" if c.days_left < URGENT_DAYS else "warn",
    thresholds={"days": days(ENDING_DAYS)},
)


def _users(certificate: EndingCertificate) -> list[Named]:
    whole = [Named(None, "the organization")] if certificate.organization else []
    return whole + [Named(id) for id in certificate.project_ids]


LIMITS = Topic(
    "What is about to run out?",
    (
        Group("budgets", "Where do budgets stand?", (BUDGETS,)),
        Group("thresholds", "Which spend limits and alerts are near?", (THRESHOLDS,)),
        Group("rate-limits", "Which rate limits are near?", (RATE_LIMITS,)),
        Group("certificates", "Which certificates end soon?", (ENDING_CERTIFICATES,)),
    ),
    is_of_now=True,
)
