"""What is totalled, and what is said beside its totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Protocol

import attrs

from .._declare.arguments import one_of
from .._wire.models import Unreadable
from .._wire.portable import Portable
from .asked import Asked, Silence
from .plan import Window


@attrs.frozen
class Coverage(Portable):
    """What came of an endpoint, with or without rows.

    Attributes:
        endpoint: whose.
        metrics: what it counts.
        groups: the fields that it can be grouped by.
        buckets: the beginning and the end of each bucket that came.
    """

    endpoint: str
    metrics: Sequence[str]
    groups: Sequence[str]
    buckets: Sequence[tuple[datetime, datetime]]


class _Gap(Protocol):
    @property
    def endpoint(self) -> str: ...

    @property
    def window(self) -> Window: ...


class _Unreadable(_Gap, Protocol):
    @property
    def part(self) -> Unreadable: ...


class _Change(Protocol):
    @property
    def endpoint(self) -> str: ...

    @property
    def what(self) -> str: ...

    @property
    def missing(self) -> _Gap | None: ...


class Table(Protocol):
    """What is totalled: a `UsageTable`."""

    @property
    def columns(self) -> Mapping[str, Sequence[Any]]: ...

    @property
    def metrics(self) -> Sequence[str]: ...

    @property
    def group_by(self) -> Sequence[str]: ...

    @property
    def coverage(self) -> Sequence[Coverage]: ...

    @property
    def missing(self) -> Sequence[_Gap]: ...

    @property
    def unreadable(self) -> Sequence[_Unreadable]: ...

    @property
    def adapted(self) -> Sequence[_Change]: ...

    @property
    def zone(self) -> tzinfo: ...

    @property
    def settled_until(self) -> datetime | None: ...

    @property
    def asked(self) -> Asked | None: ...

    @property
    def silent(self) -> Sequence[Silence]: ...

    def __len__(self) -> int: ...


def shared_names_note(table: Table, keys: Sequence[str]) -> str | None:
    """The sentence about names of totals that several things have, which are added up then."""
    shared: set[str] = set()
    for key in keys:
        ids = f"{key.removesuffix('_name')}_id"
        if key.endswith("_name") and ids in table.columns and ids not in keys:
            pairs = set(zip(table.columns[key], table.columns[ids], strict=True))
            names = Counter(name for name, _ in pairs if name is not None)
            shared |= {name for name, count in names.items() if count > 1}
    if not shared:
        return None
    return f"Several are called {one_of(sorted(shared))}, and are added up: total by their ids."


def mixed_note(currencies: set[str]) -> str:
    """The sentence about amounts that were not added up."""
    names = one_of(sorted(currencies))
    return f"Amounts in {names} were not added up: total by 'currency'."
