"""Which thing of the file is which of those that there are: by its pin, else by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import attrs

from ..._declare.arguments import shown, suggest
from ..document.model import Named

T = TypeVar("T", bound=Named)


@attrs.frozen(kw_only=True)
class Pair(Generic[T]):
    """A thing as the file has it beside the thing that there is.

    Attributes:
        label: its label: the file's, or, where it is not in the file, that of what there is, with
            its id where the file calls something else by it.
        wanted: as the file has it; ``None`` where it is not in the file.
        there: as it is; ``None`` where there is no such thing.
        there_label: its label among what there is.
    """

    label: str
    wanted: T | None = None
    there: T | None = None
    there_label: str | None = None

    @property
    def name(self) -> str:
        """Its name: as the file has it, else as it is.

        A pinned thing whose label is its id has the name that it has: the file does not manage it.
        """
        if self.wanted is None or (self.wanted.name is None and self.wanted.id == self.label):
            return self.old_name or self.label
        return self.wanted.name or self.label

    @property
    def old_name(self) -> str | None:
        """Its name as it is; ``None`` where there is no such thing."""
        return (self.there.name if self.there is not None else None) or self.there_label


@attrs.frozen(kw_only=True)
class Matched(Generic[T]):
    """All things of one kind in one place.

    Attributes:
        pairs: those of the file in its order, then those that are not in it.
        refused: why a thing of the file cannot be told from others, by its label; neither it nor
            what it may be stands among `pairs`.
        unclear: the labels of those that are pinned to what was not listed, and may be there, as
            not everything was; likewise.
        there: the pairs of what there is, by the label of that.
    """

    pairs: tuple[Pair[T], ...]
    refused: Mapping[str, str]
    unclear: frozenset[str]
    there: Mapping[str, Pair[T]]


def matched(
    noun: str,
    wanted: Mapping[str, T] | None,
    there: Mapping[str, T] | None,
    *,
    is_whole: bool,
) -> Matched[T]:
    """Match the things of one kind in one place.

    Args:
        noun: what one of them is called, as ``group``.
        wanted: those of the file; ``None`` for none.
        there: those that there are, each with its id; likewise.
        is_whole: whether these are surely all.
    """
    wanted, there = wanted or {}, there or {}
    label_of = {each.id: label for label, each in there.items() if each.id is not None}
    named: dict[str, list[str]] = {}
    for label, each in there.items():
        named.setdefault(each.name or label, []).append(label)
    pinned = {label_of[each.id] for each in wanted.values() if each.id in label_of}
    found: dict[str, str] = {}  # labels of the file by those of what there is
    unpinned: dict[str, str] = {}  # labels of the file by their names
    refused: dict[str, str] = {}
    unclear: set[str] = set()
    doubtful: set[str] = set()

    pairs: list[Pair[T]] = []
    for label, each in wanted.items():
        if each.id is not None:
            candidates = [label_of[each.id]] if each.id in label_of else []
            if not candidates and not is_whole:
                unclear.add(label)
                continue
            if not candidates:
                refused[label] = f"There is no {noun} with the id {shown(each.id)}" + suggest(
                    each.id, list(label_of)
                )
                continue
        else:
            name = each.name or label
            other = unpinned.setdefault(name, label)
            if other != label:
                refused[label] = (
                    f"{shown(other)} in the file has the name {shown(name)} as well: "
                    "pin one with `id:`, or give it another name."
                )
                continue
            candidates = [one for one in named.get(name, ()) if one not in pinned]
            if len(candidates) > 1:
                doubtful.update(candidates)
                ids = ", ".join(sorted(there[one].id or one for one in candidates))
                refused[label] = (
                    f"{_number(len(candidates))} {noun}s are called {shown(name)}: "
                    f"pin one with `id:` ({ids})."
                )
                continue
        if candidates and candidates[0] in found:
            other = found[candidates[0]]
            refused[label] = f"{shown(other)} in the file is the same {noun}: leave one of them."
            continue
        if candidates:
            found[candidates[0]] = label
        found_label = candidates[0] if candidates else None
        pairs.append(
            Pair(
                label=label,
                wanted=each,
                there=there[found_label] if found_label is not None else None,
                there_label=found_label,
            )
        )
    pair_of = {pair.label: pair for pair in pairs}
    by_there = {one: pair_of[label] for one, label in found.items()}
    for label, each in there.items():
        if label not in found and label not in doubtful:
            # Something else may have its name in the file, by a pin.
            other = f"{each.name or label} ({each.id})" if label in wanted else label
            by_there[label] = Pair(label=other, there=each, there_label=label)
            pairs.append(by_there[label])
    return Matched(pairs=tuple(pairs), refused=refused, unclear=frozenset(unclear), there=by_there)


def _number(count: int) -> str:
    return "Two" if count == 2 else f"{count:,}"
