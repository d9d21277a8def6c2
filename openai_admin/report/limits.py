"""Limits nearly reached, and certificates about to end."""

from __future__ import annotations

from collections.abc import Mapping

from ..insights import EndingCertificate, RateLimitUse, Review
from .document import Cell, Column, Part, Section, Table, Tone
from .text import count, day, minute, money, percent

_TONES: Mapping[str, Tone | None] = {"reached": "bad", "near": "warn", "projected": "warn"}
_STANDINGS: Mapping[str, str] = {
    "reached": "reached",
    "near": "near",
    "projected": "expected this month",
    "clear": "clear",
}
_RATE_LIMITS = 10  # rows; those below are far from their limits


def limits_part(review: Review) -> Part:
    """Spend limits and alerts, rate limits, certificates."""
    return Part(
        title="What is about to run out?",
        sections=(_thresholds(review), _rate_limits(review), _certificates(review)),
    )


def _thresholds(review: Review) -> Section:
    near = len(review.near_thresholds)
    return Section(
        key="thresholds",
        title="Spend limits and alerts",
        text=(
            f"{count(near, 'limit or alert', 'limits and alerts')} of {len(review.thresholds)} "
            "reached, near, or expected to be reached this month."
            if review.thresholds
            else "There are no spend limits or alerts.",
        ),
        tables=(
            Table(
                caption="Spend limits and alerts beside what the month has cost",
                columns=(
                    Column("Of"),
                    Column("Kind"),
                    Column("Threshold", number=True),
                    Column("Spent", number=True, minor=True),
                    Column("Part", number=True),
                    Column("State", minor=True),
                ),
                rows=[
                    (
                        _whose(review, threshold.project_id),
                        Cell(threshold.kind),
                        Cell(money(threshold.amount, "usd")),
                        Cell(money(threshold.spent, "usd")),
                        Cell(
                            percent(threshold.share),
                            part=min(1.0, max(0.0, threshold.share)),
                            tone=_TONES.get(threshold.standing),
                        ),
                        Cell(_STANDINGS[threshold.standing]),
                    )
                    for threshold in review.thresholds
                ],
            ),
        )
        if review.thresholds
        else (),
    )


def _whose(review: Review, project_id: str | None) -> Cell:
    if project_id is None:
        return Cell("The organization")
    name = review.name(project_id)
    return Cell(name, id=None if name == project_id else project_id)


def _rate_limits(review: Review) -> Section:
    near = len(review.near_rate_limits)
    uses = review.rate_limits[: max(_RATE_LIMITS, near)]
    return Section(
        key="rate-limits",
        title="Rate limits",
        text=(
            f"{count(near, 'limit')} came to 80% or more in the busiest minute of the last week. "
            "Below the first of them, figures may be averages of an hour."
            if near
            else "No limit came to 80% in the busiest minute of the last week.",
        ),
        tables=(
            Table(
                caption="The busiest minute of the last week beside its limit",
                columns=(
                    Column("Project"),
                    Column("Model"),
                    Column("Limited", minor=True),
                    Column("Peak a minute", number=True, minor=True),
                    Column("Limit", number=True),
                    Column("Part", number=True),
                    Column("When", number=True, minor=True),
                ),
                rows=[_rate_limit(review, use, near=i < near) for i, use in enumerate(uses)],
            ),
        )
        if uses
        else (),
    )


def _rate_limit(review: Review, use: RateLimitUse, *, near: bool) -> tuple[Cell, ...]:
    return (
        _whose(review, use.project_id),
        Cell(use.model),
        Cell(use.metric),
        Cell(f"{use.peak:,.0f}"),
        Cell(f"{use.limit:,}"),
        Cell(percent(use.share), part=min(1.0, use.share), tone="warn" if near else None),
        Cell(minute(use.peak_at)),
    )


def _certificates(review: Review) -> Section:
    found = review.ending_certificates
    return Section(
        key="certificates",
        title="Certificates",
        text=(
            f"{count(len(found), 'certificate')} in use will end within 30 days, or ended already."
            if found
            else "No certificate in use ends within 30 days.",
        ),
        tables=(
            Table(
                caption="Certificates in use that end soon",
                columns=(
                    Column("Certificate"),
                    Column("Ends", number=True),
                    Column("Days left", number=True),
                    Column("Used by", minor=True),
                ),
                rows=[_certificate(review, certificate) for certificate in found],
            ),
        )
        if found
        else (),
    )


def _certificate(review: Review, found: EndingCertificate) -> tuple[Cell, ...]:
    places = [review.name(id) for id in found.project_ids]
    if found.organization:
        places.insert(0, "the organization")
    return (
        Cell(found.name or found.certificate_id, id=found.certificate_id if found.name else None),
        Cell(day(found.expires_at)),
        Cell(f"{found.days_left:,}", tone="bad" if found.days_left < 7 else "warn"),
        Cell(", ".join(places)),
    )
