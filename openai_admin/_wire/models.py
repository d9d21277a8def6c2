"""What models are made from: things of the API, and pages of them."""

from __future__ import annotations

import copy
import typing
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, SupportsIndex, TypeVar

import attrs
import msgspec

from .answered import Answered, request_id_of
from .fields import is_secret, wire_fields, wire_name
from .mistakes import place_of
from .portable import Portable, Secretive
from .types import Model, Type

T = TypeVar("T")
E = TypeVar("E", bound="Entity")


@attrs.frozen(kw_only=True)
class Entity(Secretive):
    """A thing of the API, as the API described it.

    Only what identifies it is sure to be there: every other field may be ``None``, because it was
    absent, or of another type than the API describes.

    Attributes:
        extra: fields that this version does not know, and those that were of another type than
            described, as decoded JSON.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
    # Private: which known fields came as null, so that to_dict gives back just what came.
    _nulls: frozenset[str] = attrs.field(default=frozenset(), init=False, repr=False, eq=False)
    # Private: which fields have a value that did not come in their place, and which to_dict leaves
    # out: a default, or what was found elsewhere (see `fields.also`).
    _not_sent: frozenset[str] = attrs.field(default=frozenset(), init=False, repr=False, eq=False)

    def is_unknown(self, field: str) -> bool:
        """Whether a field did not come, or cannot be read: then its ``None`` says nothing.

        Of a field that came as null, ``None`` says what the API means by that.
        """
        return getattr(self, field) is None and (field in self._not_sent or field in self.extra)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """Pickle it without its one-time secrets; copies made in this process have them."""
        hidden = {a.name: None for a in wire_fields(type(self)) if is_secret(a)}
        return _restored, (type(self), self._state() | hidden)

    def __copy__(self) -> Self:
        return _restored(type(self), self._state())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return _restored(type(self), copy.deepcopy(self._state(), memo))

    def _state(self) -> dict[str, Any]:
        state = {a.name: getattr(self, a.name) for a in attrs.fields(type(self))}
        return state | {"_request_id": request_id_of(self)}

    def is_unread(self, field: str) -> bool:
        """Whether a field came, but of another type than described: what it says is not known."""
        return field in self.extra and getattr(self, field) is None


def _restored(cls: type[E], state: Mapping[str, Any]) -> E:
    """A model with the given values of its fields, private ones too."""
    made = object.__new__(cls)
    for name, value in state.items():
        object.__setattr__(made, name, value)
    return made


def evolve(entity: E, **changes: Any) -> E:
    """A copy with some fields changed; `to_dict` still gives back the others as they came.

    `attrs.evolve` forgets which fields came as null, and which did not come.
    """
    changed = attrs.evolve(entity, **changes)
    object.__setattr__(changed, "_nulls", entity._nulls.difference(changes))
    object.__setattr__(changed, "_not_sent", entity._not_sent.difference(changes))
    object.__setattr__(changed, "_request_id", request_id_of(entity))
    return changed


def as_told(entity: Entity, field: str) -> Any:
    """A field's value as it came; ``None`` where it came as null, or did not come.

    Unlike the field itself, which may have a default in place of what did not come.
    """
    value = getattr(entity, field)
    attribute: attrs.Attribute[Any] = getattr(attrs.fields(type(entity)), field)
    if value is None or attribute.default is None:
        return value
    is_default = field in entity._not_sent or wire_name(attribute) in entity._nulls
    return None if is_default else value


def _decoded(raw: Any) -> Any:
    return msgspec.json.decode(raw) if isinstance(raw, bytes) else raw


@attrs.frozen(kw_only=True)
class Unreadable(Portable):
    """A part of a page that could not be read: an item, or one field of a row of usage.

    Attributes:
        reason: what is wrong, in words that show no value.
        path: the names and indexes that lead to it in the page.
        id: the item's id, where it has one that is text.
        field: the odd field of a row that is among its bucket's results, with ``None`` in that
            field; or ``result``, of a bucket that has other rows there than in ``results``. Where
            it is ``None``, the item is not among the page's data.
    """

    # JSON that is still to be decoded is bytes: there may be very many, and few are looked at.
    _raw: Any = attrs.field(repr=False, eq=_decoded, hash=False)
    reason: str
    path: tuple[str | int, ...]
    id: str | None = None
    field: str | None = None

    @property
    def raw(self) -> Any:
        """The item as decoded JSON, whole; of an odd field, the row that it is in."""
        return _decoded(self._raw)

    @property
    def as_json(self) -> bytes:
        """The same as JSON."""
        return self._raw if isinstance(self._raw, bytes) else msgspec.json.encode(self._raw)

    @property
    def place(self) -> str:
        """Where it is, as ``$.data[3]``."""
        return place_of(self.path if self.field is None else (*self.path, self.field))

    @property
    def value(self) -> Any:
        """What could not be read, as decoded JSON; ``None`` for a field that did not come."""
        raw = self.raw
        return raw if self.field is None else raw.get(self.field)

    def __str__(self) -> str:
        which = f" (id {self.id!r})" if self.id is not None else ""
        return f"{self.place}{which}: {self.reason}"


@attrs.frozen(kw_only=True)
class Page(Answered, Portable, typing.Generic[T]):
    """One page of a listing: its items are its `data`.

    ``async for`` over the page that a listing gave when it was awaited goes on from there, through
    all the pages that follow. A plain ``for`` would stop short at the page's end, and is refused.

    Attributes:
        data: the page's items.
        has_more: whether there are further pages; an empty page may have some.
        first_id: the id of the first item, where the listing gives it.
        last_id: the id of the last item, where the listing gives it.
        next: the next page's cursor, in listings that page by ``next``.
        next_page: the next page's cursor, in usage and costs.
        unreadable: what of the page could not be read, in the order of the page; all else is in
            its place.
        raw: the answer's bytes as they came.
    """

    data: list[T] = attrs.field(factory=list)
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None
    next: str | None = None
    next_page: str | None = None
    object: str = "list"
    unreadable: list[Unreadable] = attrs.field(factory=list)
    raw: bytes = attrs.field(default=b"", repr=False, eq=False)
    # Private: walks from a page on. The listing that is awaited sets it; without it the page is one
    # of a walk, or a copy.
    _walk_on: Callable[[Any], AsyncIterator[T]] | None = attrs.field(
        default=None, init=False, repr=False, eq=False
    )

    def __aiter__(self) -> AsyncIterator[T]:
        if self._walk_on is None:
            raise TypeError(
                "This page is in a Response, a copy, or one of a walk that goes on by itself: its"
                " items are in its data."
            )
        return self._walk_on(self)

    if not TYPE_CHECKING:  # so that type checkers refuse what these refuse

        def __iter__(self) -> NoReturn:
            raise TypeError(
                "A page cannot be iterated with a plain for, which would stop at its end: its items"
                " are in its data, and async for over the page goes on through all pages."
            )

        def __len__(self) -> NoReturn:  # asked for its truth value, too
            raise TypeError(
                "A page has no length, for there may be more pages: len(page.data) counts its own"
                " items."
            )

    def __repr__(self) -> str:
        kinds = " and ".join(dict.fromkeys(type(item).__name__ for item in self.data))
        items = f"{len(self.data)} of {kinds}" if kinds else "0"
        unread = f", {len(self.unreadable)} unreadable" if self.unreadable else ""
        return f"Page({items}{unread}, has_more={self.has_more})"

    def __getstate__(self) -> dict[str, Any]:
        own = (a.name for a in attrs.fields(Page) if a.name != "_walk_on")
        return {name: getattr(self, name) for name in own} | {"_request_id": request_id_of(self)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in (*state.items(), ("_walk_on", None)):
            object.__setattr__(self, name, value)


def model_of(described: Type) -> type:
    """The model that a result is; of a page, that of its items.

    Raises:
        TypeError: a result of that type is not a model.
    """
    match described:
        case Model(cls, arguments=(item,)) if cls is Page:
            return model_of(item)
        case Model(cls):
            return cls
    raise TypeError(f"{described} is not a model")
