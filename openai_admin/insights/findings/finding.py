"""How a finding is stated: once, for every form that shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

import attrs

from ...directory.not_known import NotKnown, not_checked, not_looked_at, sentence
from ..basis import BASES, Basis
from ..naming import Named
from ..reviews import Review
from ..text import count
from ..unread import Unread, hedged, sentences
from .distribution import Distribution
from .top import MOST, Top, top

T = TypeVar("T")

Tone = Literal["bad", "warn", "good"]
"""How to judge a figure; each form shows it, and none by colour alone."""

Kind = Literal[
    "thing",  # `Named`: an object of the organization
    "things",  # several of them
    "text",
    "day",  # a date, or a moment of which only the day counts
    "minute",  # a moment
    "days",  # a `Period`
    "number",
    "money",  # to the cent
    "change",  # money, with its sign
    "range",  # a pair of amounts
    "rate",  # money, exactly
    "share",  # 1 is all of it
    "relative",  # a change: 0.5 is half as much again
]
"""What a column holds: each form writes it in its own way."""

Importance = Literal["main", "minor", "detail"]
"""``minor`` is left out where there is little room, ``detail`` is only for programs."""


@attrs.frozen
class Threshold:
    """The threshold from which on something is found.

    Attributes:
        amount: how many days, or which fraction (0.8 is 80 %).
        unit: which of them it is.
    """

    amount: float
    unit: Literal["days", "part"]

    def __str__(self) -> str:
        return count(int(self.amount), "day") if self.unit == "days" else f"{self.amount:.0%}"


def days(number: int) -> Threshold:
    """A threshold of so many days."""
    return Threshold(number, "days")


@attrs.frozen
class Column(Generic[T]):
    """One thing to know of each row of a finding.

    Attributes:
        field: its name in data.
        title: its heading.
        kind: what it holds.
        value: its value in a row; ``None`` where there is none.
        importance: where it may be left out.
        name_field: in data, the name beside the id of a ``thing``; the upper end of a ``range``.
        absent: what a person reads where there is no value.
        part: the length of a bar beside it, 0 to 1.
        judged: whether it is the one that shows the row's tone.
        optional: whether it is left out where no row has a value.
        currency: of money, where it is not the review's.
        compares: whether people do without it where nothing is compared.
    """

    field: str
    title: str
    kind: Kind
    value: Callable[[T], Any]
    importance: Importance = attrs.field(default="main", kw_only=True)
    name_field: str = attrs.field(default="", kw_only=True)
    absent: str | Callable[[T], str] = attrs.field(default="", kw_only=True)
    part: Callable[[T], float | None] | None = attrs.field(default=None, kw_only=True)
    judged: bool = attrs.field(default=False, kw_only=True)
    optional: bool = attrs.field(default=False, kw_only=True)
    currency: str | None = attrs.field(default=None, kw_only=True)
    compares: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen(kw_only=True)
class Finding(Generic[T]):
    """What a review has to say about one subject.

    `title`, `none`, `some` and `advice` may name thresholds: ``Keys not used for {days}``.

    Attributes:
        key: the attribute of `Review` that it is.
        title: what its rows are.
        _rows: those of a review in which it is known, what is most worth a look first.
        columns: what there is to know of each.
        noun: what one row is called, and several.
        none: the sentence where nothing was found.
        some: the sentence otherwise; ``{count}`` is how many there are.
        advice: what to do about them.
        text: what is said in place of these sentences where it is known, if that depends on more
            than the rows.
        tone: how to judge a row, ``None`` where it is there only for comparison; left out where
            all rows only inform.
        standing: how a row stands, in a word, where that says more than that it was found.
        thresholds: from which on a row is found, by name.
        distributions: what its rows are counted by where there are more than are shown.
        together: several rows as one, where they add up.
    """

    key: str
    title: str
    _rows: Callable[[Review], Sequence[T]]
    columns: tuple[Column[T], ...]
    noun: tuple[str, str] = ("row", "rows")
    none: str = ""
    some: str = "{count}."
    advice: str = ""
    text: Callable[[Review], Sequence[str]] | None = None
    tone: Callable[[T], Tone | None] | None = None
    standing: Callable[[T], str] | None = None
    thresholds: Mapping[str, Threshold] = attrs.field(factory=dict)
    distributions: tuple[Distribution[T], ...] = ()
    together: Callable[[Sequence[T]], T] | None = None

    @property
    def basis(self) -> Basis:
        """What must be read to find it."""
        return BASES[self.key]

    @property
    def based_on(self) -> tuple[str, ...]:
        """What must be read to find it: kinds in `unread.NOUNS`."""
        return self.basis.kinds

    @property
    def heading(self) -> str:
        """The title with its thresholds."""
        return self.titled()

    def titled(self, **thresholds: Threshold) -> str:
        """The title with thresholds that are not the default."""
        return self.title.format_map({**self.thresholds, **thresholds})

    def columns_in(self, review: Review) -> tuple[Column[T], ...]:
        """The columns that a review has something for: none of a comparison without one."""
        is_compared = review.scope.compared is not None
        return tuple(c for c in self.columns if is_compared or not c.compares)

    def rows(self, review: Review) -> Sequence[T]:
        """Its rows in a review, what is most worth a look first; none where it is not known."""
        return () if review.why_not_known(self.key) else self._rows(review)

    def top(self, review: Review, most: int | None = MOST) -> Top[T]:
        """The rows that are shown, and those that one row stands for.

        Args:
            review: what was found.
            most: how many are shown; ``None`` is all.
        """
        return top(self.rows(review), most)

    def others(self, number: int) -> str:
        """What the row is called that stands for so many others."""
        return f"The other {count(number, *self.noun)}"

    def sentences(self, review: Review) -> tuple[str, ...]:
        """What a review has to say about it, and what of what it is based on is not known."""
        refused = review.why_not_known(self.key)
        if refused:
            return (sentence(not_checked(refused, review.names)),)
        doubts = self.doubts(review.unread, review.not_known, review.names)
        if self.text is not None:
            told = self.text(review)
            return (*(told if self.rows(review) or not doubts else map(hedged, told)), *doubts)
        found = len(self.found(review))
        advice = (self.advice,) if found and self.advice else ()
        standings = f"{self.standings(review)}." if self.standings(review) else ""
        more = filter(None, (standings, *advice))
        return (self.said(found, doubtful=bool(doubts)), *more, *doubts)

    def doubts(
        self, unread: Unread, not_known: Sequence[NotKnown], names: Mapping[str, str]
    ) -> tuple[str, ...]:
        """What of its basis could not be looked at or not be read, as sentences."""
        lacks = self.basis.lacks(not_known)
        told = (sentence(not_looked_at(lacks, names)),) if lacks else ()
        return (*told, *sentences(unread, self.based_on))

    def said(self, number: int, *, doubtful: bool = False, **thresholds: Threshold) -> str:
        """The sentence about so many rows.

        Args:
            number: how many there are.
            doubtful: whether something could not be read that may be one of them.
            thresholds: those that they were found with, where they are not the default.
        """
        known = {**self.thresholds, **thresholds, "count": count(number, *self.noun)}
        if number:
            return self.some.format_map(known)
        return hedged(self.none.format_map(known), doubtful=doubtful)

    def subject(self, row: T) -> str:
        """What a row is about, by its id where it has one: its first column."""
        value = self.columns[0].value(row)
        return str(value.id if isinstance(value, Named) else value)

    def found(self, review: Review) -> list[T]:
        """The rows that count: those with a tone, or all where none has one."""
        return [row for row in self.rows(review) if self.tone is None or self.tone(row)]

    def standings(self, review: Review) -> str:
        """How many of the rows that count stand how: ``1 reached, 2 near``; empty without any."""
        if self.standing is None:
            return ""
        numbers = Counter(map(self.standing, self.found(review)))
        return ", ".join(f"{number:,} {standing}" for standing, number in numbers.items())

    def worst(self, review: Review) -> Tone:
        """The tone of its worst row; ``good`` where there is none to look at and all was read."""
        tones = {self.tone(row) for row in self.rows(review)} if self.tone else set()
        not_read = any(review.unread.get(kind) for kind in self.based_on)
        if not_read or review.why_not_known(self.key) or review.left_out(self.key):
            tones.add("warn")
        return _worst(tones)


def _worst(tones: Collection[Tone | None]) -> Tone:
    return "bad" if "bad" in tones else "warn" if "warn" in tones else "good"


@attrs.frozen
class Group:
    """Findings that are read together.

    Attributes:
        key: its name in links, and of its chart where it has one.
        title: its heading; may depend on the review.
        findings: what is in it.
        text: what is said about all of them, in place of what each says.
    """

    key: str
    title: str | Callable[[Review], str]
    findings: tuple[Finding[Any], ...]
    text: Callable[[Review], Sequence[str]] | None = None

    def about(self, review: Review) -> Group | None:
        """It with those of its findings that a review is about; ``None`` where it is about none."""
        findings = tuple(each for each in self.findings if review.is_about(each.key))
        return attrs.evolve(self, findings=findings) if findings else None

    def heading(self, review: Review) -> str:
        """Its heading for a review."""
        return self.title if isinstance(self.title, str) else self.title(review)

    def sentences(self, review: Review) -> tuple[str, ...]:
        """What a review has to say about its findings, and what of it is not known."""
        if self.text is not None and not self._is_partial(review):
            kinds = dict.fromkeys(kind for finding in self.findings for kind in finding.based_on)
            unread = sentences(review.unread, kinds)
            found = any(finding.rows(review) for finding in self.findings)
            told = self.text(review)
            return (*(told if found or not unread else map(hedged, told)), *unread)
        said = (said for finding in self.findings for said in self._said(finding, review))
        return tuple(dict.fromkeys(said))

    def _is_partial(self, review: Review) -> bool:
        return any(
            review.why_not_known(finding.key) or review.left_out(finding.key)
            for finding in self.findings
        )

    def _said(self, finding: Finding[Any], review: Review) -> tuple[str, ...]:
        told = finding.sentences(review)
        if review.why_not_known(finding.key) and len(self.findings) > 1:
            return tuple(f"{finding.heading}: {text[:1].lower()}{text[1:]}" for text in told)
        return told


@attrs.frozen
class Topic:
    """A question that people ask, with what answers it.

    Attributes:
        question: the question.
        groups: what answers it.
        is_of_now: whether the answer is about the present, whatever the period is.
    """

    question: str
    groups: tuple[Group, ...]
    is_of_now: bool = attrs.field(default=False, kw_only=True)

    def about(self, review: Review) -> Topic:
        """It with what a review is about; without groups where that is nothing."""
        groups = (group.about(review) for group in self.groups)
        return attrs.evolve(self, groups=tuple(group for group in groups if group is not None))

    @property
    def findings(self) -> Iterator[Finding[Any]]:
        """The findings of all its groups."""
        return (finding for group in self.groups for finding in group.findings)

    def worst(self, review: Review) -> Tone:
        """The tone of the worst row of all of them that belong to what was asked about."""
        about = (finding for finding in self.findings if review.is_about(finding.key))
        return _worst({finding.worst(review) for finding in about})
