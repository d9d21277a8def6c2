"""Findings as tools return them: rows with a name for each value, their schemas, and names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import attrs

from ..._wire.codec import to_dict
from ...directory.not_known import not_checked, told
from ...directory.reading import Reads
from ...insights import NotKnown, Period
from ...insights.cents import cents, in_percent
from ...insights.findings import Column, Finding, Kind, Threshold
from ...insights.findings.shown import is_absent, shown, thing
from ...insights.text import some_of
from ..texts import quoted
from ..values import iso, money_of

Names = Mapping[str, str]
Row = dict[str, Any]

_NAMED = 10  # rows that are written out beside the structured result
_WRITTEN = ("thing", "things", "text")


def facts(answer: Any) -> Any:
    """An answer as a structured result has it, without the fields that have their default.

    A field that has no default is null where it is not known.
    """
    if isinstance(answer, Mapping):
        return {name: facts(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [facts(each) for each in answer]
    if not attrs.has(type(answer)):
        return to_dict(answer)
    told = ((field, getattr(answer, field.name)) for field in attrs.fields(type(answer)))
    return {field.name: facts(value) for field, value in told if not _is_default(field, value)}


def _is_default(field: attrs.Attribute[Any], value: Any) -> bool:
    if field.default is None:
        return value is None
    is_empty = value is not None and not value  # null is what is not known
    return isinstance(field.default, attrs.Factory) and is_empty  # type: ignore[arg-type]


def row(
    columns: Sequence[Column[Any]], about: Any, names: Names, currency: str | None = None
) -> Row:
    """What there is to know about one object, as plain values by name.

    Args:
        columns: what there is to know.
        about: the object.
        names: names by id.
        currency: of money, but of columns that have another.
    """
    made: Row = {}
    for column in columns:
        unit = column.currency or currency
        value: Any = thing(column, about, names) if column.kind == "thing" else column.value(about)
        if column.kind == "thing":
            made |= {column.field: value.id, column.name_field: value.name}
        elif column.kind == "range":
            low, high = value or (None, None)
            made |= {
                column.field: _plain("money", low, unit),
                column.name_field: _plain("money", high, unit),
            }
        elif column.kind == "things":
            made[column.field] = [str(each.among(names)) for each in value]
        else:
            made[column.field] = _plain(column.kind, value, unit)
    return made


def rows(
    finding: Finding[Any],
    found: Sequence[Any],
    names: Names,
    limit: int,
    currency: str | None = None,
) -> list[Row]:
    """The first so many rows of a finding."""
    return [row(finding.columns, about, names, currency) for about in found[:limit]]


def _description(column: Column[Any], name: str) -> str:
    if name == column.field:
        return f"{column.title}: its id." if column.kind == "thing" else f"{column.title}."
    return f"{column.title}: {'its name' if column.kind == 'thing' else 'the upper end'}."


def lines(
    finding: Finding[Any], found: Sequence[Any], names: Names, currency: str | None = None
) -> Iterator[str]:
    """The first rows in words; what people of the organization wrote is quoted."""
    for about in found[:_NAMED]:
        values = (
            _words(column, about, names, currency)
            for column in finding.columns
            if column.importance == "main" and not is_absent(column.value(about))
        )
        yield ", ".join(values)


def _words(column: Column[Any], about: Any, names: Names, currency: str | None) -> str:
    text = shown(column, about, names, currency)
    return quoted(text) if column.kind in _WRITTEN else f"{column.title.lower()} {text}"


@attrs.frozen(kw_only=True)
class Gap:
    """What is not known, which is neither empty nor zero.

    Attributes:
        what: what it is.
        reason: why.
        project_id: its project.
        missing_scopes: what the key lacks.
    """

    what: str
    reason: str
    project_id: str | None = None
    missing_scopes: list[str] = attrs.field(factory=list)


def gaps(not_known: Sequence[NotKnown], names: Names | None = None) -> list[Gap]:
    """What is not known, for a structured result."""
    return [
        Gap(
            what=part.what(names or {}),
            reason=part.reason,
            project_id=part.project_id,
            missing_scopes=list(part.missing_scopes),
        )
        for part in not_known
    ]


def not_looked_at(not_known: Sequence[NotKnown], others: Sequence[str] = ()) -> tuple[str, ...]:
    """The same as a sentence, shortened, with what else was left out; none where nothing was."""
    missing = (*told(not_known, {}), *others)
    return (f"Not looked at: {some_of(missing)}.",) if missing else ()


def said(finding: Finding[Any], number: int, reads: Reads, **thresholds: Threshold) -> str:
    """The sentence of a finding with so many rows, or that it was not checked."""
    refused = finding.basis.refused(reads.not_known)
    if refused:
        return f"{finding.titled(**thresholds)}: {not_checked(refused, {})}."
    doubts = finding.doubts(reads.unread, reads.not_known, {})
    return finding.said(number, doubtful=bool(doubts), **thresholds)


@attrs.frozen(kw_only=True)
class Span:
    """Whole days, UTC.

    Attributes:
        first_day: the first.
        last_day: the last, included.
    """

    first_day: str
    last_day: str


def span(period: Period) -> Span:
    """A period by its first and its last day."""
    last = period.end - timedelta(days=1)
    return Span(first_day=period.start.isoformat(), last_day=last.isoformat())


def _plain(kind: Kind, value: Any, currency: str | None = None) -> Any:
    if value is None:
        return None
    if kind in ("money", "change"):
        return to_dict(money_of(cents(value), currency))
    if kind == "rate":
        return to_dict(money_of(value, currency))
    return _PLAIN.get(kind, lambda same: same)(value)


def _day(value: date | datetime) -> str:
    return (value.astimezone(UTC).date() if isinstance(value, datetime) else value).isoformat()


_PLAIN: Mapping[Kind, Callable[[Any], Any]] = {
    "day": _day,
    "minute": iso,
    "days": span,
    "share": partial(in_percent, digits=1),
    "relative": partial(in_percent, digits=1),
}
