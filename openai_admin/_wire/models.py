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

    Attributes:
        extra: fields the API sent that this version does not know, as decoded JSON.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
    # Private: which known fields came as null, so that to_dict gives back just what came.
    _nulls: frozenset[str] = attrs.field(default=frozenset(), init=False, repr=False, eq=False)


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
    raw: bytes = attrs.field(default=b"", repr=False, eq=False)

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
