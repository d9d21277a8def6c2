"""An allocation: rules that say whose costs are whose, and tables with their columns."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Self

import attrs

from ..errors import InvalidInputError
from ..usage.table import UsageTable
from .applying import Applying
from .checking import Check, checked
from .deciding import Decider
from .facts import DECIDED_BY, Names
from .measuring import is_shifted
from .reading import OWN, read_rules
from .rules import IDS, PERSONS, VARIABLE, ByUsage, Part, Rule


@attrs.frozen
class Allocated:
    """A table with the columns of an allocation, and what is to be told of it.

    Attributes:
        table: the table.
        unmatched: the rules that matched nothing in it though they were valid.
        doubts: why it is not known whether a rule applies, each as a sentence; what it may apply
            to is not allocated.
        notes: what else is to be told, each as a sentence.
    """

    table: UsageTable
    unmatched: Sequence[Rule]
    doubts: Sequence[str]
    notes: Sequence[str]


class Allocation:
    """The rules of an ``allocation.toml``.

    Attributes:
        source: the file, as sentences call it.
        rules: the rules, in the order of the file.
        dimensions: the columns that they give a table: ``team``, ``cost_center`` and tags, as far
            as the file has them.
        needs: the fields to group costs by, so that the rules can be decided.
    """

    def __init__(self, rules: Sequence[Rule], source: str) -> None:
        self.source = source
        self.rules = tuple(rules)
        named = dict.fromkeys(name for rule in rules for name in _named(rule))
        own = [name for name in OWN if name in named]
        self.dimensions: tuple[str, ...] = (*own, *(name for name in named if name not in OWN))
        if not named:
            raise InvalidInputError(f"{source}: no rule names a team, a cost center or a tag.")
        self._selectors = {selector for rule in rules for selector in rule.selectors}
        needs = {DECIDED_BY[selector] for selector in self._selectors}
        if "user_id" in needs:
            needs.add("api_key_id")
        if any(rule.shares is not None for rule in rules):
            needs.add("project_id")  # within which parts add up, whatever else is grouped by
        self.needs = frozenset(needs)
        self._decider = Decider(self.rules, self.dimensions, source)

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self:
        """Read a file.

        Raises:
            InvalidInputError: it cannot be read, is not valid TOML, or a rule makes no sense or
                contradicts another; the sentence has the file, the line and what is allowed.
        """
        try:
            text = Path(path).read_bytes().decode("utf-8-sig")
        except OSError as exc:
            reason = exc.strerror or str(exc)
            raise InvalidInputError(f"{fspath(path)} cannot be read: {reason}.") from exc
        except UnicodeDecodeError as exc:
            raise InvalidInputError(f"{fspath(path)} is not valid TOML: {exc}.") from exc
        return cls.from_text(text, source=fspath(path))

    @classmethod
    def of_environment(cls) -> Self | None:
        """Read the file that the environment variable `VARIABLE` names; ``None`` without it.

        Raises:
            InvalidInputError: as `from_file`.
        """
        path = os.environ.get(VARIABLE)
        return cls.from_file(path) if path else None

    @classmethod
    def from_text(cls, text: str, source: str = "allocation.toml") -> Self:
        """Read the text of a file.

        Args:
            text: what is in it.
            source: what sentences call it.

        Raises:
            InvalidInputError: as `from_file`.
        """
        return cls(read_rules(text, source), source)

    @property
    def needs_names(self) -> frozenset[str]:
        """What has to be known by name, for not every rule has ids: ``key``, ``user`` …"""
        return frozenset(s for s in self._selectors & IDS.keys() if self._decider.by_name(s))

    @property
    def needs_people(self) -> bool:
        """Whether it has to be known who has each key."""
        return not self._selectors.isdisjoint(PERSONS)

    def possible_contradictions(self) -> list[str]:
        """The rules that contradict each other if something is called what the wildcards of both
        match, each pair as a sentence with its lines. What does is an error of `apply`."""
        return self._decider.possible()

    def is_shifted(self, filters: Collection[str]) -> bool:
        """Whether filters leave out some of what rules that divide by usage measure.

        Args:
            filters: the names of those that narrow a query, as ``project_ids``.
        """
        usages = (rule.shares for rule in self.rules if isinstance(rule.shares, ByUsage))
        return any(is_shifted(usage, filters) for usage in usages)

    def apply(self, table: UsageTable, names: Names | None = None) -> UsageTable:
        """The table with a column for each dimension; its rows are split where they are shared.

        The parts of a row add up to it, to the last digit. ``None`` is what is not allocated: no
        rule matches it, or whether one does is not known; see `allocate`.

        Args:
            table: costs, or usage; fields that the rules need and it is not grouped by are not
                known.
            names: what things are called, for rules that do not have ids: by the column of ids
                (``project_id``, ``api_key_id``, ``user_id``) and the id. ``user_email`` has e-mail
                addresses by the person's id, ``owner`` the id of whoever has a key, by the key's.
                `usage.with_names` and rows that came with names are taken into account.

        Raises:
            InvalidInputError: two rules contradict each other about a row, or the table has such a
                column.
        """
        return self.allocate(table, names).table

    def allocate(
        self,
        table: UsageTable,
        names: Names | None = None,
        unnamed: Collection[str] = (),
        measured: UsageTable | None = None,
    ) -> Allocated:
        """The same as `apply`, with what is to be told of it.

        Args:
            table: as of `apply`.
            names: as of `apply`.
            unnamed: ids whose names are not known, since a listing could not be read: a rule that
                has names may apply to them.
            measured: where filters narrow the table, the same without them (see `is_shifted`): what
                rules that divide by usage measure. What they divide is not allocated without it.

        Raises:
            InvalidInputError: as `apply`.
        """
        work, made = self._applied(table, names, unnamed, measured)
        unmatched = [rule for rule in self.rules if rule.number in work.unmatched]
        return Allocated(made, unmatched, work.doubts, work.notes)

    def check(
        self, table: UsageTable, names: Names | None = None, unnamed: Collection[str] = ()
    ) -> Check:
        """What each rule matches in a table, and what is not allocated; the arguments are those of
        `allocate`.

        Raises:
            InvalidInputError: as `apply`, or the table has no amounts.
        """
        if "amount" not in table.columns:
            raise InvalidInputError("An allocation is checked with costs: a table with amounts.")
        work, made = self._applied(table, names, unnamed)
        return checked(self.rules, self.dimensions[0], work, made)

    def _applied(
        self,
        table: UsageTable,
        names: Names | None,
        unnamed: Collection[str],
        measured: UsageTable | None = None,
    ) -> tuple[Applying, UsageTable]:
        if taken := [name for name in self.dimensions if name in table.columns]:
            raise InvalidInputError(f"The table has a column {taken[0]!r} already.")
        work = Applying(
            self._decider, self.dimensions, table, names or {}, unnamed, self.source, measured
        )
        return work, work.run()

    def values(self, dimension: str) -> list[str]:
        """What a dimension can be, in the order of the file.

        Args:
            dimension: one of `dimensions`.
        """
        found = dict.fromkeys(
            value
            for rule in self.rules
            for part in _all_parts(rule)
            if (value := part.values.get(dimension)) is not None
        )
        return list(found)

    def where(self, rule: Rule) -> str:
        """The file and the line of a rule, in words."""
        return f"{self.source}, line {rule.line}"

    def __repr__(self) -> str:
        count = len(self.rules)
        rules = f"{count} {'rule' if count == 1 else 'rules'}"
        return f"<Allocation {rules} from {self.source}: {', '.join(self.dimensions)}>"


def _named(rule: Rule) -> list[str]:
    """The dimensions that a rule names, in its order."""
    return [name for part in _all_parts(rule) for name in part.values]


def _all_parts(rule: Rule) -> list[Part]:
    """The parts of a rule, those for days without usage included."""
    otherwise = rule.shares.otherwise if isinstance(rule.shares, ByUsage) else ()
    return [*rule.parts, *otherwise]
