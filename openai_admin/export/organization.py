"""Whose a dataset is: two organizations do not mix in one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from .._files import replaced
from ..errors import InvalidInputError
from .source import Day

_NAME = "_organization.json"  # readers of datasets pass over names that begin with an underscore


class Owner:
    """The organization of a dataset, as it is kept in the dataset's folder.

    Attributes:
        known: what the API calls it, an id or a name; ``None`` while no answer has told it.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / _NAME
        self.known: str | None = self._read()

    def hold(self, told: str | None) -> None:
        """Hold what is to be written against the dataset, and keep the organization if it is new.

        Args:
            told: the organization that answers name; ``None`` where they do not.

        Raises:
            InvalidInputError: it is not the dataset's.
        """
        if told is None:
            return
        if self.known is None:
            self._keep(told)
        elif is_other(told, self.known):
            raise InvalidInputError(
                f"{self._path.parent} has data of the organization {self.known}, and the key"
                f" belongs to {told}: use a key of {self.known}, or name another folder."
            )

    def _read(self) -> str | None:
        try:
            organization = json.loads(self._path.read_bytes())["organization"]
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            return None
        return organization if isinstance(organization, str) else None

    def _keep(self, organization: str) -> None:
        with replaced(self._path) as temporary:
            temporary.write_text(json.dumps({"organization": organization}), encoding="utf-8")
        self.known = organization


def is_other(one: str, other: str) -> bool:
    """Whether these are two organizations; of an id and a name that is not known."""
    return one != other and one.startswith("org-") == other.startswith("org-")


def billed(days: Iterable[Day]) -> str | None:
    """The organization that rows of costs are of; ``None`` where they name none, or several."""
    named = {id for day in days for id in day.columns.get("organization_id", ()) if id}
    return named.pop() if len(named) == 1 else None
