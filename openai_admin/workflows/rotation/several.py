"""The keys of several accounts rotated, each into a place of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import attrs

from ..._declare.arguments import one_of, shown
from ..._wire.portable import Portable
from ...errors import InvalidInputError
from .keys import Key, Listed
from .model import Rotation

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.@-]+|^\.+")
SERVICE_ACCOUNT = ("project", "project_id", "account", "account_id")
ADMIN_KEY = ("key", "key_id")


@attrs.frozen(kw_only=True)
class Rotated(Portable):
    """What came of one of several.

    Attributes:
        project: the project's name, of a service account.
        account: what has the key, or what the admin key is called.
        sink: where the new key goes.
        age_days: how many days old the key was; ``None`` where that is not known.
        rotation: what was done; ``None`` where nothing was.
        skipped: why it was left alone, where it was.
        error: what went wrong, where something did.
    """

    project: str | None = None
    account: str
    sink: str | None = None
    age_days: int | None = None
    rotation: Rotation | None = None
    skipped: str | None = None
    error: str | None = None

    @property
    def outcome(self) -> str:
        """One word for what came of it."""
        if self.error is not None:
            return "failed"
        return self.rotation.state if self.rotation is not None else "skipped"


def check_template(template: str, names: Sequence[str]) -> None:
    """Refuse a template that several accounts cannot have.

    Args:
        template: a sink with placeholders.
        names: the placeholders that there are.

    Raises:
        InvalidInputError: it has none, or another one.
    """
    used = _PLACEHOLDER.findall(template)
    known = [f"{{{name}}}" for name in names]
    for name in used:
        if name not in names:
            raise InvalidInputError(f"to: {{{name}}} is unknown; there are {one_of(known)}.")
    if not used:
        raise InvalidInputError(
            f"to: several keys cannot go to the same place: put {one_of(known)} into it."
        )


def filled(template: str, values: dict[str, str]) -> str:
    """A template with its values; what a path or a command could take for more becomes ``-``."""
    return _PLACEHOLDER.sub(lambda found: _UNSAFE.sub("-", values[found[1]]), template)


def refuse_shared(sinks: Iterable[tuple[str, str]]) -> None:
    """Refuse two accounts that have the same place.

    Args:
        sinks: what each account is called, and its place.

    Raises:
        InvalidInputError: two have.
    """
    seen: dict[str, str] = {}
    for whose, sink in sinks:
        if sink in seen:
            raise InvalidInputError(
                f"to: {seen[sink]} and {whose} would have the same place, {shown(sink)}: put an id"
                " into it, as {account_id}."
            )
        seen[sink] = whose


def age(key: Key | None, now: datetime) -> timedelta | None:
    """How old a key is, where that is known."""
    return None if key is None or key.created_at is None else now - key.created_at


def wanted(
    listed: Listed,
    choose: Callable[[Listed], Key | None],
    *,
    older: timedelta | None,
    now: datetime,
) -> tuple[Key | None, str | None]:
    """The key that would be replaced, and why it is left alone, where it is."""
    key = choose(listed)
    if older is None or key is None:
        return key, None
    old = age(key, now)
    if old is not None and old < older:
        return key, f"The key is {old.days} days old."
    return key, None
