"""Which rules decide about what: found for each distinct value once, and for each combination."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import attrs

from ..errors import InvalidInputError
from .patterns import Pattern
from .rules import IDS, ByUsage, Clause, Rule

Mask = int
"""A set of clauses: the bit of each that is in it."""


class Matches(NamedTuple):
    """The clauses that may decide about something.

    Attributes:
        sure: those that match.
        possible: those, and the ones that may match for all that is known.
    """

    sure: Mask
    possible: Mask

    def __and__(self, other: Matches) -> Matches:
        return Matches(self.sure & other.sure, self.possible & other.possible)


@attrs.frozen
class Undecided:
    """That it is not known which rule applies, for one that wins may match.

    Attributes:
        rule: that one.
    """

    rule: Rule


Verdict = Rule | Undecided | None
"""What decides a dimension: a rule, none, or that is not known."""


class Decider:
    """The clauses of some rules, to be asked which of them decide.

    Args:
        rules: the rules.
        dimensions: what they decide.
        source: the file, as errors call it.

    Raises:
        InvalidInputError: two rules contradict each other whatever there is.
    """

    def __init__(self, rules: Sequence[Rule], dimensions: Sequence[str], source: str) -> None:
        self._clauses = [clause for rule in rules for clause in rule.clauses()]
        self._dimensions = dimensions
        self._source = source
        self._decided: dict[Matches, tuple[Verdict, ...]] = {}
        self._ids: dict[str, dict[str, Mask]] = {}
        self._names: dict[str, dict[str, Mask]] = {}
        self._wild: dict[str, list[tuple[Pattern, Mask]]] = {}
        self._with: dict[str, Mask] = {}
        self._by_name: dict[str, Mask] = {}
        for number, clause in enumerate(self._clauses):
            for selector, texts in clause.selectors.items():
                self._with[selector] = self._with.get(selector, 0) | 1 << number
                if may_be_name(selector, texts):
                    self._by_name[selector] = self._by_name.get(selector, 0) | 1 << number
                if isinstance(texts, Pattern):
                    self._wild.setdefault(selector, []).append((texts, 1 << number))
                    continue
                ids, names = (of.setdefault(selector, {}) for of in (self._ids, self._names))
                for text in texts:
                    ids[text] = ids.get(text, 0) | 1 << number
                    name = text.casefold()
                    names[name] = names.get(name, 0) | 1 << number
        self.all = (1 << len(self._clauses)) - 1
        self.stretches = sorted({b for rule in rules for b in _borders(rule)})
        self._check()

    @property
    def selectors(self) -> set[str]:
        """What rules match by."""
        return set(self._with)

    def valid(self, day: date) -> Matches:
        """The clauses that hold on a day."""
        return self._of(clause.rule.is_valid(day) for clause in self._clauses)

    def matching(self, selector: str, id: str | None, names: Iterable[str] = ()) -> Matches:
        """The clauses that a value does not rule out.

        Args:
            selector: what the value is.
            id: the value; ``None`` is none, which no selector matches.
            names: what it is called as well.
        """
        without = self.all & ~self._with.get(selector, 0)
        if id is None:
            return Matches(without, without)
        lower = [name.casefold() for name in names]
        found = without | self._ids.get(selector, {}).get(id, 0)
        for name in lower:
            found |= self._names.get(selector, {}).get(name, 0)
        for pattern, mask in self._wild.get(selector, ()):
            if pattern.matches(id, lower):
                found |= mask
        return Matches(found, found)

    def by_name(self, selector: str) -> Mask:
        """The clauses that may match something by its name."""
        return self._by_name.get(selector, 0)

    def unknown(self, selector: str) -> Matches:
        """The clauses that may match what is not known."""
        return Matches(self.all & ~self._with.get(selector, 0), self.all)

    def rules_of(self, mask: Mask) -> set[int]:
        """The numbers of the rules whose clauses are in a set."""
        return {clause.rule.number for clause in self._in(mask)}

    def decide(self, matches: Matches, told: Callable[[], str]) -> tuple[Verdict, ...]:
        """What decides each dimension.

        Args:
            matches: the clauses that match.
            told: says what is decided about, for an error.

        Raises:
            InvalidInputError: two rules contradict each other about it.
        """
        decided = self._decided.get(matches)
        if decided is None:
            decided = self._verdicts(matches, told)
            self._decided[matches] = decided
        return decided

    def _verdicts(self, matches: Matches, told: Callable[[], str]) -> tuple[Verdict, ...]:
        """What decides each dimension; a rule that divides by usage decides all of them or none."""
        sure = self._in(matches.sure)
        maybe = self._in(matches.possible & ~matches.sure)
        found = tuple(self._verdict(each, sure, maybe, told) for each in self._dimensions)
        for rule in found:
            if isinstance(rule, Rule) and isinstance(rule.shares, ByUsage):
                others = [each for each in found if each is not rule]
                doubts = [each for each in others if isinstance(each, Undecided)]
                if doubts and len(doubts) == len(others):
                    return (doubts[0],) * len(found)
                if others:
                    return self._verdicts(matches & self._without(rule), told)
        return found

    def _without(self, rule: Rule) -> Matches:
        """All clauses but those of a rule."""
        return self._of(clause.rule is not rule for clause in self._clauses)

    def _verdict(
        self, dimension: str, sure: list[Clause], maybe: list[Clause], told: Callable[[], str]
    ) -> Verdict:
        found = [clause for clause in sure if clause.rule.has(dimension)]
        best = [c for c in found if not any(other.against(c) == 1 for other in found)]
        result = {clause.rule.result(dimension) for clause in best}
        first = best[0] if best else None
        if first is not None and len(result) > 1:
            other = next(
                c for c in best if c.rule.result(dimension) != first.rule.result(dimension)
            )
            raise self._contradiction(dimension, first.rule, other.rule, told())
        for clause in maybe:
            if clause.rule.has(dimension) and (
                first is None
                or (
                    clause.rule.result(dimension) not in result
                    and not any(each.against(clause) == 1 for each in best)
                )
            ):
                return Undecided(clause.rule)
        return None if first is None else first.rule

    def _contradiction(
        self, dimension: str, one: Rule, other: Rule, about: str
    ) -> InvalidInputError:
        return InvalidInputError(
            f"{self._place(one, other)}: both rules decide the"
            f" {dimension.replace('_', ' ')} of {about}, and neither is more specific; make one so,"
            " or let them be valid at different times."
        )

    def _place(self, one: Rule, other: Rule) -> str:
        """Where two rules are; a list of them may be in one line."""
        first, last = sorted((one.line, other.line))
        where = f"line {first}" if first == last else f"lines {first} and {last}"
        return f"{self._source}, {where}"

    def possible(self) -> list[str]:
        """The rules that contradict each other if something has a name that both match."""
        found: dict[str, None] = {}
        for number, clause in enumerate(self._clauses):
            for other in self._clauses[:number]:
                if clause.rule.overlaps(other.rule) and (both := other.may_meet(clause)):
                    for dimension in self._dimensions:
                        if self._differ(dimension, other.rule, clause.rule):
                            place = self._place(other.rule, clause.rule)
                            what = dimension.replace("_", " ")
                            found.setdefault(
                                f"{place}: both rules may decide the {what} of the same costs,"
                                f" those that match {both}; neither is more specific."
                            )
        return list(found)

    def _differ(self, dimension: str, one: Rule, other: Rule) -> bool:
        both = one.has(dimension) and other.has(dimension)
        return both and one.result(dimension) != other.result(dimension)

    def _check(self) -> None:
        """Raise for two rules that match the same by the same selectors at the same time."""
        alike: dict[object, list[Clause]] = {}
        for clause in self._clauses:
            kinds = frozenset(
                (selector, texts.text.casefold() if isinstance(texts, Pattern) else None)
                for selector, texts in clause.selectors.items()
            )
            alike.setdefault(kinds, []).append(clause)
        for clauses in alike.values():
            for number, clause in enumerate(clauses):
                for other in clauses[:number]:
                    self._check_pair(other, clause)

    def _check_pair(self, one: Clause, other: Clause) -> None:
        common: list[str] = []
        for selector, texts in one.selectors.items():
            theirs = other.selectors[selector]
            if isinstance(texts, Pattern):
                common.append(f"{WORDS[selector]} {texts.text!r}")
            elif both := _meant(selector, texts).keys() & _meant(selector, _exact(theirs)).keys():
                common.append(f"{WORDS[selector]} {_meant(selector, texts)[min(both)]!r}")
            else:
                return
        if one.rule.overlaps(other.rule):
            for dimension in self._dimensions:
                if self._differ(dimension, one.rule, other.rule):
                    raise self._contradiction(dimension, one.rule, other.rule, ", ".join(common))

    def _of(self, flags: Iterable[bool]) -> Matches:
        mask = sum(1 << number for number, flag in enumerate(flags) if flag)
        return Matches(mask, mask)

    def _in(self, mask: Mask) -> list[Clause]:
        return [clause for number, clause in enumerate(self._clauses) if mask >> number & 1]


WORDS: Mapping[str, str] = {
    "key": "key",
    "user": "user",
    "service_account": "service account",
    "project": "project",
    "line_item": "line item",
    "model": "model",
}
"""What selectors are called in sentences."""


def may_be_name(selector: str, texts: frozenset[str] | Pattern) -> bool:
    """Whether the name of something may match a selector, or its id alone."""
    if isinstance(texts, Pattern):
        return not texts.is_any
    return not all(text.startswith(IDS.get(selector, "\0")) for text in texts)


def _meant(selector: str, texts: Iterable[str]) -> dict[str, str]:
    """Texts by what they match: names whatever their case."""
    begin = IDS.get(selector, "\0")
    return {text if text.startswith(begin) else text.casefold(): text for text in texts}


def _exact(texts: frozenset[str] | Pattern) -> frozenset[str]:
    return frozenset() if isinstance(texts, Pattern) else texts


def _borders(rule: Rule) -> Iterable[date]:
    """The days on which something changes about a rule."""
    if rule.first is not None:
        yield rule.first
    if rule.last is not None and rule.last < date.max:
        yield date.fromordinal(rule.last.toordinal() + 1)
