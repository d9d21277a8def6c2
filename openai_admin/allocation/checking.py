"""What each rule of an allocation matches, and what none of them allocates."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import attrs

from ..usage.kernels import Codes
from ..usage.money import currency_code, plus
from ..usage.table import UsageTable
from ..usage.totals import kernels_for
from .applying import Applying
from .deciding import Undecided, Verdict
from .rules import Rule

Why = Literal["no rule", "not known", "nothing used"]

Amounts = dict[str | None, Decimal]
"""An amount for each currency."""


@attrs.frozen
class RuleUse:
    """What a rule matches.

    Attributes:
        rule: the rule.
        amounts: the costs whose `Check.dimension` it decides, or other dimensions if it says
            nothing of that one; by the currency. None: it decides about nothing.
    """

    rule: Rule
    amounts: Amounts


@attrs.frozen
class Unallocated:
    """Costs of a project that are not allocated.

    Attributes:
        project_id: whose; ``None`` where the costs have no project, or it is not known.
        why: no rule matches; whether one does is not known; or a rule divides by usage, and nothing
            was used.
        amounts: the costs, by the currency.
    """

    project_id: str | None
    why: Why
    amounts: Amounts


@attrs.frozen
class Check:
    """What an allocation does to some costs.

    Attributes:
        dimension: the one that what is not allocated lacks: the team, if the file has any.
        uses: what each rule matches, in the order of the file.
        not_allocated: what is not allocated, the largest first.
        totals: all costs, by the currency.
        doubts: why it is not known whether a rule applies, each as a sentence.
        notes: what else is to be told, each as a sentence.
    """

    dimension: str
    uses: Sequence[RuleUse]
    not_allocated: Sequence[Unallocated]
    totals: Amounts
    doubts: Sequence[str]
    notes: Sequence[str]


def checked(rules: Sequence[Rule], dimension: str, work: Applying, made: UsageTable) -> Check:
    """What was done to a table.

    Args:
        rules: all rules.
        dimension: the one that what is not allocated lacks.
        work: the application, after it has run.
        made: its result.
    """
    kernels = kernels_for(len(made))
    columns = [made.columns.get(name, [None] * len(made)) for name in ("project_id", "currency")]
    coded = [
        Codes(work.plans, work.verdicts),
        *map(kernels.coded, (made.columns[dimension], *columns)),
    ]
    groups = kernels.combined(coded, len(made))
    sums = kernels.sums({"amount": made.columns["amount"]}, groups.numbers, groups.count)["amount"]
    uses: dict[Rule, Amounts] = {rule: {} for rule in rules}
    lacking: dict[tuple[str | None, Why], Amounts] = {}
    totals: Amounts = {}
    for plan, value, project, unit, amount in zip(*groups.parts, sums, strict=True):
        verdicts = work.verdicts[plan]
        currency = currency_code(coded[3].values[unit])
        decided = verdicts[work.dimensions.index(dimension)]
        places = [
            uses[each]
            for each in dict.fromkeys(verdicts)
            if isinstance(each, Rule) and (each is decided or not each.has(dimension))
        ]
        if coded[1].values[value] is None:
            key = coded[2].values[project], _why(decided)
            places.append(lacking.setdefault(key, {}))
        for amounts in (*places, totals):
            amounts[currency] = plus(amounts.get(currency, Decimal(0)), amount or Decimal(0))
    found = [Unallocated(*key, amounts) for key, amounts in lacking.items()]
    found.sort(key=lambda each: -max(each.amounts.values()))
    used = [RuleUse(rule, amounts) for rule, amounts in uses.items()]
    return Check(dimension, used, found, totals, work.doubts, work.notes)


def _why(verdict: Verdict) -> Why:
    if isinstance(verdict, Undecided):
        return "not known"
    return "no rule" if verdict is None else "nothing used"
