"""The keys that an account has, and which of them a rotation replaces: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

import attrs

from ..._declare.arguments import shown
from ..._text.secrets import redact
from ...errors import InvalidInputError

_MASK = re.compile(r"[*.•…]{2,}|[•…]")
_ROTATION = re.compile(r" \(rotation ([0-9a-f]+)-(\d+)(?: for (\S+))?\)$")
_ID_TAIL = 8  # characters of an id in the name of the key that replaces it
_LEAST_TAIL = 4  # characters; fewer are the same in many keys
_MOST_LISTED = 10
_BEGINNING = "sk-"  # of every key
NONE = "none"
"""What stands for no key where one is to be named."""


class UnknownKeyError(InvalidInputError):
    """No key is called so."""


@attrs.frozen
class Origin:
    """What the name of a key says of the rotation that made it.

    Attributes:
        rotation: its id.
        number: which of its keys this is.
        old: the end of the id of the key that it replaces; ``None`` if it replaces none.
    """

    rotation: str
    number: int
    old: str | None = None


@attrs.frozen(kw_only=True)
class Key:
    """A key as a listing has it, of either kind.

    Attributes:
        id: its id.
        name: its name.
        redacted: what is shown of its secret.
        created_at: when it was created.
        expires_at: when it stops working.
        last_used_at: when it was last used.
        is_use_known: whether `last_used_at` says so; else ``None`` there means that nobody knows.
        owner: the id of whoever has it.
        is_own: whether the account has it; ``None`` where that cannot be told.
        scopes: what it may do, where the API says so.
    """

    id: str
    name: str | None = None
    redacted: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    is_use_known: bool = True
    owner: str | None = None
    is_own: bool | None = True
    scopes: tuple[str, ...] | None = None

    @property
    def lifetime(self) -> int | None:
        """Seconds from its creation to its expiry; ``None`` if it does not expire, or unknown."""
        if self.created_at is None or self.expires_at is None:
            return None
        return max(1, round((self.expires_at - self.created_at).total_seconds()))

    @property
    def is_shown(self) -> bool:
        """Whether enough is shown of its secret to tell it from others."""
        shown = _MASK.split(self.redacted or "")
        return len(shown) > 1 and len(shown[-1]) >= _LEAST_TAIL

    def may_be(self, secret: str) -> bool:
        """Whether what is shown of it is the beginning and the end of a secret."""
        return self.is_shown and not self.differs(secret)

    def differs(self, secret: str) -> bool:
        """Whether what is shown of it, however little, is not of a secret."""
        shown = _MASK.split(self.redacted or "")
        if len(shown) == 1:
            return False
        head, tail = shown[0], shown[-1]
        is_of_it = secret.startswith(head) and secret.endswith(tail)
        return not is_of_it or len(secret) <= len(head + tail)

    @property
    def origin(self) -> Origin | None:
        """The rotation that made it, by its name; ``None`` where none did."""
        found = _ROTATION.search(self.name or "")
        return Origin(found[1], int(found[2]), found[3]) if found else None

    def replaces(self, other: Key) -> bool:
        """Whether a rotation made it in place of another key, by its name."""
        origin = self.origin
        return origin is not None and self.id != other.id and origin.old == id_tail(other.id)

    def __str__(self) -> str:
        told = [
            f'"{self.name}"' if self.name else None,
            f"created {self.created_at:%Y-%m-%d}" if self.created_at else None,
            _used(self),
        ]
        return f"{self.id} ({', '.join(filter(None, told))})"


def _used(key: Key) -> str:
    if key.last_used_at is not None:
        return f"last used {key.last_used_at:%Y-%m-%d %H:%M} UTC"
    return "never used" if key.is_use_known else "last use not known"


@attrs.frozen(kw_only=True)
class Listed:
    """What a listing had.

    Attributes:
        keys: the keys, those of others and those that cannot be told included.
        unreadable: how many could not be read.
    """

    keys: tuple[Key, ...] = ()
    unreadable: int = 0

    @property
    def own(self) -> list[Key]:
        """The keys that the account has for certain."""
        return [key for key in self.keys if key.is_own]

    @property
    def unsure(self) -> list[Key]:
        """The keys that it may have."""
        return [key for key in self.keys if key.is_own is None]

    def find(self, id: str) -> Key | None:
        """A key by its id."""
        return next((key for key in self.keys if key.id == id), None)

    def replaced_by(self, new: Key) -> list[Key]:
        """The keys that a rotation made another one in place of, by its name; one in general."""
        return [key for key in self.keys if key.is_own is not False and new.replaces(key)]


def replaced_key(listed: Listed, *, held: str | None, named: str | None, whose: str) -> Key | None:
    """The key that a rotation replaces; ``None`` where there is none.

    Args:
        listed: the keys.
        held: the secret that the sink holds.
        named: the key that the user named, by id or name, or ``none``.
        whose: what the account is called.

    Raises:
        InvalidInputError: which one it is cannot be told, or there is no such key.
    """
    if named == NONE:
        return None
    if named is not None:
        return one_named(listed, named, whose=whose)
    matching = [key for key in listed.keys if held is not None and key.may_be(held)]
    if len(matching) == 1 and matching[0].is_own:
        return matching[0]
    if len(matching) == 1 and matching[0].is_own is False:
        raise InvalidInputError(
            f"The sink holds {matching[0]}, which is not a key of {whose}: name the key to replace"
            f" with --key{_choices(listed)}."
        )
    if not matching and len(listed.own) == 1 and not listed.unsure and not listed.unreadable:
        return listed.own[0]
    if not listed.own and not listed.unsure and not listed.unreadable:
        return None
    raise InvalidInputError(
        f"Which key of {whose} is to be replaced cannot be told: {_why(listed, matching, held)}."
        f" {_under_way(listed, held)}Name it with --key{_choices(listed)}; --key none replaces"
        " none."
    )


def check_own(listed: Listed, held: str, *, whose: str) -> None:
    """Refuse to overwrite what is not a key of the account: nobody may have another copy of it.

    A key of which the API shows nothing may be any secret of the right look.

    Args:
        listed: the keys.
        held: what the sink holds.
        whose: what the account is called.

    Raises:
        InvalidInputError: it is something else.
    """
    keys = (*listed.own, *listed.unsure)
    if any(key.may_be(held) for key in keys):
        return
    if held.startswith(_BEGINNING) and any(not key.redacted for key in keys):
        return
    raise InvalidInputError(
        f"The place of --to holds {in_words(listed, held, whose=whose)}: name another place, or"
        " pass --replace to overwrite it."
    )


def in_words(listed: Listed, held: str | None, *, whose: str) -> str:
    """What a sink holds, in words, without the secret.

    Args:
        listed: the keys.
        held: what it holds.
        whose: what the account is called.
    """
    if not held:
        return "nothing that can be read"
    found = [key for key in listed.keys if key.may_be(held)]
    own = [key for key in found if key.is_own]
    if len(own) == 1:
        return f"{own[0]}, a key of {whose}"
    if own:
        return f"one of {len(own)} keys of {whose} that end alike"
    if found:
        doubt = "may be" if found[0].is_own is None else "is not"
        return f"{found[0]}, which {doubt} a key of {whose}"
    what = "a key that" if held.startswith(_BEGINNING) else "a value that"
    return f"{what} is not known to be one of {whose}"


def _why(listed: Listed, matching: Sequence[Key], held: str | None) -> str:
    if len(matching) > 1:
        return "what is shown of several fits what the sink holds"
    if matching:
        return "the one that the sink holds does not say whose it is"
    if listed.unreadable:
        return f"{listed.unreadable} of those listed could not be read"
    if listed.unsure:
        return f"{len(listed.unsure)} of those listed do not say whose they are"
    if held is None:
        unknown = "what the sink holds is not known"
    elif any(not key.is_shown for key in listed.own):
        unknown = "which of them the sink holds cannot be told, as not all of them are shown"
    else:
        unknown = "the sink holds none of them"
    return f"it has {len(listed.own)}, and {unknown}"


def _under_way(listed: Listed, held: str | None) -> str:
    """What ends a rotation with one key that nobody can tell more of, a sentence with its space."""
    if held is not None:
        return ""
    pairs = [(new, old) for new in listed.own for old in listed.replaced_by(new) if old.is_own]
    if len(pairs) != 1:
        return ""
    new, old = pairs[0]
    return (
        f"{new} was made to replace {old}, by a rotation that has not ended, so the place probably"
        " holds the new one: delete whichever of them is in no place by hand, and run this again."
        " Otherwise one of them stays valid beside the key that is made. "
    )


def _choices(listed: Listed) -> str:
    keys = [*listed.own, *listed.unsure]
    return f": {several(keys)}" if keys else ""


def several(keys: Sequence[Key]) -> str:
    """Keys in a sentence, the first ones where there are many."""
    told = "; ".join(map(str, keys[:_MOST_LISTED]))
    more = f"; and {len(keys) - _MOST_LISTED} more" if len(keys) > _MOST_LISTED else ""
    return f"{told}{more}"


def shown_head(redacted: str) -> str:
    """What is shown of a secret's beginning."""
    return _MASK.split(redacted)[0]


