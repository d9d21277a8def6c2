"""What a file can say of what there is: the rest is left out, and named.

That is values that this version does not know, and texts that look like keys, which no file may
have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from .._declare.arguments import shown
from .._text.secrets import secret_in
from ..errors import InvalidInputError
from .document.allowed import argument, bounds, choices, key_details
from .document.model import NONE, Certificate, Document, ExternalKey, ExternalStorage
from .document.shorthand import ADDRESS, RECIPIENTS, is_missing
from .lacking import listed

_NOTHING: Any = object()


@attrs.frozen(kw_only=True)
class _LeftOut:
    """What was left out: a field of a thing, or a thing.

    Attributes:
        path: where the thing stands: a section, its label there, and so on.
        field: the field, in words.
        why: how the sentence goes on.
    """

    path: tuple[str, ...]
    field: str
    why: str

    def without_labels(self) -> _LeftOut:
        """The same of whichever thing: every other part of a path is a label."""
        path = tuple("" if i % 2 else part for i, part in enumerate(self.path))
        return attrs.evolve(self, path=path)

    def sentence(self, alike: Sequence[_LeftOut]) -> str:
        """It in words, of some things that are alike."""
        paths = [one.path for one in alike]
        what = " / ".join(listed(list(dict.fromkeys(p))) for p in zip(*paths, strict=True))
        return f"{self.field} of {what}{self.why}" if self.field else f"{what}{self.why}"


@attrs.frozen
class Sayable:
    """Leaves out what a file cannot say, so that what is written can be read.

    Attributes:
        others: what was left out before, a text each.
    """

    others: list[str] = attrs.field(factory=list)
    _left_out: list[_LeftOut] = attrs.field(factory=list)

    def unsaid(self) -> tuple[str, ...]:
        """What was left out, a text each; the same of many things once."""
        alike: dict[_LeftOut, list[_LeftOut]] = {}
        for one in self._left_out:
            alike.setdefault(one.without_labels(), []).append(one)
        return (*self.others, *(kind.sentence(of) for kind, of in alike.items()))

    def _leave(self, path: tuple[str, ...], why: str, field: str = "") -> Any:
        self._left_out.append(_LeftOut(path=path, field=field.replace("_", " "), why=why))
        return _NOTHING

    def document(self, of: Document) -> Document:
        """A document without what a file cannot say."""
        made: Document = self._model(of, ())
        return made

    def _model(self, model: Any, path: tuple[str, ...]) -> Any:
        """A model with the fields that can be said; left out where one that it needs cannot."""
        changes: dict[str, Any] = {}
        if path and secret_in(path[-1]) is not None:
            return self._leave(path, ", whose name looks like an API key")
        for field in attrs.fields(type(model)):
            value = getattr(model, field.name)
            made = self._value(value, (type(model), field.name), (*path, field.name))
            if made is _NOTHING and field.default is not None:
                return _NOTHING
            if made is not value:
                changes[field.name] = None if made is _NOTHING else made
        if isinstance(model, ExternalKey) and (missing := _missing(model)):
            return self._leave(path, f", of which the API does not say {missing}")
        return attrs.evolve(model, **changes) if changes else model

    def _value(self, value: Any, place: tuple[type, str], path: tuple[str, ...]) -> Any:
        if attrs.has(type(value)):
            return self._model(value, path)
        if place != (Certificate, "content") and _has_key(value):
            return self._leave(path[:-1], ", looks like an API key", path[-1])
        if place == (ExternalStorage, "provider"):
            return self._provider(value, path)
        if isinstance(value, Mapping):
            return self._kept(value, path)
        if isinstance(value, tuple) and value and attrs.has(type(value[0])):
            made = (self._model(one, path) for one in value)
            # What is empty in a file is to be empty, which this is not.
            return tuple(one for one in made if one is not _NOTHING) or _NOTHING
        for text in _unknown(value, place):
            return self._leave(path[:-1], f" is {text}, which a file cannot say", path[-1])
        return value

    def _provider(self, value: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        """Where a storage is, if it is a cloud's that is known and all is told that it needs."""
        parameter = argument((ExternalStorage, "provider"))
        try:
            if parameter is not None:
                parameter.rule(value, "it", True)
        except InvalidInputError as exc:
            told = str(exc).rstrip(".")
            return self._leave(path[:-1], f", which a file cannot say: {told}", path[-1])
        return value

    def _kept(self, mapping: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        if not any(attrs.has(type(value)) for value in mapping.values()):
            return mapping
        made = {label: self._model(value, (*path, label)) for label, value in mapping.items()}
        return {label: one for label, one in made.items() if one is not _NOTHING} or _NOTHING


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


def _has_key(value: Any) -> bool:
    """Whether there is a text in a value that looks like a key."""
    if isinstance(value, Mapping):
        return any(_has_key(k) or _has_key(v) for k, v in value.items() if not attrs.has(type(v)))
    if isinstance(value, tuple | list):
        return any(map(_has_key, value))
    return isinstance(value, str) and secret_in(value) is not None
