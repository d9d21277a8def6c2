"""What the selectors of rules match: ids, names and e-mail addresses, wildcards among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

import attrs

_WILD = re.compile(r"[*?]")


@attrs.frozen(slots=False)
class Pattern:
    """A text with wildcards: ``*`` stands for any characters, or none, and ``?`` for one.

    An id is matched as it is; a name or an e-mail address whatever its case.
    """

    text: str

    @property
    def is_any(self) -> bool:
        """Whether it is ``*`` alone, which matches whatever there is."""
        return not self.text.strip("*")

    @cached_property
    def _of_ids(self) -> re.Pattern[str]:
        return re.compile(_expression(self.text), re.DOTALL)

    @cached_property
    def _of_names(self) -> re.Pattern[str]:
        return re.compile(_expression(self.text.casefold()), re.DOTALL)

    def matches(self, id: str, names: Iterable[str] = ()) -> bool:
        """Whether it matches an id, or one of the names in lower case."""
        if self._of_ids.fullmatch(id):
            return True
        return any(self._of_names.fullmatch(name) for name in names)

    def includes(self, other: Pattern) -> bool:
        """Whether it matches all that another one matches, and more."""
        own, theirs = self.text.casefold(), other.text.casefold()
        return own != theirs and re.fullmatch(_expression(own, one="[^*]"), theirs) is not None


def is_wild(text: str) -> bool:
    """Whether a text has a wildcard."""
    return _WILD.search(text) is not None


def _expression(text: str, *, one: str = ".") -> str:
    parts = {"*": ".*", "?": one}
    return "".join(parts.get(character) or re.escape(character) for character in text)
