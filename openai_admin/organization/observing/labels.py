"""How things are told apart: by name where it is unique, else by name and id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from ..folding import folded

T = TypeVar("T")


class Named(Protocol):
    """What has an id and perhaps a name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str | None: ...


def labels(
    named: Iterable[tuple[str, str | None]],
    *,
    taken: Collection[str] = (),
    is_folded: bool = False,
) -> dict[str, str]:
    """The label of each of some things, by id, each once.

    Args:
        named: their ids and names; what has no name has its id.
        taken: labels that others have.
        is_folded: whether letter case does not tell names apart, as of addresses.
    """

    def key(name: str) -> str:
        return folded(name) if is_folded else name

    things = dict(named)
    names = [name for name in things.values() if name and is_name(name)]
    counts = Counter(map(key, names)) + Counter(set(map(key, taken)))
    # A name may also be what another is told apart by.
    found: dict[str, str] = {}
    for id, name in things.items():
        if not name or not is_name(name):
            found[id] = id
        else:
            found[id] = name if counts[key(name)] == 1 else f"{name} ({id})"
    often = Counter(map(key, found.values()))
    return {id: label if often[key(label)] == 1 else id for id, label in found.items()}


def is_name(name: str | None) -> bool:
    """Whether it is a name: neither missing nor blank."""
    return bool(name and name.strip())


def labels_of(things: Iterable[Named] | None) -> dict[str, str]:
    """Likewise, of things of the API."""
    return labels((thing.id, thing.name) for thing in things or ())


def in_order(mapping: Mapping[str, T]) -> dict[str, T]:
    """A mapping by label in the order in which people look for them."""
    return dict(sorted(mapping.items(), key=lambda item: (item[0].casefold(), item[0])))
