"""Usage and costs grouped by what an allocation says: the file, the query, and what is told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .._declare.arguments import one_of, suggest
from ..allocation.rules import NOT_ALLOCATED, VARIABLE
from ..usage.columns import mapped
from ..usage.endpoints import Endpoint, grouped
from ..usage.table import UsageTable
from ..usage.told import Adaptation
from .errors import CommandError

if TYPE_CHECKING:
    from ..allocation import Allocated, Allocation
    from ..client import AsyncOpenAIAdmin

_FILE = "allocation.toml"  # beside the configuration file
_ALWAYS = ("team", "cost_center")
_TOLD = 5  # rules that matched nothing, and are told one by one


class Allocating:
    """A query that is grouped by what an allocation says.

    Args:
        allocation: the allocation.
        groups: all fields to group by.
        meant: the endpoints.
        is_narrowed: whether filters leave things out, so that rules may well match nothing.
        is_zoned: whether costs are of days of a time zone: usage that has people, as costs may not
            have them, does not say when these were.

    Attributes:
        fetched: the fields to ask for.
        notes: what is to be told of the result.
        lacks: what is not known of it, each as a sentence.
    """

    def __init__(
        self,
        allocation: Allocation,
        groups: Sequence[str],
        meant: Sequence[Endpoint],
        *,
        is_narrowed: bool,
        is_zoned: bool,
    ) -> None:
        self._allocation = allocation
        self._own = [group for group in groups if group not in allocation.dimensions]
        self._is_narrowed = is_narrowed
        needs = set(allocation.needs) | ({"model"} if "line_item" in allocation.needs else set())
        if any(endpoint.name == "costs" for endpoint in meant):
            needs.discard("model")
        if is_zoned:
            needs.discard("user_id")
        fields = dict.fromkeys(field for endpoint in meant for field in endpoint.groups)
        self.fetched = [*self._own, *(f for f in fields if f in needs and f not in self._own)]
        self.notes: list[str] = []
        self.lacks: list[str] = []

    def grouped(self, meant: Sequence[Endpoint], groups: Sequence[str]) -> list[str]:
        """The fields to group by, in order.

        Raises:
            InvalidInputError: as `usage.endpoints.grouped`.
        """
        if self._own:
            grouped(meant, self._own, derived=True)
        return list(dict.fromkeys(groups))

    def is_needed(self, adaptation: Adaptation) -> bool:
        """Whether a field was left out that rules need and nobody else asked for."""
        return adaptation.what == "grouping" and adaptation.field not in self._own

    async def applied(
        self, client: AsyncOpenAIAdmin, table: UsageTable, *, is_first: bool
    ) -> UsageTable:
        """A table with the allocation's columns; what it lacks and what is odd is kept to be told.

        Args:
            client: looks up names.
            table: the table.
            is_first: whether it is what was asked for, and not what that is compared with.
        """
        from ..allocation.names import allocated

        made, known = await allocated(client.usage._caller, table, self._allocation)
        found = [*made.doubts, *known.unknown]
        self.lacks += [each for each in found if each not in self.lacks]
        if is_first:
            self.notes = [*made.notes, *([] if self._is_narrowed else self._unmatched(made))]
        result = made.table
        columns = {
            name: mapped(column, _named) if name in self._allocation.dimensions else column
            for name, column in result.columns.items()
        }
        named = result._with(columns, dimensions=result.dimensions)
        named.group_by, named._coverage = result.group_by, result.coverage
        if not made.doubts:  # what was left out for the rules' sake was not needed
            named.adapted = [each for each in named.adapted if not self.is_needed(each)]
        return named

    def _unmatched(self, made: Allocated) -> list[str]:
        """The rules that matched nothing, which a misspelling may be the reason of."""
        rules = made.unmatched
        told = [
            f"{self._allocation.where(rule)}: the rule for {rule.subject} matched nothing."
            for rule in rules[:_TOLD]
        ]
        if more := len(rules) - len(told):
            told.append(
                f"{more} more {'rule' if more == 1 else 'rules'} of {self._allocation.source}"
                " matched nothing."
            )
        return told


def allocating(
    groups: Iterable[str] | None,
    file: Path | None,
    meant: Sequence[Endpoint],
    *,
    is_narrowed: bool,
    is_zoned: bool,
) -> Allocating | None:
    """How a query is grouped by an allocation; ``None`` where it is not.

    Args:
        groups: the fields to group by.
        file: the file that was named.
        meant: the endpoints.
        is_narrowed: as `Allocating` has it.
        is_zoned: likewise.

    Raises:
        CommandError: there is no file to take the columns from, or it has no such column.
        InvalidInputError: the file makes no sense.
    """
    asked = list(groups or ())
    fields = {field for e in meant for field in (*e.groups, *e.derived)}
    own = [group for group in asked if group not in fields]
    if not own and file is None:
        return None
    path = file or named_file()
    if path is None:
        if not set(own) & set(_ALWAYS):
            return None  # whoever knows the fields refuses it
        raise CommandError(
            f"--group-by {own[0]} needs the rules of an allocation: name their file with"
            f" --allocation or in {VARIABLE}, or put it at {default_file()}."
        )
    from ..allocation import Allocation

    allocation = Allocation.from_file(path)
    has = one_of(allocation.dimensions)
    if not own:
        raise CommandError(
            f"--allocation {path} gives costs the columns {has}: name one with --group-by."
        )
    for group in own:
        if group not in allocation.dimensions:
            known = [*allocation.dimensions, *sorted(fields)]
            raise CommandError(
                f"--group-by: neither has the API {group!r}, nor has {path}, which has"
                f" {has}{suggest(group, known)}"
            )
    return Allocating(allocation, asked, meant, is_narrowed=is_narrowed, is_zoned=is_zoned)


def allocation_with_teams(file: Path | None) -> Allocation | None:
    """The allocation for costs by team: that of a file, else of the one that is taken where none is
    named, if that has teams.

    Raises:
        InvalidInputError: a file makes no sense, or one that was named has no teams.
    """
    path = file or named_file()
    if path is None:
        return None
    from ..allocation import Allocation

    allocation = Allocation.from_file(path)
    return allocation if file is not None or "team" in allocation.dimensions else None


def named_file() -> Path | None:
    """The file that is meant where none is named; ``None`` where there is none."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    default = default_file()
    return default if default.exists() else None


def default_file() -> Path:
    """The file that is taken where none is named, if it is there."""
    from .config_file import config_path

    return config_path().with_name(_FILE)


def _named(value: str | None) -> str:
    return NOT_ALLOCATED if value is None else value
