"""What is looked for, and what its text tells by itself: an id, an address, a secret."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Self

import attrs

from ..._text.secrets import is_mixed, redact, secrets_in
from ..._wire.http import hide
from ...errors import InvalidInputError
from ..kinds import KINDS as BY_ARGUMENT
from .hits import NOT_SHOWN, HitKind
from .pasted import cleaned, has_beginning, secret_in

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
_PREFIX = re.compile(r"^(?:svc[-_]acct[-_]|[a-z]+[-_])")
_ADDRESS = re.compile(r"[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+")
_END = re.compile(r"(?!(?i:sk|sess)-)[A-Za-z0-9_-]{12,}")
_LEAST_ID = 4  # characters of an id beside its prefix that are looked for in ids
_LEAST_TAIL = 4  # characters at the end of a redacted value
_WHOLE_TAIL = 3  # characters, where these are all that it shows
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
        plain: it as it was given, hidden.
        folded: it without letter case and accents; empty for a secret.
        secret: the secret that it has, hidden; nothing shows or sends it.
        ends: the beginning and the end of a redacted value; ``None`` where it is none.
        id_kinds: the kinds of which it looks like an id.
    """

    text: str
    plain: str = attrs.field(default="", repr=False)
    folded: str = attrs.field(default="", repr=False)
    secret: str | None = attrs.field(default=None, repr=False)
    ends: tuple[str, str] | None = attrs.field(default=None, repr=False)
    id_kinds: frozenset[HitKind] = frozenset()

    @classmethod
    def of(cls, text: object, *, is_hidden: bool = False) -> Self:
        """The query of a text.

        Args:
            text: what is looked for.
            is_hidden: whether it is not to be shown, whatever it is.

        Raises:
            InvalidInputError: it is not text, has nothing to look for, or more than one line.
        """
        if not isinstance(text, str):
            raise InvalidInputError(f"text must be text, not {type(text).__name__}.")
        given = hide(cleaned(text))
        if len(given.splitlines()) > 1:
            raise InvalidInputError(
                "text must be one line; join the lines where a secret was wrapped."
            )
        if len(secrets_in(given)) > 1:
            raise InvalidInputError("text must have one key; it has several: look for each alone.")
        if found := secret_in(given):
            return cls(text=redact(found), plain=given, secret=hide(found))
        if not fold(given):
            raise InvalidInputError("text must have something to look for; it is empty.")
        id_kinds = frozenset(k for k, a in _IDS.items() if _is_id(a, given))
        return cls(
            text=NOT_SHOWN if is_hidden or (not id_kinds and _is_end(given)) else str(given),
            plain=given,
            folded=fold(given),
            ends=_ends_in(given),
            id_kinds=id_kinds,
        )

    @property
    def is_address(self) -> bool:
        """Whether it is a whole e-mail address."""
        return self.secret is None and _ADDRESS.fullmatch(self.plain) is not None

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
        bare = bare_id(self.plain) if self.id_kinds else self.plain
        return bare if len(bare) >= _LEAST_ID and " " not in bare and "@" not in bare else None

    def is_of(self, redacted: str | None) -> bool | None:
        """Whether a redacted value may be of what is looked for; ``None`` if it does not show it.

        Of a text that may be anything else, it is never ``None``.
        """
        if redacted and redacted == self.plain:
            return True
        shown = _GAP.search(redacted or "")
        first, last = _parts(shown) if shown else ("", "")
        if not self.is_of_key:
            whole = last == self.plain and len(last) >= _WHOLE_TAIL
            if not self.id_kinds and _is_end(self.plain) and len(last) >= _LEAST_TAIL:
                return last.endswith(self.plain) or self.plain.endswith(last)
            return whole or (len(self.plain) >= _LEAST_TAIL and last.endswith(self.plain))
        if first.startswith("sk") and not self._begins(first):
            return False
        if (first and not first.startswith("sk")) or not re.fullmatch("[A-Za-z0-9_-]+", last):
            return None
        if self.ends is not None:
            return _agree(last[::-1], self.ends[1][::-1])
        return (self.secret or "").endswith(last)

    def begins_as(self, redacted: str | None) -> bool:
        """Whether a redacted value shows first characters, and these are of what is looked for."""
        shown = _GAP.search(redacted or "")
        first = _parts(shown)[0] if shown else ""
        return first.startswith("sk") and self._begins(first)

    def _begins(self, first: str) -> bool:
        if self.ends is not None:
            return _agree(first, self.ends[0])
        secret = self.secret or ""
        return secret.startswith(first) or not has_beginning(secret)


def bare_id(id: str) -> str:
    """An id without what tells its kind."""
    return _PREFIX.sub("", id)


def _is_end(text: str) -> bool:
    """Whether a text may be the end of a secret, longer than what the API shows of it."""
    is_odd = is_mixed(text) or re.search("[a-z][A-Z]", text) is not None
    return is_odd and _END.fullmatch(text) is not None


def _is_id(argument: str, text: str) -> bool:
    """Whether it looks like an id, and not like a secret that has lost its ``sk-``."""
    return BY_ARGUMENT[argument].is_id(text) and not text.startswith("proj-")


def _ends_in(text: str) -> tuple[str, str] | None:
    """The ends of a redacted value, where a text is one."""
    gap = _GAP.search(text)
    if gap is None or re.search(r"[\s@]", text):
        return None
    first, last = _parts(gap)
    return (first, last) if last and (first.startswith("sk") or len(last) >= _LEAST_TAIL) else None


def _parts(gap: re.Match[str]) -> tuple[str, str]:
    return gap.string[: gap.start()], gap.string[gap.end() :]


def _agree(first: str, second: str) -> bool:
    """Whether one of two texts begins as the other."""
    return first.startswith(second) or second.startswith(first)
