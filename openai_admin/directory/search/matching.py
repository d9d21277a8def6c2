"""How well a thing matches a text, and what is near to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Protocol, TypeVar

from .hits import MATCHES, Field, Match
from .query import Query, bare_id, fold

Names = Sequence[tuple[Field, str]]
"""What a thing is known by: its id first."""


class Named(Protocol):
    """What is known by names."""

    @property
    def names(self) -> Names:
        """What it is known by."""
        ...


T = TypeVar("T", bound=Named)

_NEAR = 0.75  # how similar what is near must be, of 1
_MOST_NEAR = 5


def match(query: Query, names: Names) -> tuple[Match, Field] | None:
    """How well a thing matches, and by what; ``None`` where it does not."""
    found = [(how, field) for field, name in names if (how := _how(query, field, name))]
    return min(found, key=lambda each: MATCHES.index(each[0]), default=None)


def _how(query: Query, field: Field, name: str) -> Match | None:
    if field == "redacted value":
        return "equal" if query.is_of(name) else None
    if query.is_of_key:
        return None
    if field == "owner":
        is_address = query.is_address and fold(name) == query.folded
        return "equal" if is_address or (query.id_kinds and name == query.plain) else None
    if field == "id":
        return _how_id(query, name)
    folded = fold(name)
    if folded == query.folded:
        return "equal"
    if f" {folded}".find(f" {query.folded}") >= 0:
        return "starts"
    return "contains" if all(word in folded for word in query.folded.split()) else None


def _how_id(query: Query, id: str) -> Match | None:
    if id == query.plain:
        return "id"
    part = query.in_ids
    if part is None:
        return None
    bare = bare_id(id)
    if id.startswith(query.plain) and len(query.plain) > len(id) - len(bare):
        return "starts"
    return "contains" if not query.id_kinds and part in bare else None


def nearest(query: Query, things: Iterable[T]) -> list[tuple[T, Field]]:
    """The things whose names are similar, the most similar first; of very many, it takes a second.

    Args:
        query: what is looked for.
        things: what was read.
    """
    wanted = query.folded.partition("@")[0] if query.is_address else query.folded
    likeness = SequenceMatcher(autojunk=False)
    likeness.set_seq2(wanted)
    found: list[tuple[float, int, T, Field]] = []
    for number, thing in enumerate(things):
        best, by = 0.0, None
        for field, name in thing.names:
            for text in _compared(query, field, name):
                likeness.set_seq1(text)
                if (
                    likeness.real_quick_ratio() >= _NEAR
                    and likeness.quick_ratio() >= _NEAR
                    and (ratio := likeness.ratio()) > best
                ):
                    best, by = ratio, field
        if by is not None and best >= _NEAR:
            found.append((-best, number, thing, by))
    return [
        (thing, field) for _, _, thing, field in sorted(found, key=lambda f: f[:2])[:_MOST_NEAR]
    ]


def _compared(query: Query, field: Field, name: str) -> Iterator[str]:
    """The parts of a name that a text is compared with."""
    if field in ("redacted value", "owner"):
        return
    if field == "id":
        if query.id_kinds:
            yield fold(name)
        return
    folded = fold(name)
    yield folded.partition("@")[0] if field == "address" else folded
    words = folded.replace("-", " ").split()
    if len(words) > 1 and len(query.folded.split()) == 1:
        yield from (word for word in words if len(word) > 2)
