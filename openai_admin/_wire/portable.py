"""What lets models go where other programs take them: into JSON, pydantic, sets, log lines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from .answered import Answered
from .fields import is_secret, wire_fields

_PLACE = "_shown_once"


class Portable:
    """The base of what is handed to users: attrs classes, and the structs that are rows of usage.

    Equal ones have equal hashes, though they have lists. `vars` gives them as JSON, which is what
    FastAPI asks for where a route does not say what it returns. Pydantic takes and writes them.
    """

    __slots__ = ()

    if not TYPE_CHECKING:  # for type checkers it is an ordinary one

        @property
        def __dict__(self) -> dict[str, Any]:
            return _later("codec").to_dict(self, mode="json")

        @property
        def __pydantic_serializer__(self) -> Any:
            return _later("pydantic").serializer

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return _later("pydantic").schema_of(source, handler)

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        if cls.__hash__ is not None:  # as it is for what can be changed
            setattr(cls, "__hash__", _hash)  # noqa: B010 - attrs' own fails for lists


class Secretive(Answered, Portable):
    """An answer that may have one field with a secret that is shown once.

    The secret is elsewhere than in the field's own slot, which stays empty: programs that read
    slots, as msgspec does, do not find it.
    """

    __slots__ = (_PLACE,)

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        super().__attrs_init_subclass__()
        for attribute in wire_fields(cls):
            if is_secret(attribute):
                setattr(cls, attribute.name, property(attrgetter(_PLACE), _keep))


class WrittenAs(Portable):
    """What is written as something else: a table as its rows, a pager as its first page."""

    __slots__ = ()

    @abstractmethod
    def _written_as(self) -> Any: ...


def _keep(model: Any, secret: str | None) -> None:
    object.__setattr__(model, _PLACE, secret)


def _hash(model: Any) -> int:
    fields = (a for a in attrs.fields(type(model)) if a.eq and a.hash is not False)
    return hash((type(model), *(frozen(getattr(model, a.name)) for a in fields)))


def frozen(value: Any) -> Any:
    """A value that can be hashed, and is equal to that of an equal value."""
    if isinstance(value, Mapping):
        return frozenset((name, frozen(each)) for name, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    return frozenset(value) if isinstance(value, set) else value


def _later(module: str) -> Any:
    """A module that imports this one, or that brings what is not needed before somebody asks."""
    return import_module(f".{module}", __package__)
