"""What the API said of a thing, field by field, and what it did not say."""

from __future__ import annotations

from typing import Any

import attrs

from ..._wire.models import Entity, as_told
from .gaps import Gaps
from .labels import is_name

_NOT_SAID = "the API does not say it"


@attrs.frozen
class Told:
    """One thing of which the file says fields; what is not known of it is named.

    A field that came as null, as another type than described, or not at all, is not known: it is
    ``None``, and never what the model has in its place.

    Attributes:
        of: the thing as it came.
        gaps: is told what is not known.
        section: the section of which its fields are.
        what: what it is, in words: ``the role Auditor``, or ``projects`` of what a project has.
        ids: the ids of what it is, beside that of `within`.
        within: the id of the project or the provider that it is in.
    """

    of: Entity
    gaps: Gaps
    section: str
    what: str
    ids: tuple[str, ...] = ()
    within: str | None = None

    def field(self, name: str, called: str | None = None) -> Any:
        """A field's value; ``None`` where it is not known.

        Args:
            name: the field.
            called: the field of the file, where that is called otherwise.
        """
        value = as_told(self.of, name)
        if value is None:
            self.lack(called or name)
        return value

    def nullable(self, name: str, called: str | None = None) -> Any:
        """Likewise, of a field that is null unless something is said, as its description has it."""
        return self.field(name, called) if self.of.is_unread(name) else getattr(self.of, name)

    def whole(self, name: str, called: str | None = None) -> tuple[Any, ...] | None:
        """Likewise, of a list of which each item counts, in order and each once."""
        listed = self.field(name, called)
        return None if listed is None else tuple(sorted(set(listed)))

    def name(self, label: str) -> str | None:
        """The name, where that is not the label; a thing whose name is not known may be any."""
        name: str | None = as_told(self.of, "name")
        if is_name(name):
            return name if name != label else None
        self.lack("name")
        self.gaps.incomplete.add((self.section, self.within if self.ids else None))
        return None

    def lack(self, *fields: str) -> None:
        """Say that fields are not known, which are called so in the file."""
        ids = frozenset((*self.ids, *([] if self.within is None else [self.within])))
        for field in fields:
            self.gaps.fields.add((self.section, ids, field))
            called, is_flag = field.replace("_", " "), field in ("active", "enabled")
            words = f"whether {self.what} is {field}" if is_flag else f"{called} of {self.what}"
            self.gaps.unsaid(words, _NOT_SAID, self.within)
