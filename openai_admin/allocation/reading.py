"""The file of an allocation, read: every mistake is told with its line and what is allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from .._declare.arguments import one_of, suggest
from .._text.toml_lines import Path, toml_lines
from ..errors import InvalidInputError
from ..usage.endpoints import endpoints
from ..usage.line_items import DERIVED
from ..usage.names import NAME_COLUMNS
from ..usage.periods import PERIODS
from ..usage.table import COMPLETE, FIXED
from .parts import whole_numbers
from .rules import NOT_ALLOCATED, PERSONS, SELECTORS, ByUsage, Part, Rule, Values

OWN = ("team", "cost_center")
"""The dimensions that need no declaration as a tag."""

_ALLOCATED = (*OWN, "tags")
_RULE = (*SELECTORS, *_ALLOCATED, "shares", "measured", "otherwise", "from", "to")
_SHARE = (*_ALLOCATED, "weight")
_MEASURED = ("project", "organization")
_USAGE = "usage"
_TAG = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = {*OWN, *FIXED, *NAME_COLUMNS.values(), *DERIVED, *PERIODS, COMPLETE}


def read_rules(text: str, source: str) -> list[Rule]:
    """The rules of a file.

    Args:
        text: the file's contents.
        source: what it is called.

    Raises:
        InvalidInputError: it is not valid TOML, or a rule makes no sense.
    """
    try:
        whole = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as exc:
        raise InvalidInputError(f"{source} is not valid TOML: {exc}.") from None
    return _Reader(whole, toml_lines(text), source).rules()


class _Reader:
    """One reading of a file."""

    def __init__(self, whole: Mapping[str, Any], lines: Mapping[Path, int], source: str) -> None:
        self._whole = whole
        self._lines = lines
        self._source = source
        self._teams: dict[str, dict[str, str | None]] = {}

    def rules(self) -> list[Rule]:
        """All of them.

        Raises:
            InvalidInputError: one makes no sense.
        """
        self._check_keys(self._whole, ("rule", "teams"), ())
        teams = self._table(self._whole.get("teams", {}), ("teams",))
        for team in teams:
            path = ("teams", team)
            self._text(team, path)
            about = self._table(teams[team], path)
            self._check_keys(about, ("cost_center", "tags"), path)
            self._teams[team] = {"team": team, **self._values(about, path)}
        # What one team has another may lack: it must not come from a rule about a third.
        of_teams = {name: None for about in self._teams.values() for name in about}
        self._teams = {team: {**of_teams, **about} for team, about in self._teams.items()}
        rules = self._whole.get("rule", [])
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            self._refuse(("rule",), "rules are tables of their own, each headed [[rule]]")
        if not rules:
            self._refuse((), "there is no rule in it; each begins with [[rule]]")
        return [self._rule(number, rule) for number, rule in enumerate(rules)]

    def _rule(self, number: int, rule: Mapping[str, Any]) -> Rule:
        path: Path = ("rule", number)
        self._check_keys(rule, _RULE, path)
        selectors = {s: self._texts(rule[s], (*path, s)) for s in SELECTORS if s in rule}
        if not selectors:
            self._refuse(
                path, f"the rule does not say what it matches, by {one_of(SELECTORS)}", whole=True
            )
        if all(person in selectors for person in PERSONS):
            self._refuse(
                (*path, PERSONS[1]),
                "a rule matches people or service accounts, not both",
                whole=True,
            )
        values = self._values(rule, path)
        shares = self._shares_of(rule, path, values)
        if not values and shares is None:
            self._refuse(
                path, f"the rule does not say whose it is, by {one_of(_ALLOCATED)}", whole=True
            )
        first, last = (self._day(rule, key, path) for key in ("from", "to"))
        if first is not None and last is not None and last < first:
            self._refuse((*path, "to"), f"to, {last}, is before from, {first}", whole=True)
        line = self._line(path)
        return Rule(number, line, selectors, values, shares, first, last)

    def _values(self, table: Mapping[str, Any], path: Path) -> dict[str, str | None]:
        """The team, with what is said of it, the cost center and the tags."""
        own: dict[str, str | None] = {
            key: self._text(table[key], (*path, key)) for key in OWN if key in table
        }
        of_team: Values = {}
        if self._teams and (team := own.get("team")) is not None:
            if team not in self._teams:
                known = list(self._teams)
                has = f"[teams] has {one_of(known)}{suggest(team, known)}".rstrip(".")
                self._refuse((*path, "team"), f"there is no team {team!r}; {has}")
            of_team = self._teams[team]
        tags = self._table(table.get("tags", {}), (*path, "tags"))
        for name, value in tags.items():
            self._check_tag(name, (*path, "tags", name))
            own[name] = self._text(value, (*path, "tags", name))
        return {**of_team, **own}

    def _check_tag(self, name: str, path: Path) -> None:
        if not _TAG.fullmatch(name):
            self._refuse(
                path,
                f"the name of a tag is lower-case letters, digits and _, and begins with a letter,"
                f" unlike {name!r}",
                whole=True,
            )
        columns = {column for e in endpoints().values() for column in (*e.groups, *e.metrics)}
        if name in _RESERVED | columns:
            self._refuse(
                path, f"no tag can be called {name!r}: tables have such a column", whole=True
            )

    def _shares_of(
        self, rule: Mapping[str, Any], path: Path, values: Values
    ) -> Sequence[Part] | ByUsage | None:
        shares = rule.get("shares")
        if shares == _USAGE:
            measured = rule.get("measured", _MEASURED[0])
            if measured not in _MEASURED:
                self._refuse((*path, "measured"), f"must be {one_of(_MEASURED)}, not {measured!r}")
            otherwise: Sequence[Part] = ()
            if "otherwise" in rule:
                otherwise = self._shares(rule["otherwise"], (*path, "otherwise"), values)
            return ByUsage(measured, otherwise)
        for key in ("measured", "otherwise"):
            if key in rule:
                self._refuse((*path, key), 'goes with shares = "usage" only')
        return None if shares is None else self._shares(shares, (*path, "shares"), values)

    def _shares(self, shares: Any, path: Path, values: Values) -> list[Part]:
        if not isinstance(shares, list) or not all(isinstance(share, dict) for share in shares):
            usage = 'must be "usage" or' if path[-1] == "shares" else "must be"
            self._refuse(path, f'{usage} a list as [{{ team = "Web", weight = 3 }}, …]')
        if not shares:
            self._refuse(path, "has no share in it; there must be one at least")
        weights: list[Fraction] = []
        parts: list[Values] = []
        for share in shares:
            self._check_keys(share, _SHARE, path)
            own = self._values(share, path)
            if twice := sorted(set(own) & set(values)):
                self._refuse(path, f"each share has a {twice[0]}, and so has the rule", whole=True)
            if not own:
                self._refuse(
                    path, f"a share does not say whose it is, by {one_of(_ALLOCATED)}", whole=True
                )
            parts.append(own)
            weights.append(self._weight(share.get("weight"), path))
        if len({frozenset(part.items()) for part in parts}) < len(parts):
            self._refuse(path, "two shares are for the same; give it one weight", whole=True)
        whole = whole_numbers(weights)
        return [Part(*each) for each in zip(parts, whole, strict=True)]

    def _weight(self, weight: Any, path: Path) -> Fraction:
        is_number = isinstance(weight, int | Decimal) and not isinstance(weight, bool)
        if not is_number or not Decimal(weight).is_finite() or weight <= 0:
            given = "" if weight is None else f", not {weight}"
            self._refuse(path, f"each share needs a weight, a number above 0{given}", whole=True)
        return Fraction(weight)

    def _day(self, rule: Mapping[str, Any], key: str, path: Path) -> date | None:
        day = rule.get(key)
        if day is None or type(day) is date:
            return day
        return self._refuse(
            (*path, key), f"must be a date, as 2026-10-01 without quotes, not {day}"
        )

    # --- what values may be -----------------------------------------------------------------------

    def _check_keys(self, table: Mapping[str, Any], allowed: Sequence[str], path: Path) -> None:
        for key in table:
            if key not in allowed:
                can = f"what can be is {one_of(allowed)}{suggest(key, allowed)}".rstrip(".")
                self._refuse((*path, key), f"there is no {key!r} here; {can}", whole=True)

    def _table(self, value: Any, path: Path) -> Mapping[str, Any]:
        return value if isinstance(value, dict) else self._refuse(path, "must be a table")

    def _text(self, value: Any, path: Path) -> str:
        if not isinstance(value, str):
            return self._refuse(path, f'must be text in quotes, as "{value}"')
        if value.strip() == NOT_ALLOCATED:
            self._refuse(path, f"must not be {NOT_ALLOCATED!r}, which stands for nobody")
        return value.strip() or self._refuse(path, "must not be empty")

    def _texts(self, value: Any, path: Path) -> list[str]:
        values = value if isinstance(value, list) else [value]
        if not values:
            self._refuse(path, "is an empty list, which matches nothing; name one at least")
        return [self._text(each, path) for each in values]

    def _line(self, path: Path) -> int:
        """The line of a key, else of the table that it is in."""
        return next(
            (self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), 1
        )

    def _refuse(self, path: Path, wrong: str, *, whole: bool = False) -> NoReturn:
        """Raise what is wrong with the last key of a path; `whole` where the words name it."""
        names = [str(part) for part in path[:0:-1] if isinstance(part, str)]
        what = (
            "" if whole or not names or wrong.startswith(("there ", "rules ")) else f"{names[0]} "
        )
        where = f"{self._source}, line {self._line(path)}" if path else self._source
        raise InvalidInputError(f"{where}: {what}{wrong}{'' if wrong.endswith('?') else '.'}")
