"""The rules of an allocation: what each matches, whom it allocates that to, and which one wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Literal

import attrs

from .._declare.arguments import one_of
from .patterns import Pattern, is_wild

VARIABLE = "OPENAI_ADMIN_ALLOCATION"
"""The environment variable that names the file."""

NOT_ALLOCATED = "(not allocated)"
"""What people read in place of the team, the cost center or the tag of what is not allocated."""

SELECTORS = ("key", "user", "service_account", "project", "line_item", "model")
"""What a rule can match by."""

Kind = Literal["key", "person", "project", "line_item", "model"]
KINDS: tuple[Kind, ...] = ("key", "person", "project", "line_item", "model")
"""What rules are compared by, in this order: people and service accounts count alike."""

PERSONS = ("user", "service_account")

IDS: Mapping[str, str] = {
    "project": "proj_",
    "key": "key_",
    "user": "user-",
    "service_account": "svc_acct_",
}
"""How the ids of things begin that have a name as well."""

Values = Mapping[str, str | None]
"""A team, a cost center, tags: by the dimension; ``None`` says that there is none."""

_NONE, _WILD, _EXACT = range(3)


@attrs.frozen
class Part:
    """A share of what a rule matches: whose it is, and its weight."""

    values: Values
    weight: int = 1


@attrs.frozen
class ByUsage:
    """A division of costs in the proportion of other costs of the same day.

    Attributes:
        measured: the costs that count: of the same project, or of the organization. Those of them
            count that are allocated by other rules, each currency by itself, net of credits.
        otherwise: the shares of a day on which nothing of that was used; without any, its costs
            are not allocated.
    """

    measured: Literal["project", "organization"] = "project"
    otherwise: Sequence[Part] = ()


@attrs.frozen(eq=False)
class Rule:
    """A rule of the file.

    Attributes:
        number: its number in the file, from 0 on.
        line: the line that it begins in.
        selectors: what it matches by: each must match, by any one of its texts.
        values: whom it allocates that to, all shares alike.
        shares: how it is divided; ``None`` where it is not.
        first: the first day that it is valid; ``None`` where it always was.
        last: the last day; ``None`` where it has no end.
    """

    number: int
    line: int
    selectors: Mapping[str, Sequence[str]]
    values: Values
    shares: Sequence[Part] | ByUsage | None = None
    first: date | None = None
    last: date | None = None

    def has(self, dimension: str) -> bool:
        """Whether it decides a dimension; one that divides by usage decides all."""
        if isinstance(self.shares, ByUsage):
            return True
        return any(dimension in part.values for part in self.parts)

    def result(self, dimension: str) -> object:
        """What it says of a dimension, to be compared with what another rule says."""
        alike = self.shares is None or (
            not isinstance(self.shares, ByUsage)
            and len({part.values.get(dimension) for part in self.shares}) == 1
        )
        return self.parts[0].values.get(dimension) if alike else self

    @property
    def parts(self) -> Sequence[Part]:
        """Its shares, where they are fixed; the whole as one where it is not divided."""
        if self.shares is None or isinstance(self.shares, ByUsage):
            return [Part(self.values)]
        return [Part({**self.values, **part.values}, part.weight) for part in self.shares]

    @property
    def subject(self) -> str:
        """What it matches, in words: ``project 'web-*', key 'ci'``."""
        return ", ".join(
            f"{selector.replace('_', ' ')} {one_of(texts)}"
            for selector, texts in self.selectors.items()
        )

    @property
    def target(self) -> str:
        """Whom it allocates that to, in words: ``team 'Web' 75 %, team 'Data' 25 %``."""
        if isinstance(self.shares, ByUsage):
            own = f"{_words(self.values)}, " if self.values else ""
            return f"{own}by usage of the {self.shares.measured}"
        whole = sum(part.weight for part in self.parts)
        return ", ".join(
            _words(part.values)
            + (f" {part.weight / whole * 100:.4g} %" if self.shares is not None else "")
            for part in self.parts
        )

    @property
    def validity(self) -> str:
        """The days that it is valid on, in words; empty where these are all."""
        since = f"from {self.first}" if self.first is not None else ""
        until = f"to {self.last}" if self.last is not None else ""
        return f"{since} {until}".strip()

    def is_valid(self, day: date) -> bool:
        """Whether it holds on a day."""
        begun = self.first is None or self.first <= day
        return begun and (self.last is None or day <= self.last)

    def overlaps(self, other: Rule) -> bool:
        """Whether there is a day on which both hold."""
        first = max(self.first or date.min, other.first or date.min)
        return first <= min(self.last or date.max, other.last or date.max)

    @property
    def has_names(self) -> bool:
        """Whether it may match something by its name, which has an id as well."""
        return any(
            not text.startswith(IDS[selector])
            for selector in self.selectors.keys() & IDS.keys()
            for text in self.selectors[selector]
        )

    def clauses(self) -> Iterator[Clause]:
        """Its alternatives: of each selector either all exact texts or one with wildcards."""
        choices: list[list[tuple[str, frozenset[str] | Pattern]]] = []
        for selector, texts in self.selectors.items():
            exact = frozenset(text for text in texts if not is_wild(text))
            wild = [Pattern(text) for text in dict.fromkeys(texts) if is_wild(text)]
            alike: list[frozenset[str] | Pattern] = [exact] if exact else []
            choices.append([(selector, each) for each in [*alike, *wild]])
        for chosen in product(*choices):
            yield Clause(self, dict(chosen))


@attrs.frozen(eq=False, slots=False)
class Clause:
    """One alternative of a rule: for each selector the exact texts, or one with wildcards."""

    rule: Rule
    selectors: Mapping[str, frozenset[str] | Pattern]

    @property
    def by_kind(self) -> dict[str, frozenset[str] | Pattern]:
        """Its selectors by what they are compared as."""
        return {
            "person" if selector in PERSONS else selector: each
            for selector, each in self.selectors.items()
        }

    def against(self, other: Clause) -> int | None:
        """Which one wins where both match: 1 for this one, -1 for the other, 0 for none.

        ``None`` says that it is not clear: both have wildcards of which neither includes the other.
        """
        mine, theirs = self.by_kind, other.by_kind
        for kind in KINDS:
            own, its = mine.get(kind), theirs.get(kind)
            if (difference := _level(own) - _level(its)) != 0:
                return 1 if difference > 0 else -1
            if isinstance(own, Pattern) and isinstance(its, Pattern) and _level(own) == _WILD:
                if its.includes(own):
                    return 1
                if own.includes(its):
                    return -1
                if own.text.casefold() != its.text.casefold():
                    return None
        # A mere "*" asks at least that there be something.
        difference = len(mine) - len(theirs)
        return (difference > 0) - (difference < 0)

    def may_meet(self, other: Clause) -> str:
        """The wildcards by which both may match the same while neither wins, in words; else empty.

        Selectors that only one has do not matter: the wildcards are compared before them.
        """
        if self.against(other) is not None:
            return ""
        mine, theirs = self.by_kind, other.by_kind
        told = ""
        for kind in mine.keys() & theirs.keys():
            own, its = mine[kind], theirs[kind]
            if isinstance(own, Pattern) and isinstance(its, Pattern):
                if not own.meets(its):
                    return ""
                if not (told or own.includes(its) or its.includes(own) or own.text == its.text):
                    told = f"{own.text!r} and {its.text!r}"
            elif isinstance(own, frozenset) and isinstance(its, frozenset):
                if {t.casefold() for t in own}.isdisjoint(t.casefold() for t in its):
                    return ""
            else:
                pattern, texts = (own, its) if isinstance(own, Pattern) else (its, own)
                if not any(Pattern(t).meets(pattern) for t in texts):  # type: ignore[union-attr,arg-type]
                    return ""
        return told


def _words(values: Values) -> str:
    """Values in words; what goes without saying of a team is left out."""
    named = {"team": values["team"]} if "team" in values else values
    return ", ".join(
        f"{name.replace('_', ' ')} {value!r}" for name, value in named.items() if value is not None
    )


def _level(selector: frozenset[str] | Pattern | None) -> int:
    if selector is None or (isinstance(selector, Pattern) and selector.is_any):
        return _NONE
    return _WILD if isinstance(selector, Pattern) else _EXACT
