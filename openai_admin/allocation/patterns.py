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

    def meets(self, other: Pattern) -> bool:
        """Whether there can be a text that both match, as names are matched."""
        own, theirs = self.text.casefold(), other.text.casefold()
        reached, seen = [(0, 0)], {(0, 0)}
        while reached:
            n, m = reached.pop()
            if (n, m) == (len(own), len(theirs)):
                return True
            one, two = own[n : n + 1], theirs[m : m + 1]
            steps: list[tuple[int, int]] = []
            if "*" in (one, two):  # which ends here, or also takes what the other has next
                steps = [(n + 1, m)] * bool(one) + [(n, m + 1)] * bool(two)
            elif one and two and (one == two or "?" in (one, two)):
                steps = [(n + 1, m + 1)]
            reached += [step for step in steps if step not in seen]
            seen |= set(steps)
        return False


def is_wild(text: str) -> bool:
    """Whether a text has a wildcard."""
    return _WILD.search(text) is not None


def _expression(text: str, *, one: str = ".") -> str:
    parts = {"*": ".*", "?": one}
    return "".join(parts.get(character) or re.escape(character) for character in text)
