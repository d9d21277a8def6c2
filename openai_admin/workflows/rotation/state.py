"""What a rotation has done so far, by its journal, and what comes next: pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import attrs

from ...errors import RotationError
from ..journal import Entry
from .journal import JOURNALS
from .keys import id_tail

Kind = Literal["service_account", "admin_key"]


def fingerprint(secret: str, rotation: str) -> str:
    """What tells a secret from others in a journal; nothing of the secret can be found from it."""
    return hashlib.sha256(f"{rotation}:{secret}".encode()).hexdigest()[:32]


@attrs.frozen(kw_only=True)
class Terms:
    """What a rotation is of, and how it is to end; set when it begins.

    Attributes:
        rotation: its id, which the names of its keys have.
        kind: what has the key.
        address: the base address of the API.
        organization: the organization that requests name, where they name one.
        project: the project's id, of a service account.
        account: the service account's id.
        sink: what the sink is called.
        sink_mark: the fingerprint of how it was written, which may tell more than its name.
        name: what the names of new keys begin with.
        old: the id of the key that is replaced; ``None`` where there is none.
        old_name: what it is called.
        old_created: when it was created, in ISO 8601.
        old_used: when it had been used last, likewise; ``None`` if never, or that was not known.
        old_held: the fingerprint of what the sink held; ``None`` if that is not known.
        named: the fingerprint of the text that named the old key, where one did.
        overlap: seconds for which both keys work.
        until_unused: whether the old key must also not have been used for that long.
        scopes: what the new key may do, where it is restricted.
        expires_in_seconds: after how many seconds the new key stops working.
        owner: the id of whoever has the old key, where that is known.
        may_change_owner: whether the new admin key may have another owner.
    """

    rotation: str
    kind: Kind
    address: str
    organization: str | None = None
    project: str | None = None
    account: str | None = None
    sink: str
    sink_mark: str
    name: str
    old: str | None = None
    old_name: str | None = None
    old_created: str | None = None
    old_used: str | None = None
    old_held: str | None = None
    named: str | None = None
    overlap: float = 0.0
    until_unused: bool = False
    scopes: tuple[str, ...] | None = None
    expires_in_seconds: int | None = None
    owner: str | None = None
    may_change_owner: bool = False

    def key_name(self, number: int) -> str:
        """What the key of an attempt is called: which rotation made it, and in place of which."""
        replaced = f" for {id_tail(self.old)}" if self.old else ""
        return f"{self.name} ({self.mark}{number}{replaced})"

    @property
    def mark(self) -> str:
        """What the names of this rotation's keys have, and no others."""
        return f"rotation {self.rotation}-"


@attrs.frozen(kw_only=True)
class Attempt:
    """A key that a rotation made, or may have made.

    Attributes:
        number: counts them.
        name: its name.
        key: its id; ``None`` while it is not known whether there is one.
        held: the fingerprint of its secret.
        is_put_begun: whether the sink may have its secret.
        is_seen: whether it was listed since, so that where it is not any more, it is gone.
        at: when its creation was announced.
    """

    number: int
    name: str
    key: str | None = None
    held: str | None = None
    is_put_begun: bool = False
    is_seen: bool = False
    at: datetime | None = None


