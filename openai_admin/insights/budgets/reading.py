"""Budgets read from a file."""

from __future__ import annotations

from os import PathLike

from .model import Budget


def read_budgets(path: str | PathLike[str]) -> tuple[Budget, ...]:
    """The budgets in a file, in its order.

    Raises:
        InvalidInputError: it cannot be read, is not valid TOML, or a budget makes no sense; the
            sentence has the file, the line and what is allowed.
    """
    raise NotImplementedError