def id_tail(id: str) -> str:
    """What the name of a key has of the id of the one that it replaces."""
    return id[-_ID_TAIL:]


def named(text: str) -> str:
    """What somebody named a key by, for a sentence: not the key itself."""
    return shown(redact(text) if text.startswith("sk-") else text)


def base_name(name: str) -> str:
    """A key's name without what a rotation put behind it."""
    return _ROTATION.sub("", name)


def one_named(listed: Listed, text: str, *, whose: str) -> Key:
    """The key that a text names: by its id, its name, its secret or the end of that.

    Args:
        listed: the keys.
        text: the text.
        whose: what the account is called.

    Raises:
        UnknownKeyError: none is called so.
        InvalidInputError: several are.
    """
    keys = [*listed.own, *listed.unsure]
    folded = text.casefold()
    ways: tuple[Callable[[Key], bool], ...] = (
        lambda key: key.id == text,
        lambda key: key.name == text,
        lambda key: (key.name or "").casefold() == folded,
        lambda key: base_name(key.name or "") == text,
        lambda key: key.may_be(text),
        lambda key: len(text) >= _LEAST_TAIL and (key.redacted or "").endswith(text),
    )
    for is_it in ways:
        found = [key for key in keys if is_it(key)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidInputError(
                f"{len(found)} keys of {whose} are called {named(text)}; pass the id of one:"
                f" {several(found)}."
            )
    raise UnknownKeyError(f"{whose} has no key {named(text)}{_choices(listed)}.")
