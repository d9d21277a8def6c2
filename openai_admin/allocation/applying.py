"""An allocation applied to a table: each distinct combination decided once, shared rows split."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from itertools import compress
from operator import and_
from typing import Any

import attrs

from ..usage.asked import span_text
from ..usage.columns import SLICE, Column, only
from ..usage.kernels import Codes, Combined
from ..usage.segments import Coded, Index
from ..usage.table import UsageTable
from ..usage.told import listed
from ..usage.totals import kernels_for
from .deciding import Decider, Undecided, Verdict
from .facts import DECIDED_BY, Fact, Facts, Names
from .measuring import Measured, Places, Used, lost_days
from .parts import Shares, by_usage, is_shared, no_usage, shares_of
from .rules import Rule
from .splitting import Split


class Applying:
    """One application to a table.

    Attributes:
        unmatched: the numbers of rules that matched nothing though they were valid.
        verdicts: what decides, for every kind of row.
        plans: the number of the verdicts about each row of the result.
        doubts: why it is not known whether a rule applies, each as a sentence.
        notes: what else is to be told of it.
    """

    def __init__(
        self,
        decider: Decider,
        dimensions: Sequence[str],
        table: UsageTable,
        names: Names,
        unnamed: Collection[str],
        source: str,
        measured: UsageTable | None = None,
    ) -> None:
        self._decider = decider
        self.dimensions = dimensions
        self._table = table
        self._source = source
        self._kernels = kernels_for(len(table))
        self._facts = Facts(table, names, frozenset(unnamed), decider, self._kernels)
        self._values = Index()
        self.verdicts: Sequence[tuple[Verdict, ...]] = ()
        self.plans = array("I")
        self.unmatched: set[int] = set()
        self.doubts: list[str] = []
        self.notes: list[str] = []
        self._beside = (
            Applying(decider, dimensions, measured, names, unnamed, source)
            if measured is not None
            else None
        )

    @property
    def filters(self) -> Collection[str]:
        """What narrows the table."""
        return () if self._table.asked is None else self._table.asked.filters.keys()

    def run(self) -> UsageTable:
        """The table with a column for each dimension."""
        self._decide()
        verdicts, of_row = self.verdicts, self.plans
        shared = [is_shared(each) for each in verdicts]
        codes = array(
            "I", [0 if s else self._code(v) for v, s in zip(verdicts, shared, strict=True)]
        )
        values = self._kernels.picked(codes, of_row)
        if not any(shared):
            return self._with(self._table.columns, values)
        shares, groups = self._shares(shared)
        of_group = {n: [self._values[v] for v, _ in each] for n, each in shares.items()}
        weights = {n: [weight for _, weight in each] for n, each in shares.items()}
        rows = _in_groups(shares, groups)
        split = Split(self._table, rows, groups.numbers, weights, self._kernels)
        self.plans = self._kernels.picked(of_row, split.sources)
        values = self._kernels.picked(values, split.sources)
        for row, first in zip(rows, split.places, strict=True):
            own = of_group[groups.numbers[row]]
            values[first : first + len(own)] = array("I", own)
        return self._with(split.columns(), values)

    def _decide(self) -> None:
        """Find what decides each row."""
        facts = self._facts.all()
        combined = self._kernels.combined([fact.codes for fact in facts], len(self._table))
        plans = Index()
        of_combination = array("I", [plans[v] for v in self._verdicts(facts, combined)])
        self.verdicts = plans.values_seen
        self.plans = self._kernels.picked(of_combination, combined.numbers)

    def _code(self, verdicts: tuple[Verdict, ...]) -> int:
        """The number of what a row is given that is not divided."""
        ((values, _),) = shares_of(verdicts, self.dimensions, no_usage)
        return self._values[values]

    def _verdicts(self, facts: Sequence[Fact], combined: Combined) -> list[tuple[Verdict, ...]]:
        """What decides each combination."""
        found: list[tuple[Verdict, ...]] = []
        used = valid = 0
        doubts: dict[tuple[Rule, frozenset[str]], list[int]] = {}
        for number, parts in enumerate(zip(*combined.parts, strict=True)):
            own = list(zip(facts, parts, strict=True))
            matches = reduce(and_, (fact.matches[part] for fact, part in own))
            used |= matches.possible
            verdicts = self._decider.decide(matches, lambda own=own: _told(own))  # type: ignore[misc]
            for rule in {each.rule for each in verdicts if isinstance(each, Undecided)}:
                asked = {DECIDED_BY[selector] for selector in rule.selectors}
                lacks = asked & {f for fact, part in own for f in fact.lacking[part]}
                doubts.setdefault((rule, frozenset(lacks)), []).append(number)
            found.append(verdicts)
        valid = self._valid(facts)
        self.unmatched = self._decider.rules_of(valid) - self._decider.rules_of(used)
        for (rule, fields), numbers in doubts.items():
            self._note_doubt(rule, fields, numbers, combined)
        return found

    def _valid(self, facts: Sequence[Fact]) -> int:
        """The clauses that are valid at some time of the table."""
        if not len(self._table):
            return 0
        if not self._decider.stretches:
            return self._decider.all
        when = facts[0]
        seen = set(when.codes.numbers)
        return reduce(lambda one, other: one | other, (when.matches[n].sure for n in seen), 0)

    def _note_doubt(
        self, rule: Rule, fields: Collection[str], numbers: Sequence[int], combined: Combined
    ) -> None:
        """Say why it is not known whether a rule applies, if it may apply to any costs."""
        is_one = bytearray(combined.count)
        for number in numbers:
            is_one[number] = 1
        rows = list(compress(range(len(self._table)), map(is_one.__getitem__, combined.numbers)))
        costs = "amount" in self._table.columns
        if costs and all(amount == 0 for amount in only(self._table.columns["amount"], rows)):
            return
        when = ""
        if "start_time" in self._table.columns:
            starts = only(self._table.columns["start_time"], rows)
            ends = only(self._table.columns.get("end_time", self._table["start_time"]), rows)
            when = f" of {span_text(min(starts), max(ends), self._table.zone)}"
        they = "they are" if costs else "it is"
        why = (
            f"{they} not known by {listed(sorted(fields))}" if fields else "not all names are known"
        )
        self.doubts.append(
            f"{'Costs' if costs else 'Usage'}{when} {'are' if costs else 'is'} not allocated where"
            f" the rule of {self._source}, line {rule.line}, may apply: {why}."
        )

    # --- shares -----------------------------------------------------------------------------------

    def _shares(self, shared: Sequence[bool]) -> tuple[dict[int, Shares], Combined]:
        """Whose each group of rows is that is divided; and the groups.

        A group is what one plan is for on a day, in a project and a currency.
        """
        places = Places(self._table, self._facts, self._kernels)
        coded = [Codes(self.plans, self.verdicts), *places.codes]
        groups = self._kernels.combined(coded, len(self._table))
        found: dict[int, Shares] = {}
        measured: Measured | None = None
        for number, (plan, *place) in enumerate(zip(*groups.parts, strict=True)):
            if not shared[plan]:
                continue
            verdicts = self.verdicts[plan]
            if by_usage(verdicts):
                measured = measured or self._measured(places)
                found[number] = measured.shares(plan, places.place(*place))
            else:
                found[number] = shares_of(verdicts, self.dimensions, no_usage)
        if measured is not None:
            self.notes += measured.notes(self._source)
            self.doubts += measured.doubts(self._source)
        return found, groups

    def _measured(self, places: Places) -> Measured:
        """What says how rules divide by usage."""
        if (beside := self._beside) is not None:
            beside._decide()
            used = beside._used(Places(beside._table, beside._facts, beside._kernels))
            self.doubts += [each for each in beside.doubts if each not in self.doubts]
            return Measured(used, self.verdicts, self.dimensions, beside.filters)
        return Measured(self._used(places), self.verdicts, self.dimensions, self.filters)

    def _used(self, places: Places) -> Used:
        if "start_time" not in self._table.columns:
            self._facts.days()  # which says what is needed
        return Used(
            self._table,
            places,
            self._kernels,
            self.plans,
            self.verdicts,
            self.dimensions,
            lost_days(self._table),
        )

    # --- the result -------------------------------------------------------------------------------

    def _with(self, columns: Mapping[str, Sequence[Any]], values: array[int]) -> UsageTable:
        """A table of such columns, with those of the dimensions after the last that it had."""
        seen = self._values.values_seen
        added = {
            name: Column([Coded(values, [each[n] for each in seen])])
            for n, name in enumerate(self.dimensions)
        }
        before = self._table.dimensions[-1] if self._table.dimensions else None
        made: dict[str, Sequence[Any]] = {} if before is not None else dict(added)
        for name, column in columns.items():
            made[name] = column
            if name == before:
                made |= added
        dimensions = [*self._table.dimensions, *self.dimensions]
        result = self._table._with(made, dimensions=dimensions)
        result.group_by = (*self._table.group_by, *self.dimensions)
        result._coverage = [
            attrs.evolve(each, groups=(*each.groups, *self.dimensions))
            for each in self._table.coverage
        ]
        return result


def _told(own: Sequence[tuple[Fact, int]]) -> str:
    """A combination in words."""
    return ", ".join(filter(None, (fact.texts[part] for fact, part in own))) or "the same costs"


def _in_groups(groups: Collection[int], of: Combined) -> array[int]:
    """The rows that are in some groups."""
    chosen = bytearray(of.count)
    for group in groups:
        chosen[group] = 1
    rows = array("I")
    # Slice by slice, for whoever waits for the interpreter meanwhile.
    for start in range(0, len(of.numbers), SLICE):
        part = of.numbers[start : start + SLICE]
        rows.extend(compress(range(start, start + len(part)), map(chosen.__getitem__, part)))
    return rows