@attrs.frozen(kw_only=True)
class State:
    """Where a rotation stands.

    Attributes:
        terms: what it is of.
        attempts: the keys that are or may be there, in the order in which they were made.
        attempted: how many were begun.
        set_number: the attempt whose key the sink has for certain.
        set_at: since when.
        is_deleting: whether the old key's deletion may have been sent.
        is_deleted: whether it is deleted for certain, although the rotation has not ended.
        deleted_by: the fingerprint of the old key itself, where its deletion was sent with it.
        ended: how it ended; ``None`` while it goes on.
        ended_at: when.
        unseen: the keys that may be there, although the API has not shown them; see `doubts`.
        absent: the names of those that are taken not to be there.
    """

    terms: Terms
    attempts: tuple[Attempt, ...] = ()
    attempted: int = 0
    set_number: int | None = None
    set_at: datetime | None = None
    is_deleting: bool = False
    is_deleted: bool = False
    deleted_by: str | None = None
    ended: Literal["finished", "abandoned"] | None = None
    ended_at: datetime | None = None
    unseen: tuple[Attempt, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def last(self) -> Attempt | None:
        """The newest key that is or may be there."""
        return self.attempts[-1] if self.attempts else None

    @property
    def new(self) -> Attempt | None:
        """The key that the sink has for certain."""
        return next((a for a in self.attempts if a.number == self.set_number), None)

    @property
    def deleted(self) -> str | None:
        """The old key, where it is deleted for certain."""
        is_certain = self.is_deleted or (self.is_deleting and self.ended == "finished")
        return self.terms.old if is_certain else None

    @property
    def is_open(self) -> bool:
        """Whether it has made something and has not ended."""
        has_made = bool(self.attempts or self.unseen)
        return self.ended is None and (has_made or self.is_deleting)

    def after(self, entry: Entry) -> State:
        """Where it stands after another line of the journal."""
        what, number = entry["what"], int(entry.get("attempt", 0))
        if what == "creating":
            made = Attempt(number=number, name=entry["name"], at=moment(entry))
            return attrs.evolve(self, attempts=(*self.attempts, made), attempted=number)
        if what == "created":
            return self._with(number, key=entry["key"], held=entry["held"])
        if what == "putting":
            return self._with(number, is_put_begun=True)
        if what == "seen":
            return self._with(number, is_seen=True)
        if what == "cleared":
            left = tuple(a for a in self.attempts if a.number != number)
            return attrs.evolve(self, attempts=left, unseen=(*self.unseen, *self._unseen(entry)))
        if what == "settled":
            left = tuple(a for a in self.unseen if a.name != entry["name"])
            is_absent = len(left) < len(self.unseen) and entry["absent"]
            absent = (*self.absent, entry["name"]) if is_absent else self.absent
            return attrs.evolve(self, unseen=left, absent=absent)
        if what == "set":
            return attrs.evolve(self, set_number=number, set_at=moment(entry))
        if what == "deleting":
            return attrs.evolve(self, is_deleting=True, deleted_by=entry.get("own"))
        if what == "deleted":
            return attrs.evolve(self, is_deleted=True)
        if what in ("finished", "abandoned"):
            return attrs.evolve(self, ended=what, ended_at=moment(entry))
        return self

    def _with(self, number: int, **changes: Any) -> State:
        attempts = tuple(
            attrs.evolve(a, **changes) if a.number == number else a for a in self.attempts
        )
        return attrs.evolve(self, attempts=attempts)

    def _unseen(self, entry: Entry) -> Iterable[Attempt]:
        """The key that a line leaves in doubt, if it does."""
        if "unseen" in entry:
            made = Attempt(number=0, name=entry["unseen"], at=moment(entry))
            yield next((a for a in self.attempts if a.name == made.name), made)


def moment(entry: Entry) -> datetime:
    """When a line was written, by the server's clock."""
    return datetime.fromisoformat(entry["at"])


def begun(terms: Terms) -> Mapping[str, Any]:
    """The line that a rotation begins with, but for its time."""
    return {"what": "begun", **attrs.asdict(terms)}


def states(entries: Iterable[Entry], path: Path) -> Sequence[State]:
    """The rotations of a journal, the newest last.

    Args:
        entries: its lines.
        path: where it is, for errors.

    Raises:
        RotationError: its lines are not a rotation's.
    """
    found: list[State] = []
    try:
        for entry in entries:
            if entry["what"] == "begun":
                fields = {f.name: entry[f.name] for f in attrs.fields(Terms) if f.name in entry}
                scopes = fields.get("scopes")
                fields["scopes"] = None if scopes is None else tuple(scopes)
                found.append(State(terms=Terms(**fields)))
            elif entry["what"] == "settled":
                found = [state.after(entry) for state in found]
            else:
                found[-1] = found[-1].after(entry)
    except (KeyError, IndexError, TypeError, ValueError):
        raise JOURNALS.other(path) from None
    return found


@attrs.frozen(kw_only=True)
class Seen:
    """What the sink has, as fingerprints.

    Attributes:
        current: of the secret that it holds; ``None`` where that is not known, or there is none.
        staged: of the one that waits in it.
        in_hand: the attempt whose secret this process has.
    """

    current: str | None = None
    staged: str | None = None
    in_hand: int | None = None


Step = Literal[
    "create", "reconcile", "put", "take", "confirm", "discard", "begin anew", "finish", "over"
]


def next_step(state: State, seen: Seen) -> Step:
    """What to do next; after it is done, this is asked again.

    - ``create``: make another key.
    - ``reconcile``: find out whether the newest attempt made one, which is then deleted.
    - ``put``: test the newest key, whose secret is in hand, and give it to the sink.
    - ``take``: take its secret in hand from the sink, where it waits.
    - ``confirm``: test the secret that the sink has already.
    - ``discard``: delete the newest key, whose secret is in nobody's hands.
    - ``begin anew``: end this one, as somebody else changed the sink and nothing is to be deleted.
    - ``finish``: delete what is left over, then the old key, once the overlap has ended.

    Raises:
        RotationError: somebody else changed the sink meanwhile.
    """
    last = state.last
    if state.ended is not None:
        return "over"
    if state.is_deleting or state.set_number is not None:
        return "finish"
    if last is None:
        return "create" if seen.current in (None, state.terms.old_held) else "begin anew"
    if last.key is None:
        return "reconcile"
    if seen.in_hand == last.number:
        return "put"
    if last.held is not None and seen.current == last.held:
        return "confirm"
    if last.held is not None and seen.staged == last.held:
        return "take"
    if seen.current is None:
        return "create" if last.is_put_begun else "discard"
    if seen.current == state.terms.old_held or not last.is_put_begun:
        return "discard"
    raise RotationError(
        f"{state.terms.sink} was changed by somebody else: it holds neither the secret that it held"
        f" before nor that of {last.key}, so no key was deleted. Run it again with --abandon to"
        " delete the new key and keep the old one."
    )


def _latest(told: datetime) -> datetime:
    """The last moment that a time may stand for: of a mere day, its end."""
    is_day = told.astimezone(UTC).time() == time()
    return told + timedelta(days=1) if is_day else told


def due(
    state: State, *, overlap: float, until_unused: bool, last_used: datetime | None
) -> datetime:
    """When the old key may be deleted.

    Args:
        state: of a rotation whose new key is set.
        overlap: seconds for which both keys work.
        until_unused: whether they count from the old key's last use, if that was later.
        last_used: when the old key was used last; ``None`` if it never was.
    """
    since = state.set_at or datetime.max.replace(tzinfo=UTC)
    if until_unused and last_used is not None:
        since = max(since, _latest(last_used))
    return since + timedelta(seconds=overlap)
