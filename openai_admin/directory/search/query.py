"""What is looked for, and what its text tells by itself: an id, an address, a secret."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Self

import attrs

from ..._text.secrets import redact, secret_in
from ..._wire.http import hide
from ...errors import InvalidInputError
from ..kinds import KINDS as BY_ARGUMENT
from .hits import HitKind

_IDS: Mapping[HitKind, str] = {
    "person": "user_id",
    "project": "project_id",
    "service_account": "service_account_id",
    "key": "api_key_id",
    "admin_key": "key_id",
    "group": "group_id",
    "invite": "invite_id",
    "certificate": "certificate_id",
    "role": "role_id",
}
"""The arguments that take the ids of each kind; `kinds.KINDS` knows what these look like."""

_GAP = re.compile(r"(?:\.{2,}|…|\*+|•+)+")
_PREFIX = re.compile(r"^(?:[a-z]+[-_])+")
_LEAST_ID = 5  # characters of an id beside its prefix that are looked for in ids
_LEAST_TAIL = 4  # characters at the end of a redacted value
# Letters that Unicode does not take apart into one without and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "\u0131": "i", "æ": "ae", "œ": "oe"}
)


def fold(text: str) -> str:
    """A text without letter case, accents and repeated spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


@attrs.frozen(kw_only=True)
class Query:
    """What is looked for.

    Attributes:
        text: it as it may be shown.
        folded: it without letter case and accents; empty for a secret.
        secret: the secret that it has, hidden; nothing shows or sends it.
        ends: the beginning and the end of a redacted value; ``None`` where it is none.
        id_kinds: the kinds of which it looks like an id.
    """

    text: str
    folded: str = attrs.field(default="", repr=False)
    secret: str | None = attrs.field(default=None, repr=False)
    ends: tuple[str, str] | None = None
    id_kinds: frozenset[HitKind] = frozenset()

    @classmethod
    def of(cls, text: object) -> Self:
        """The query of a text.

        Raises:
            InvalidInputError: it is not text, or has nothing to look for.
        """
        if not isinstance(text, str):
            raise InvalidInputError(f"text must be text, not {type(text).__name__}.")
        given = hide(text.strip())
        if found := secret_in(given):
            return cls(text=redact(found), secret=hide(found))
        if not fold(given):
            raise InvalidInputError("text must have something to look for; it is empty.")
        ends = None
        if (gap := _GAP.search(given)) and not re.search(r"[\s@]", given):
            ends = given[: gap.start()], given[gap.end() :]
        return cls(
            text=str(given),
            folded=fold(given),
            ends=ends if ends and len(ends[1]) >= _LEAST_TAIL else None,
            id_kinds=frozenset(k for k, a in _IDS.items() if BY_ARGUMENT[a].is_id(given)),
        )

    @property
    def is_address(self) -> bool:
        """Whether it is a whole e-mail address."""
        return re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", self.text) is not None

    @property
    def is_of_key(self) -> bool:
        """Whether it is what only a key has: a secret, or a redacted one."""
        return self.secret is not None or self.ends is not None

    @property
    def is_of_admin_key(self) -> bool:
        """Whether it is what only an admin key has."""
        shown = self.secret or (self.ends[0] if self.ends else "")
        return shown.startswith("sk-admin")

    @property
    def in_ids(self) -> str | None:
        """What is looked for in ids, beside their prefix; ``None`` where it is too little."""
        bare = _PREFIX.sub("", self.text) if self.id_kinds else self.text
        return bare if len(bare) >= _LEAST_ID and " " not in bare and "@" not in bare else None

    def ends_as(self, redacted: str) -> bool:
        """Whether a redacted value may be of what is looked for, as far as it shows."""
        gap = _GAP.search(redacted)
        if gap is None:
            return False
        first, last = redacted[: gap.start()], redacted[gap.end() :]
        if self.secret is not None:
            return bool(last) and self.secret.startswith(first) and self.secret.endswith(last)
        if self.ends is not None:
            begins, tail = self.ends
            return _agree(last[::-1], tail[::-1]) and _agree(first, begins)
        return len(self.text) >= _LEAST_TAIL and last.endswith(self.text)


def bare_id(id: str) -> str:
    """An id without what tells its kind."""
    return _PREFIX.sub("", id)


def _agree(first: str, second: str) -> bool:
    """Whether one of two texts begins as the other."""
    return first.startswith(second) or second.startswith(first)
