"""What a search found: each thing with what tells it from others, and why it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

import attrs

from ..._wire.portable import Portable
from ..not_known import NotKnown

HitKind = Literal[
    "person",
    "project",
    "service_account",
    "key",
    "admin_key",
    "group",
    "invite",
    "certificate",
    "role",
]
"""What can be found."""

KINDS: tuple[HitKind, ...] = get_args(HitKind)

WORDS: Mapping[HitKind, str] = {
    "person": "people",
    "project": "projects",
    "service_account": "service accounts",
    "key": "keys of projects",
    "admin_key": "admin keys",
    "group": "groups",
    "invite": "invites",
    "certificate": "certificates",
    "role": "roles",
}
"""The kinds as they are told, several of each."""

Match = Literal["id", "equal", "starts", "contains", "near"]
"""How well a thing matches, the best first."""

Field = Literal["id", "name", "address", "redacted value", "owner"]
"""By what it matches."""

NOT_SHOWN = "…"
"""What stands for a text that is not to be shown."""

MATCHES: tuple[Match, ...] = get_args(Match)


_SHOWN: Mapping[Match, str] = {
    "starts": "its first characters are these, its last are not shown",
    "near": "its characters are not shown",
}


@attrs.frozen(kw_only=True)
class Hit(Portable):
    """A thing that was found.

    Attributes:
        kind: what it is.
        id: its id.
        name: its name; ``None`` where it has none.
        email: the address of a person or an invite.
        redacted_value: of a key, its first and last characters.
        project_id: the project that it is in.
        project: that project's name.
        status: what is particular about it; ``None`` where nothing is known to be. Of projects,
            invites and certificates, what the API says, as ``active``, or ``expired``. Of keys
            ``expired``, or that the owner has no access to the project. Of people ``banned``,
            ``disabled``, or that they are not where it was looked, but have a key there. Of people
            and groups that the identity provider manages them; of roles ``predefined``.
        owner: who has a key, by name, address or id; ``None`` where the API does not say.
        owner_id: the id of who has it.
        last_used: when a key, or a person's keys, were last used, or ``never``; ``None`` where the
            API does not say, and of what is not used.
        match: how well it matches: its ``id`` is the text, or a name of it is ``equal``,
            ``starts`` with it (or a word does), ``contains`` it, or is ``near``.
        field: by what it matches; ``owner`` is the id or the address of who has a key.
    """

    kind: HitKind
    id: str
    name: str | None = None
    email: str | None = None
    redacted_value: str | None = None
    project_id: str | None = None
    project: str | None = None
    status: str | None = None
    owner: str | None = None
    owner_id: str | None = None
    last_used: datetime | Literal["never"] | None = None
    match: Match
    field: Field

    @property
    def label(self) -> str:
        """What a person knows it by: its name, address or redacted value, else its id."""
        return self.name or self.email or self.redacted_value or self.id

    @property
    def why(self) -> str:
        """Why it was taken, in words: ``a word of its name starts with this``."""
        if self.field == "redacted value":
            return _SHOWN.get(self.match, "its last characters are these")
        if self.field == "name" and self.match == "starts" and " " in (self.name or ""):
            return "a word of its name starts with this"
        verb = {
            "id": "is this",
            "equal": "is this",
            "starts": "starts with this",
            "contains": "contains this",
            "near": "is similar",
        }[self.match]
        return f"its {self.field} {verb}"


@attrs.frozen(kw_only=True)
class FindResult(Portable):
    """What a search found.

    Attributes:
        text: what was looked for; of a secret its kind and its last four characters, and ``…`` of
            another text that is not to be shown.
        is_secret: whether it was taken for the secret of a key, which is found by its last
            characters.
        hits: what was found, the best match first.
        near: what was perhaps meant, where nothing was found.
        not_compared: keys of which the API does not show enough to tell whether they are the one
            that was looked for: first those that begin so (their `match` is ``starts``, of the
            others ``near``).
        kinds: what was looked through, as far as it is not in `not_known`.
        not_known: what could not be looked through, and why.
        names: the names of the projects that `not_known` is of, by their ids.
        left_out: what was not looked through since it takes so many requests, a sentence each.
        unread: how much of what was looked through could not be read, by its kind.
    """

    text: str
    is_secret: bool = False
    hits: tuple[Hit, ...] = ()
    near: tuple[Hit, ...] = ()
    not_compared: tuple[Hit, ...] = ()
    kinds: tuple[HitKind, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)
    left_out: tuple[str, ...] = ()
    unread: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether everything was looked through that the text may be in, and could be compared."""
        lacks = self.not_known or self.not_compared or self.left_out
        return not (lacks or any(self.unread.values()))
