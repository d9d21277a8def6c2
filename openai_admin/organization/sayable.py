"""What a file can say of what there is: values that this version does not know are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from .._declare.arguments import shown
from ..errors import InvalidInputError
from .document.allowed import argument, bounds, choices, key_details
from .document.model import NONE, Document, ExternalKey, ExternalStorage
from .document.shorthand import ADDRESS, RECIPIENTS, is_missing

_LEFT_OUT: Any = object()


@attrs.frozen
class Sayable:
    """Leaves out what a file cannot say, so that what is written can be read.

    Attributes:
        unsaid: what was left out, a text each.
    """

    unsaid: list[str] = attrs.field(factory=list)

    def document(self, of: Document) -> Document:
        """A document without what a file cannot say."""
        made: Document = self._model(of, ())
        return made

    def _model(self, model: Any, path: tuple[str, ...]) -> Any:
        """A model with the fields that can be said; left out where one that it needs cannot."""
        changes: dict[str, Any] = {}
        for field in attrs.fields(type(model)):
            value = getattr(model, field.name)
            made = self._value(value, (type(model), field.name), (*path, field.name))
            if made is _LEFT_OUT and field.default is attrs.NOTHING:
                return _LEFT_OUT
            if made is not value:
                changes[field.name] = None if made is _LEFT_OUT else made
        if isinstance(model, ExternalKey) and (missing := _missing(model)):
            self.unsaid.append(f"{' / '.join(path)}, of which the API does not say {missing}")
            return _LEFT_OUT
        return attrs.evolve(model, **changes) if changes else model

    def _value(self, value: Any, place: tuple[type, str], path: tuple[str, ...]) -> Any:
        if attrs.has(type(value)):
            return self._model(value, path)
        if place == (ExternalStorage, "provider"):
            return self._provider(value, path)
        if isinstance(value, Mapping):
            return self._kept(value, path)
        if isinstance(value, tuple) and value and attrs.has(type(value[0])):
            made = (self._model(one, path) for one in value)
            return tuple(one for one in made if one is not _LEFT_OUT)
        for text in _unknown(value, place):
            self.unsaid.append(f"{_where(path)} is {text}, which a file cannot say")
            return _LEFT_OUT
        return value

    def _provider(self, value: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        """Where a storage is, if it is a cloud's that is known and all is told that it needs."""
        parameter = argument((ExternalStorage, "provider"))
        try:
            if parameter is not None:
                parameter.rule(value, "it", True)
        except InvalidInputError as exc:
            told = str(exc).rstrip(".")
            self.unsaid.append(f"{_where(path)}, which a file cannot say: {told}")
            return _LEFT_OUT
        return value

    def _kept(self, mapping: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
        if not any(attrs.has(type(value)) for value in mapping.values()):
            return mapping
        made = {label: self._model(value, (*path, label)) for label, value in mapping.items()}
        return {label: value for label, value in made.items() if value is not _LEFT_OUT}


def _unknown(value: Any, place: tuple[type, str]) -> Iterator[str]:
    """The values of a field that a file cannot have."""
    if isinstance(value, Decimal):
        least = bounds(place).least
        if least is not None and value * 100 < least:
            yield f"{value} dollars"
        return
    known = choices(place)
    texts = value if isinstance(value, tuple) else (value,)
    for text in (each for each in texts if isinstance(each, str)):
        is_unknown = bool(known) and text not in (*known, NONE, "all")
        is_not_address = place in RECIPIENTS and not re.fullmatch(ADDRESS, text)
        if is_unknown or is_not_address or is_missing(place, text):
            yield shown(text)


def _missing(key: ExternalKey) -> str:
    """What a key must have and the API does not say."""
    needed, _ = key_details(key.type)
    return " and ".join(name for name in needed if name not in key.details)


def _where(path: tuple[str, ...]) -> str:
    return f"{path[-1].replace('_', ' ')} of {' / '.join(path[:-1])}"
