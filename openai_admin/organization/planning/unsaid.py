"""What the API did not say of what there is: no step relies on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..state import State
from .model import Action

_WHICH = ("name", "address")
"""Without these it is not known whether a thing is one of the file."""


class Unsaid:
    """The fields that are not known.

    Args:
        state: what there is.
    """

    def __init__(self, state: State) -> None:
        self._fields: dict[str, list[tuple[frozenset[str], str]]] = {}
        for section, ids, field in sorted(state.unsaid, key=lambda one: (one[0], one[2])):
            self._fields.setdefault(section, []).append((ids, field))

    def among(
        self, section: str, action: Action, arguments: Mapping[str, Any], fields: Iterable[str]
    ) -> list[str]:
        """The fields that a step relies on and that are not known, in words.

        Args:
            section: the section that it is of.
            action: whether it makes, changes or removes something.
            arguments: its arguments.
            fields: the fields that differ.
        """
        told = self._fields.get(section)
        if not told:
            return []
        wanted = {*fields, *(_WHICH if action == "remove" else ())}
        named = {each for each in arguments.values() if isinstance(each, str)}
        found = (field for ids, field in told if field in wanted and ids <= named)
        return [field.replace("_", " ") for field in dict.fromkeys(found)]

    def is_unsaid(self, section: str, id: object, *fields: str, within: str | None = None) -> bool:
        """Whether one of some fields of a thing is not known.

        Args:
            section: the section that it is of.
            id: its id.
            fields: the fields.
            within: the id of what it is in; ``None`` for the organization.
        """
        told, of = self._fields.get(section, ()), {id} if within is None else {id, within}
        return any(field in fields and ids == of for ids, field in told)
