"""Shares as whole numbers, those of several rules at once, and numbers divided by them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any

from ..usage.money import tidied
from ..usage.sharing import shared
from .deciding import Verdict
from .rules import ByUsage, Part, Rule

Owner = tuple[str | None, ...]
"""A value for each dimension; ``None``: not allocated."""

Shares = Sequence[tuple[Owner, int]]
"""Whose something is: several with their weights, or one."""


def whole_numbers(weights: Iterable[Fraction]) -> list[int]:
    """Weights above 0 in the same proportions, as the smallest whole numbers."""
    listed = list(weights)
    many = math.lcm(*(weight.denominator for weight in listed))
    whole = [int(weight * many) for weight in listed]
    common = reduce(math.gcd, whole)
    return [weight // common for weight in whole]


def is_shared(verdicts: Sequence[Verdict]) -> bool:
    """Whether a rule among those that decide divides what it matches."""
    return any(isinstance(each, Rule) and each.shares is not None for each in verdicts)


def by_usage(verdicts: Sequence[Verdict]) -> list[Rule]:
    """The rules among those that decide that divide by usage."""
    rules = dict.fromkeys(each for each in verdicts if isinstance(each, Rule))
    return [rule for rule in rules if isinstance(rule.shares, ByUsage)]


def shares_of(
    verdicts: Sequence[Verdict],
    dimensions: Sequence[str],
    measured: Callable[[Rule, ByUsage], Sequence[Part]],
) -> Shares:
    """Whose something is by what decides each dimension.

    Rules that divide by themselves are independent of one another: their weights are multiplied.

    Args:
        verdicts: what decides each dimension.
        dimensions: their names.
        measured: the parts of a rule that divides by usage.
    """
    rules = list(dict.fromkeys(each for each in verdicts if isinstance(each, Rule)))
    options = [measured(r, r.shares) if isinstance(r.shares, ByUsage) else r.parts for r in rules]
    found: dict[Owner, int] = {}
    for chosen in product(*options):
        of = {rule: part.values for rule, part in zip(rules, chosen, strict=True)}
        pairs = zip(verdicts, dimensions, strict=True)
        values = tuple(of[v].get(d) if isinstance(v, Rule) else None for v, d in pairs)
        weight = math.prod(part.weight for part in chosen)
        found[values] = found.get(values, 0) + weight
    return list(found.items())


def no_usage(rule: Rule, usage: ByUsage) -> Sequence[Part]:
    """The parts of a rule that divides by usage where it decides nothing."""
    raise AssertionError(rule)


def divided(value: Any, weights: Sequence[int]) -> list[Any]:
    """A number in parts that are as their weights and add up to it, to the last digit.

    Amounts and quantities have parts of at most 18 decimal places, and the last takes what remains;
    whole numbers have whole parts, and those that lost most by rounding down take what remains.

    Args:
        value: the number; ``None``, which is not known, has unknown parts.
        weights: above 0.
    """
    if isinstance(value, Decimal):
        return [tidied(part) for part in shared(value, weights)]
    return [None] * len(weights) if value is None else _whole_parts(value, weights)


def _whole_parts(number: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    parts = [number * weight // whole for weight in weights]
    lost = [number * weight % whole for weight in weights]
    first = sorted(range(len(weights)), key=lambda n: -lost[n])[: number - sum(parts)]
    return [part + (n in first) for n, part in enumerate(parts)]
