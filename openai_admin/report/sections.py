"""The findings of a review as the sections of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..insights import Review
from ..insights.findings import Finding, Group, Topic
from .charts import CHARTS
from .document import Part, Section, Table
from .spending import costs_and_rest, stacked_costs
from .tables import table

_STACKED = ("by_project", "by_model")  # what the charts have colours for


def part(review: Review, topic: Topic) -> Part:
    """A question with its answers."""
    return Part(
        title=topic.question,
        sections=tuple(section(review, group) for group in topic.groups),
    )


def section(review: Review, group: Group) -> Section:
    """Findings that are read together, with their chart where there is something to draw."""
    found = any(finding.rows(review) for finding in group.findings)
    return Section(
        key=group.key,
        title=group.heading(review),
        text=group.sentences(review),
        chart=group.key if group.key in CHARTS and found else None,
        tables=tuple(made for finding in group.findings for made in tables(review, finding)),
    )


def tables(review: Review, finding: Finding[Any]) -> Iterator[Table]:
    """The tables of a finding; none if there are no rows."""
    made = table(review, finding)
    if made is None:
        return
    if finding.key in _STACKED:
        yield from stacked_costs(review, finding, getattr(review, finding.key))
    elif finding.most is not None:
        yield costs_and_rest(review, finding, made)
    else:
        yield made
