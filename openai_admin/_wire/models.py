"""What models are made from: things of the API, and pages of them."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from .types import Model, Type

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Entity:
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
    # Private: which fields were found elsewhere (see `fields.also`), where to_dict leaves them.
    _elsewhere: frozenset[str] = attrs.field(default=frozenset(), init=False, repr=False, eq=False)


@attrs.frozen(kw_only=True)
class Unreadable:
    """An item of a page that cannot be read as what it should be.

    Attributes:
        unreadable: the items that could not be read; they are not in `data`.
        raw: the item, as decoded JSON.
        reason: what is wrong with it, in words.
        place: where in the response, such as ``$.data[3].id``.
        id: its id, where it has one.
    """

    raw: Any = attrs.field(hash=False)
    reason: str
    place: str
    id: str | None = None


@attrs.frozen(kw_only=True)
class Page(typing.Generic[T]):
    """One page of a listing.

    Attributes:
        data: the page's items.
        has_more: whether there are further pages; an empty page may have some.
        first_id: the id of the first item, where the listing gives it.
        last_id: the id of the last item, where the listing gives it.
        next: the next page's cursor, in listings that page by ``next``.
        next_page: the next page's cursor, in usage and costs.
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
    # Private: the ids of the first and the last item, also where they could not be read.
    _ends: tuple[str | None, str | None] = attrs.field(
        default=(None, None), init=False, repr=False, eq=False
    )

    def __iter__(self) -> typing.Iterator[T]:
        """Iterate this page's items (the pager walks the rest)."""
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


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
