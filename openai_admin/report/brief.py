"""The report in ten lines, for a mail or a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .._text.visible import visible
from ..directory.not_known import told
from ..insights import CostChange, Review
from ..insights.findings import FINDINGS, Finding
from ..insights.findings.shown import thing
from ..insights.naming import distinct
from ..insights.text import money, percent, signed, some_of
from .document import SIGNS, Tile
from .parts import document

_MOST = 3  # of what is named one by one
_LONGEST = 300  # characters of a line; a mail program folds longer ones


class Leading(NamedTuple):
    """What is first among the rows of a finding.

    Attributes:
        label: what they are.
        rows: the first of them, in words.
        others: how many more there are.
    """

    label: str
    rows: Sequence[str]
    others: int

    def __str__(self) -> str:
        more = f"; {self.others:,} more" if self.others else ""
        return f"{', '.join(self.rows)}{more}"


def to_brief(review: Review) -> str:
    """What a manager reads: the period, the figures, where the money went, what is not known.

    It has ten lines at most.

    Args:
        review: what was found.
    """
    return "".join(f"{_fit(line)}\n" for line in _lines(review))


def _lines(review: Review) -> Iterator[str]:
    report = document(review)
    yield f"{report.title}: {report.subtitle}"
    for tile in report.tiles:
        yield f"{SIGNS[tile.tone]}{figure(tile)}"
    for each in leading(review):
        yield f"{each.label}: {each}"
    yield from caveats(review)


def figure(tile: Tile) -> str:
    """A figure with what it means: ``Unusual days: 2 (up to $12.00 above usual)``."""
    if not tile.note:
        return f"{tile.label}: {tile.value}"
    note = tile.note if tile.note.startswith("(") else f"({tile.note})"
    return f"{tile.label}: {tile.value} {note}"


def leading(review: Review) -> Iterator[Leading]:
    """Where the money went, and what moved, as far as it is known."""

    def costs(finding: Finding[CostChange]) -> Iterator[str]:
        every = finding.rows(review)
        whose = distinct([thing(finding.columns[0], each, review.names) for each in every])
        for who, change in zip(whose, every, strict=True):
            share = percent(change.share)
            of_all = f" ({share})" if share else ""
            yield f"{who} {money(change.cost, review.currency)}{of_all}"

    def moved(finding: Finding[Any]) -> Iterator[str]:
        every = finding.rows(review)
        ids = list(dict.fromkeys(mover.cost.group[0] for mover in every))
        projects = dict(zip(ids, distinct([review.named(id) for id in ids]), strict=True))
        for mover in every:
            if mover.cost.change is not None:
                project, model = projects[mover.cost.group[0]], review.name(mover.cost.group[1])
                yield f"{model} in {project} {signed(mover.cost.change, review.currency)}"

    for label, key, words in (
        (*_whose(review), costs),
        ("Most by model", "by_model", costs),
        (f"Moved most{' so far' if review.is_so_far else ''}", "movers", moved),
    ):
        if key and (found := _first(label, words(FINDINGS[key]))):
            yield found


def _whose(review: Review) -> tuple[str, str]:
    """The most telling of the findings that say whose costs they are; none of a single project."""
    if review.is_about("by_team"):
        return "Most by team", "by_team"
    return ("", "") if len(review.scope.project_ids) == 1 else ("Most by project", "by_project")


def _first(label: str, every: Iterable[str]) -> Leading | None:
    rows = list(every)
    return Leading(label, rows[:_MOST], max(0, len(rows) - _MOST)) if rows else None


def caveats(review: Review) -> Iterator[str]:
    """What is not known, as one line; none where everything is."""
    parts = told(review.not_known, review.names)
    if parts:
        yield f"Not known: {some_of(parts)}."


def _fit(line: str) -> str:
    """A line that stays one, and is not too long to read."""
    text = " ".join(visible(line).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
