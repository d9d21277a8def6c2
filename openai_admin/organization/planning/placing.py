"""Where in the file that stands which a plan speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from ..document.model import Document
from ..folding import folded
from .money import plain

Path = tuple[str | int, ...]
"""The keys that lead to a part of the file, and the numbers of items, from 0."""

Where = Callable[[Sequence[str | int]], str | None]
"""Tells of a path where it stands, as ``org.yaml, line 12``, or what is nearest above it."""


@attrs.frozen
class Places:
    """Tells where things stand in the file.

    Attributes:
        document: the file.
        where: tells it of a path; ``None`` for a document that is of no file.
    """

    document: Document
    where: Where | None = None

    def of(
        self,
        section: str,
        subject: str,
        project: str | None = None,
        *,
        named: str | None = None,
        under: Path | None = None,
    ) -> str | None:
        """Where a thing stands, else what is nearest above it; ``None`` without a file.

        Args:
            section: the section that it is of.
            subject: its label.
            project: the label of its project.
            named: a name that stands in it, which is what is meant.
            under: where it is looked for instead of its section.
        """
        if self.where is None:
            return None
        return self.where(self._path(section, subject, project, named, under))

    def of_present(
        self,
        section: str,
        subject: str,
        project: str | None = None,
        *,
        named: str | None = None,
    ) -> str | None:
        """The same of what stands in the file itself; ``None`` where it does not."""
        if self.where is None:
            return None
        path = self._path(section, subject, project, named)
        is_it = not {subject, named}.isdisjoint(path) or isinstance(path[-1], int)
        is_it = is_it or path[0] == "settings"  # of which each is one by itself
        return self.where(path) if is_it and _at(self.document, path) is not None else None

    def _path(
        self,
        section: str,
        subject: str,
        project: str | None,
        named: str | None = None,
        under: Path | None = None,
    ) -> Path:
        found = []
        for base in self._bases(section, subject, project) if under is None else (under,):
            path = base if under else (*base, *_key(_at(self.document, base), subject))
            inner = None if named is None else _named(_at(self.document, path), named)
            found.append((path, inner))
        exact = [(*path, *inner) for path, inner in found if inner is not None]
        candidates = exact or [path for path, _ in found]
        return candidates[0] if len(candidates) == 1 else (section.partition(".")[0],)

    def _bases(self, section: str, subject: str, project: str | None) -> Iterator[Path]:
        """What a thing may stand in; several where its label alone does not tell it."""
        first, _, inner = section.partition(".")
        if section == "identity_providers.rules":
            for label, provider in (self.document.identity_providers or {}).items():
                if subject in (provider.rules or {}):
                    yield (first, label, inner)
        elif inner and first == "settings":
            yield (first, inner)
        elif inner and project is not None:
            yield (first, project, inner)
        elif inner:
            yield (first, subject, inner)
        else:
            yield (first,)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key)
        else:
            value = value[key] if isinstance(key, int) else getattr(value, key, None)
    return value


def _key(value: Any, label: str) -> Path:
    """The key or number of what has a label; none where nothing has it, or several have."""
    found: list[str | int]
    if isinstance(value, Mapping):
        small = folded(label)
        found = [label] if label in value else [key for key in value if folded(key) == small]
    elif isinstance(value, list | tuple):
        found = [i for i, each in enumerate(value) if label in _texts(each)]
    else:
        found = []
    return tuple(found) if len(found) == 1 else ()


def _texts(item: Any) -> Iterator[str]:
    """What an item of a list may be called by."""
    if attrs.has(type(item)):
        item = attrs.asdict(item, recurse=False)
    for each in item.values() if isinstance(item, Mapping) else (item,):
        if isinstance(each, Mapping):
            yield from _texts(each)
        else:
            yield plain(each) if isinstance(each, Decimal) else str(each)


def _named(value: Any, name: str) -> Path | None:
    """The way to the first key, item or text within something that is a name."""
    if attrs.has(type(value)):
        value = attrs.asdict(value, recurse=False)
    if isinstance(value, Mapping) and name in value:
        return (name,)
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for key, each in items:
        if each == name:
            return (key,)
        inner = _named(each, name)
        if inner is not None:
            return (key, *inner)
    return None
