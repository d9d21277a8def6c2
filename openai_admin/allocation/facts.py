"""What rules can know of the rows of a table: each column by its distinct values."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import attrs

from ..errors import InvalidInputError
from ..usage.kernels import ByHand, Codes
from ..usage.line_items import LineItem
from ..usage.names import NAME_COLUMNS
from ..usage.table import UsageTable
from ..usage.told import Adaptation
from .deciding import Decider, Matches
from .rules import IDS

UNKNOWN: Final = object()
"""In place of a value that the API did not give: the table is not grouped by it then or there."""

DECIDED_BY: Mapping[str, str] = {
    "key": "api_key_id",
    "user": "user_id",
    "service_account": "user_id",
    "project": "project_id",
    "line_item": "line_item",
    "model": "line_item",
}
"""The field that says whether a selector matches; of people, the owner of the key says so too."""

_ACCOUNT, _PERSON = IDS["service_account"], IDS["user"]

Names = Mapping[str, Mapping[str, str]]


@attrs.frozen
class Fact:
    """Something about each row.

    Attributes:
        codes: which value each row has.
        matches: the clauses that may match, for each value.
        texts: each value in words; empty where it says nothing.
        lacking: the fields that are not known where a row has such a value.
    """

    codes: Codes
    matches: Sequence[Matches]
    texts: Sequence[str]
    lacking: Sequence[tuple[str, ...]]


class Facts:
    """What rules can know of a table's rows.

    Args:
        table: the table.
        names: what things are called, as `Allocation.apply` has them.
        unnamed: ids whose names are not known though they may have some.
        decider: the rules.
        kernels: what computes.
    """

    def __init__(
        self,
        table: UsageTable,
        names: Names,
        unnamed: frozenset[str],
        decider: Decider,
        kernels: ByHand,
    ) -> None:
        self._table = table
        self._decider = decider
        self._unnamed = unnamed
        self._kernels = kernels
        self._owners = names.get("owner", {})
        self._names = {ids: self._names_of(ids, names) for ids in NAME_COLUMNS}

    def all(self) -> list[Fact]:
        """All that some rule asks for."""
        asked = self._decider.selectors
        found = [self._when()] if self._decider.stretches else []
        if "project" in asked:
            found.append(self._projects())
        if asked & {"key", "user", "service_account"}:
            found.append(self._people())
        if asked & {"line_item", "model"}:
            found.append(self._things())
        return found

    def days(self) -> Codes:
        """The day of each row, as its table means days.

        Raises:
            InvalidInputError: the table has no column `start_time`.
        """
        if "start_time" not in self._table.columns:
            raise InvalidInputError(
                "Rules that are valid for a time, or divide by usage, need the days of what they"
                " are applied to: a table with the column 'start_time'."
            )
        codes = self._kernels.coded(self._table.columns["start_time"])
        return Codes(codes.numbers, [self._day(each) for each in codes.values])

    def column(self, field: str) -> Codes:
        """A column by numbers, with `UNKNOWN` where the API left the field out."""
        if field not in self._table.columns:
            return Codes(self._kernels.repeated(0, len(self._table)), [UNKNOWN])
        codes = self._kernels.coded(self._table.columns[field])
        lost = [a for a in self._table.adapted if a.what == "grouping" and a.field == field]
        return self._with_unknown(codes, lost) if lost else codes

    def _with_unknown(self, codes: Codes, lost: Sequence[Adaptation]) -> Codes:
        """A column that some buckets were not grouped by: of those that were asked for without it
        the ones in which all of it is null."""
        places = [
            self._kernels.coded(self._table.columns[name])
            for name in ("endpoint", "start_time")
            if name in self._table.columns
        ]
        buckets = self._kernels.combined(places, len(self._table))
        whole = Codes(buckets.numbers, range(buckets.count))
        pairs = self._kernels.combined([whole, codes], len(self._table))
        known = {
            bucket
            for bucket, value in zip(*pairs.parts, strict=True)
            if codes.values[value] is not None
        }
        if "start_time" in self._table.columns and all(each.until for each in lost):
            until = max(each.until for each in lost if each.until)
            known |= {
                bucket
                for bucket, start in enumerate(buckets.parts[-1])
                if places[-1].values[start] >= until
            }
        last = len(codes.values)
        numbers = [
            value if bucket in known else last for bucket, value in zip(*pairs.parts, strict=True)
        ]
        return Codes(
            self._kernels.picked(array("I", numbers), pairs.numbers), [*codes.values, UNKNOWN]
        )

    # --- one kind of fact each --------------------------------------------------------------------

    def _when(self) -> Fact:
        days = self.days()
        borders = self._decider.stretches
        of_day = [bisect_right(borders, day) for day in days.values]
        numbers = self._kernels.picked(array("I", of_day), days.numbers)
        stretches = [borders[0].min if not n else borders[n - 1] for n in range(len(borders) + 1)]
        matches = [self._decider.valid(day) for day in stretches]
        nothing = [""] * len(stretches)
        return Fact(Codes(numbers, stretches), matches, nothing, [()] * len(stretches))

    def _projects(self) -> Fact:
        codes = self.column("project_id")
        matches = [self._matching("project", id, "project_id") for id in codes.values]
        return self._fact(codes, matches, "project", "project_id")

    def _people(self) -> Fact:
        """Keys and who used them, together: whose a key is tells who that was."""
        keys, users = self.column("api_key_id"), self.column("user_id")
        pairs = self._kernels.combined([keys, users], len(self._table))
        matches, texts, lacking = [], [], []
        is_asked = bool(self._decider.selectors & {"user", "service_account"})
        for n, u in zip(*pairs.parts, strict=True):
            key, user = keys.values[n], users.values[u]
            found = self._matching("key", key, "api_key_id")
            person = self._person(key, user) if is_asked else None
            if is_asked:
                found &= self._of_person(person, has_key=key is not None)
            matches.append(found)
            words = [self._text("key", key, "api_key_id"), self._text("user", person, "user_id")]
            texts.append(", ".join(filter(None, words)))
            fields = (("api_key_id", key), ("user_id", person))
            lacking.append(tuple(field for field, value in fields if value is UNKNOWN))
        numbers = pairs.numbers
        return Fact(Codes(numbers, range(pairs.count)), matches, texts, lacking)

    def _person(self, key: Any, user: Any) -> Any:
        if isinstance(user, str):
            return user
        return self._owners.get(key, user) if isinstance(key, str) else user

    def _of_person(self, person: Any, *, has_key: bool) -> Matches:
        if person is UNKNOWN:
            unknown = self._decider.unknown("user")
            # Service accounts have nothing but keys to work with.
            of_accounts = self._decider.unknown("service_account")
            return unknown & (of_accounts if has_key else self._of_account(None))
        # What begins like neither may be either.
        user = None if person is not None and person.startswith(_ACCOUNT) else person
        account = None if person is not None and person.startswith(_PERSON) else person
        return self._matching("user", user, "user_id") & self._of_account(account)

    def _of_account(self, id: str | None) -> Matches:
        return self._matching("service_account", id, "user_id")

    def _things(self) -> Fact:
        """Line items, and the models in them; of usage the models alone."""
        if "line_item" in self._table.columns or "model" not in self._table.columns:
            codes = self.column("line_item")
            matches = [
                self._named("line_item", text)
                & self._named(
                    "model", LineItem.parse(text).subject if text is not UNKNOWN else text
                )
                for text in codes.values
            ]
            return self._fact(codes, matches, "line item", "line_item")
        codes = self.column("model")
        of_items = self._decider.unknown("line_item")
        matches = [self._named("model", model) & of_items for model in codes.values]
        fact = self._fact(codes, matches, "model", "model")
        return attrs.evolve(fact, lacking=[("line_item",)] * len(codes.values))

    def _fact(self, codes: Codes, matches: Sequence[Matches], what: str, field: str) -> Fact:
        texts = [self._text(what, value, field) for value in codes.values]
        lacking = [(field,) if value is UNKNOWN else () for value in codes.values]
        return Fact(codes, matches, texts, lacking)

    def _matching(self, selector: str, id: Any, ids: str) -> Matches:
        if id is UNKNOWN:
            return self._decider.unknown(selector)
        found = self._decider.matching(selector, id, self._names[ids].get(id, ()))
        if id not in self._unnamed:
            return found
        return Matches(found.sure, found.possible | self._decider.by_name(selector))

    def _named(self, selector: str, text: Any) -> Matches:
        """The clauses for something whose name is all there is."""
        if text is UNKNOWN:
            return self._decider.unknown(selector)
        return self._decider.matching(selector, text, [] if text is None else [text])

    def _text(self, what: str, value: Any, field: str) -> str:
        if not isinstance(value, str):
            return ""
        names = self._names.get(field, {}).get(value, ())
        return f"{what} {names[0]!r} ({value})" if names else f"{what} {value!r}"

    # --- names and days ---------------------------------------------------------------------------

    def _names_of(self, ids: str, given: Names) -> dict[str, tuple[str, ...]]:
        """The names of each id."""
        sources = [self._table.names.get(ids, {}), given.get(ids, {})]
        if ids == "user_id":
            sources.append(given.get("user_email", {}))
        found: dict[str, dict[str, None]] = {}
        for source in sources:
            for id, name in source.items():
                found.setdefault(id, {})[name] = None
        for id, name in self._beside(ids):
            found.setdefault(id, {})[name] = None
        return {id: tuple(names) for id, names in found.items()}

    def _beside(self, ids: str) -> list[tuple[str, str]]:
        """The names that the table has in a column of their own."""
        columns = self._table.columns
        if ids not in columns or NAME_COLUMNS[ids] not in columns:
            return []
        both = [self._kernels.coded(columns[name]) for name in (ids, NAME_COLUMNS[ids])]
        pairs = self._kernels.combined(both, len(self._table))
        named = [
            (both[0].values[id], both[1].values[name])
            for id, name in zip(*pairs.parts, strict=True)
        ]
        return [(id, name) for id, name in named if id is not None and name is not None]

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._table.zone).date()
