"""The fields of what was read that came as something else than described.

Models keep such a value as it came and go on; who shows them says what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from .fields import keyed_by, wire_fields, wire_name
from .mistakes import kind_of
from .models import Entity, Page, Unreadable


def odd_fields_in(page: Page[Any], *, most: int | None = None) -> list[Unreadable]:
    """The odd fields of a page's items, with the items' places as they came.

    Args:
        page: the page.
        most: look at no more than so many of its items.
    """
    gone = {p.path[1] for p in page.unreadable if len(p.path) == 2 and p.field is None}
    places = (i for i in range(len(page.data) + len(gone)) if i not in gone)
    odd: list[Unreadable] = []
    for item, place in zip(page.data[:most], places, strict=False):
        odd += odd_fields(item, ("data", place))
    return odd


def odd_fields(thing: Any, path: tuple[str | int, ...] = ()) -> list[Unreadable]:
    """The fields of a thing that came, but of another type than described.

    Args:
        thing: the thing.
        path: where it is in the answer.
    """
    id = getattr(thing, "id", None)
    odd = [*_odd_fields(thing, path)]
    return [attrs.evolve(part, id=id) for part in odd] if isinstance(id, str) else odd


def _odd_fields(value: Any, path: tuple[str | int, ...]) -> Iterator[Unreadable]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _odd_fields(each, (*path, index))
    elif isinstance(value, Entity):
        for attribute in wire_fields(type(value)):
            name = wire_name(attribute)
            if keyed_by(attribute) is None and name in value.extra:
                raw = value.extra[name]
                reason = f"it came as {kind_of(raw)}, not as described"
                yield Unreadable(raw=raw, reason=reason, path=(*path, name))
            else:
                yield from _odd_fields(getattr(value, attribute.name), (*path, name))
