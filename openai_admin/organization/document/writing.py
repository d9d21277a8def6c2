"""A document as the text of a file: what a person would write, the same for the same document."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from .layout import Field, Fields, Item, Items, Text, Value, lines_of
from .model import (
    Certificate,
    Document,
    Member,
    Models,
    Person,
    ProjectGroup,
    RateLimit,
    ServiceAccount,
    ServiceTiers,
    SpendAlert,
)
from .quoting import comment_lines, commented, quoted
from .shorthand import ALONE, NOT_IN_FILE, SHORTHAND

_IN_LINE = (
    Certificate,
    Member,
    Models,
    Person,
    ProjectGroup,
    RateLimit,
    ServiceAccount,
    ServiceTiers,
    SpendAlert,
)  # where they fit
_WRITTEN = frozenset({(Document, "version")})  # also where it is what goes without saying
_INVITED = "invited"
_MANAGED = "managed by the identity provider (SCIM)"


def text_of(
    document: Document,
    *,
    known: Document | None = None,
    managed: Collection[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """The text of a file that says what a document says.

    Labels are sorted, and nothing of the moment is in it: the same document is the same text.

    Args:
        document: the document; ids stand in the text where they stand in it.
        known: what there is, with every id; an id that does not stand in the document is written
            as a comment beside what it is of.
        managed: the ids of people and groups whom an identity provider manages; marked so.
        notes: what else is said at the top, a sentence each.
    """
    writer = _Writer(frozenset(managed))
    sections = writer.model(document, known)
    plain = [each for each in sections.entries if isinstance(each.value, Text)]
    others = [each for each in sections.entries if not isinstance(each.value, Text)]
    lines = [line for note in notes for line in comment_lines(note)]
    lines += lines_of(Fields(tuple(plain)))
    for section in others:
        lines += ["", *lines_of(Fields((section,)))]
    return "\n".join(lines) + "\n"


@attrs.frozen
class _Writer:
    """Makes what is laid out of models.

    Attributes:
        managed: the ids of what an identity provider manages.
    """

    managed: frozenset[str]

    def model(self, model: Any, known: Any) -> Fields:
        entries = []
        for attribute in attrs.fields(type(model)):
            value = getattr(model, attribute.name)
            place = (type(model), attribute.name)
            if value is None or place in NOT_IN_FILE:
                continue
            if place not in _WRITTEN and _goes_without_saying(value, attribute):
                continue
            entries.append(
                Field(
                    attribute.name, self.value(value, getattr(known, attribute.name, None), place)
                )
            )
        return Fields(tuple(entries), may_flow=isinstance(model, _IN_LINE))

    def value(self, value: Any, known: Any, place: tuple[type, str] | None) -> Value:
        if attrs.has(type(value)):
            return self.model(value, known)
        if isinstance(value, Mapping):
            return self._mapping(value, known, place)
        if isinstance(value, list | tuple):
            if place in ALONE and len(value) == 1:
                return _scalar(value[0])
            return self._list(value, known)
        return _scalar(value)

    def _mapping(self, mapping: Mapping[str, Any], known: Any, place: Any) -> Fields:
        is_of_values = not any(attrs.has(type(each)) for each in mapping.values())
        entries = []
        for label in sorted(mapping, key=_typed_first if is_of_values else _alphabetical):
            value = mapping[label]
            other = known.get(label) if isinstance(known, Mapping) else None
            made = self._in_short(value, other) or self.value(value, other, None)
            entries.append(Field(quoted(label), made, self._comment(value, other)))
        return Fields(
            tuple(entries),
            may_flow=is_of_values,
            apart=place == (Document, "projects"),
            alike=any(isinstance(each, RateLimit) for each in mapping.values()),
        )

    def _list(self, values: Sequence[Any], known: Any) -> Items:
        others = {each.id: each for each in known or () if getattr(each, "id", None) is not None}
        alike = list(known or ())
        items = []
        for i, value in enumerate(values):
            other = others.get(getattr(value, "id", None)) or (
                alike[i] if len(alike) == len(values) else None
            )
            items.append(Item(self.value(value, other, None), self._comment(value, other)))
        return Items(tuple(items))

    def _in_short(self, value: Any, known: Any) -> Value | None:
        """A model that stands in short; ``None`` where it cannot."""
        short = SHORTHAND.get(type(value))
        if short is None or getattr(value, short) is None:
            return None
        if attrs.evolve(type(value)(), **{short: getattr(value, short)}) != value:
            return None
        return self.value(getattr(value, short), None, (type(value), short))

    def _comment(self, value: Any, known: Any) -> str:
        id = getattr(known, "id", None) or getattr(value, "id", None)
        if id is None:
            return _INVITED if isinstance(known, Person) else ""
        told = [] if getattr(value, "id", None) == id or isinstance(value, RateLimit) else [id]
        if id in self.managed:
            told.append(_MANAGED)
        return commented(", ".join(told))


def _alphabetical(label: str) -> tuple[str, str]:
    return label.casefold(), label


def _typed_first(key: str) -> tuple[bool, str]:
    return key != "type", key


def _goes_without_saying(value: Any, attribute: attrs.Attribute[Any]) -> bool:
    """Whether a field that does not stand in the file has this value."""
    if attribute.default is None or attribute.default is attrs.NOTHING:
        return False
    return bool(value == attribute.default or value == {})  # which a factory makes


def _scalar(value: Any) -> Text:
    if isinstance(value, str):
        return Text(alone=quoted(value, alone=True), within=quoted(value))
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, Decimal):
        text = f"{value:f}" if value == int(value) else f"{value:.2f}"
    else:
        # With a point before an exponent, which every reader takes for a number.
        text = re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))
    return Text(alone=text, within=text)
