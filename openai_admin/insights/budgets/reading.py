"""Budgets read from a file: every mistake is told with its line and what is allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ..._declare.arguments import one_of, shown, suggest
from ..._text.toml_lines import Path as Keys
from ..._text.toml_lines import toml_lines
from ...errors import InvalidInputError
from .model import SCOPE_FIELDS, Budget, BudgetBasis, BudgetScope

if TYPE_CHECKING:
    from ...allocation import Allocation

_PLAIN = ("name", "limit", "period", "on", "probability", "warn_at", "currency")
_TEAM = ("team", "cost_center")
"""What an allocation has, whichever its file is."""


def read_budgets(
    path: str | PathLike[str],
    *,
    allocation: Allocation | None = None,
    on: BudgetBasis = "actual",
) -> tuple[Budget, ...]:
    """The budgets in a file, in its order.

    Args:
        path: the file.
        allocation: what budgets of teams, cost centers and tags are about.
        on: what budgets are passed by that do not say so.

    Raises:
        InvalidInputError: it cannot be read, is not valid TOML, has no budget, or one that makes no
            sense; the sentence has the file, the line and what is allowed.
    """
    source = fspath(path)
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise InvalidInputError(f"{source} cannot be read: {exc.strerror or exc}.") from exc
    except UnicodeDecodeError as exc:
        raise InvalidInputError(f"{source} is not valid TOML: it must be UTF-8 text.") from exc
    return budgets_of(text, source, allocation=allocation, on=on)


def budgets_of(
    text: str,
    source: str = "budgets.toml",
    *,
    allocation: Allocation | None = None,
    on: BudgetBasis = "actual",
) -> tuple[Budget, ...]:
    """The budgets in the text of a file.

    Args:
        text: what is in it.
        source: what sentences call it.
        allocation: as `read_budgets` has it.
        on: likewise.

    Raises:
        InvalidInputError: as `read_budgets`.
    """
    try:
        whole = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as exc:
        raise InvalidInputError(f"{source} is not valid TOML: {exc}.") from None
    return _Reader(whole, toml_lines(text), source, allocation, on).budgets()


class _Reader:
    """One reading of a file."""

    def __init__(
        self,
        whole: Mapping[str, Any],
        lines: Mapping[Keys, int],
        source: str,
        allocation: Allocation | None,
        on: BudgetBasis,
    ) -> None:
        self._whole = whole
        self._lines = lines
        self._source = source
        self._on = on
        self._dimensions = allocation.dimensions if allocation is not None else ()
        self._has_allocation = allocation is not None

    def budgets(self) -> tuple[Budget, ...]:
        """All of them.

        Raises:
            InvalidInputError: one makes no sense.
        """
        self._check_keys(self._whole, ("budget",), ())
        listed = self._whole.get("budget", [])
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            self._refuse(("budget",), "budgets are tables of their own, each headed [[budget]]")
        if not listed:
            self._refuse((), "there is no budget in it; each begins with [[budget]]")
        names: dict[str, int] = {}
        return tuple(self._budget(number, each, names) for number, each in enumerate(listed))

    def _budget(self, number: int, of: Mapping[str, Any], names: dict[str, int]) -> Budget:
        path: Keys = ("budget", number)
        self._check_keys(of, (*_PLAIN, *SCOPE_FIELDS, *self._dimensions), path)
        for key in ("name", "limit"):
            if key not in of:
                self._refuse(path, f"the budget has no {key}; it must have a name and a limit")
        name = self._text(of["name"], (*path, "name"))
        first = names.setdefault(name, number)
        if first != number:
            line = self._line(("budget", first, "name"))
            self._refuse(
                (*path, "name"),
                f"there is a budget {name!r} in line {line} already; call each differently",
            )
        allocated = {
            key: self._texts(of[key], (*path, key)) for key in self._dimensions if key in of
        }
        scope = BudgetScope(
            **{key: self._texts(of[key], (*path, key)) for key in SCOPE_FIELDS if key in of},
            allocated=allocated,
        )
        given: dict[str, Any] = {
            "name": name,
            "limit": self._number(of["limit"], (*path, "limit")),
            "scope": scope,
            "source": self._place(path),
            "sources": {key: self._place((*path, key)) for key in of},
        }
        for key in ("period", "on", "currency"):
            if key in of:
                given[key] = self._text(of[key], (*path, key)).lower()
        given.setdefault("on", self._on)
        if "probability" in of:
            given["at"] = self._number(of["probability"], (*path, "probability"))
        if "warn_at" in of:
            parts = of["warn_at"] if isinstance(of["warn_at"], list) else [of["warn_at"]]
            given["warn_at"] = tuple(self._number(each, (*path, "warn_at")) for each in parts)
        try:
            made = Budget(**given)
        except InvalidInputError as exc:
            words = str(exc).rstrip(".")
            return self._refuse((*path, words.partition(" ")[0]), words)
        if "probability" in of and made.on == "actual":
            self._refuse((*path, "probability"), 'probability is for on = "forecast"')
        return made

    # --- what values may be -----------------------------------------------------------------------

    def _check_keys(self, table: Mapping[str, Any], allowed: Sequence[str], path: Keys) -> None:
        for key in table:
            if key in allowed:
                continue
            if key in _TEAM and not self._has_allocation:
                self._refuse(
                    (*path, key),
                    f"a budget of a {key.replace('_', ' ')} needs an allocation, which says whose"
                    " the costs are",
                )
            hint = suggest(key, allowed).rstrip(".")
            self._refuse(
                (*path, key), f"there is no {key!r} here; what can be is {one_of(allowed)}{hint}"
            )

    def _text(self, value: Any, path: Keys) -> str:
        if not isinstance(value, str):
            return self._refuse(path, f"{path[-1]} must be text in quotes, not {_toml(value)}")
        return value.strip() or self._refuse(path, f"{path[-1]} must not be empty")

    def _texts(self, value: Any, path: Keys) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        if not values:
            self._refuse(
                path,
                f"{path[-1]} is an empty list, which matches nothing; leave it out or name one",
            )
        return tuple(self._text(each, path) for each in values)

    def _number(self, value: Any, path: Keys) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return self._refuse(
                path,
                f"{path[-1]} must be a number without quotes, as 20000 or 0.8, not {_toml(value)}",
            )
        return Decimal(value)

    def _line(self, path: Keys) -> int:
        """The line of a key, else of the table that it is in."""
        return next(
            (self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), 1
        )

    def _place(self, path: Keys) -> str:
        return f"{self._source}, line {self._line(path)}"

    def _refuse(self, path: Keys, wrong: str) -> NoReturn:
        where = self._place(path) if path else self._source
        end = "" if wrong.endswith("?") else "."
        raise InvalidInputError(f"{where}: {wrong}{end}")


def _toml(value: Any) -> str:
    """A value as the file has it, or nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    return shown(value) if isinstance(value, str | list | dict) else str(value)
