"""What was made, or may have been, and may not be shown yet: no run makes it a second time.

What a listing does not show `CERTAIN` after its creation is not there. Until then, another run
that would make the same thing leaves it. That is noted before a creation is sent, in memory for
the runs of one client, and in a journal for those of other processes.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import attrs

from ..._declare.effect import Effect
from ..._declare.operation import Operation
from ..._transport.reconcile import folded, known_by, listing_of
from ...errors import InvalidInputError
from ...workflows.journal import Entry, Journal, Journals
from ..canonical import digest_of

JOURNALS = Journals(
    folder_name="organizations",
    job="the applying of an organization's file",
    doing="applying",
    instead="move it to another folder",
    elsewhere="set XDG_STATE_HOME to a folder where it can be",
    error=InvalidInputError,
)
CERTAIN = timedelta(minutes=5)
"""How long what was made may not be shown."""
_MINUTE = timedelta(minutes=1)
_NAMES = ("name", "role_name", "email")

Thing = tuple[str, ...]
"""What is made: the operation, and what the thing is recognized by."""


@attrs.frozen(kw_only=True)
class Attempt:
    """A creation.

    Attributes:
        at: when it was sent, or given up, by the server's clock.
        id: the id of what it made; ``None`` where it is not known whether it made something.
    """

    at: datetime
    id: str | None = None

    @property
    def until(self) -> datetime:
        """When what it made is shown at the latest, in whole minutes."""
        return (self.at + CERTAIN + _MINUTE).replace(second=0, microsecond=0)


def may_double(operation: Operation) -> bool:
    """Whether an operation, sent twice, makes two things, which a listing shows."""
    adds = operation.effect is Effect.ADDS and not operation.repeatable
    return adds and listing_of(operation.name) is not None


def has_name(arguments: Mapping[str, Any]) -> bool:
    """Whether a creation gives a thing a name: of alerts and buckets there may be several alike."""
    return any(arguments.get(name) is not None for name in _NAMES)


def thing_of(operation: Operation, arguments: Mapping[str, Any]) -> Thing:
    """What a creation makes."""
    path = [p.name for p in operation.parameters.values() if p.place == "path"]
    if not has_name(arguments):
        return (operation.name, digest_of(dict(arguments)))
    names = dict.fromkeys((*path, *known_by(arguments)))
    return (operation.name, *(f"{name}={folded(arguments[name])}" for name in names))


class Creations:
    """What was made or may have been, for one run.

    Args:
        known: by thing, what runs before have made; this one's are added.
        journal: where that is noted for other processes.
        since: when what there is was read: what had to be shown then is of no interest.

    Attributes:
        earlier: by thing, what runs before made or may have made, and may not be shown yet.
        error: why the journal cannot be written any more.
    """

    def __init__(
        self,
        known: MutableMapping[Thing, Attempt],
        journal: Journal | None,
        since: datetime,
    ) -> None:
        for thing, attempt in _attempts(journal) if journal is not None else ():
            known[thing] = attempt
        for thing in [thing for thing, attempt in known.items() if attempt.until <= since]:
            del known[thing]
        self._known = known
        self._journal = journal
        self._writing = threading.Lock()
        self.earlier: dict[Thing, Attempt] = dict(known)
        self.error: OSError | None = None

    async def begin(self, thing: Thing, at: datetime) -> bool:
        """Note that something is about to be made; whether that could be noted."""
        self._known[thing] = Attempt(at=at)
        return await self._noted({"what": "begun", "thing": thing, "at": at.isoformat()})

    async def made(self, thing: Thing, at: datetime, id: str | None) -> None:
        """Note that something was made."""
        self._known[thing] = Attempt(at=at, id=id)
        await self._noted({"what": "made", "thing": thing, "at": at.isoformat(), "id": id})

    async def doubt(self, thing: Thing, at: datetime) -> Attempt:
        """Note that something may have been made, or may still be."""
        attempt = self._known[thing] = Attempt(at=at)
        await self._noted({"what": "begun", "thing": thing, "at": at.isoformat()})
        return attempt

    async def absent(self, thing: Thing) -> None:
        """Note that something was not made."""
        self._known.pop(thing, None)
        await self._noted({"what": "absent", "thing": thing})

    def not_sent(self, thing: Thing) -> None:
        """Note that something was not even asked for, where there is no time to wait."""
        self._known.pop(thing, None)
        self._write({"what": "absent", "thing": thing})

    async def removed(self, ids: Collection[str]) -> None:
        """Note that something was removed, by its id: it may be made again."""
        for thing in [thing for thing, made in self._known.items() if made.id in ids]:
            self.earlier.pop(thing, None)
            await self.absent(thing)

    async def _noted(self, entry: Entry) -> bool:
        if self._journal is not None:  # in a worker: the loop must not wait for the disk
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._write, entry)
        return self.error is None

    def _write(self, entry: Entry) -> None:
        if self._journal is None or self.error is not None:
            return
        with self._writing:
            try:
                self._journal.append(entry)
            except OSError as error:
                error.filename = str(self._journal.path)
                self.error = error


def journal_path(address: str, organization: str | None) -> Path:
    """Where the journal of an organization is by default.

    Args:
        address: the base address of the API.
        organization: the organization's id.

    Raises:
        ConfigurationError: platformdirs is not installed.
    """
    return JOURNALS.path(None, organization or "organization", address, organization or "")


@contextmanager
def opened(path: Path, since: datetime) -> Iterator[Journal]:
    """A journal for this process alone; one with nothing of interest any more begins anew.

    Args:
        path: the file.
        since: when what there is was read.

    Raises:
        InvalidInputError: another process applies with it, it is not a journal, or none can be
            kept there.
    """
    with JOURNALS.opened(path) as journal:
        if not journal.entries or any(made.until > since for _, made in _attempts(journal)):
            yield journal
            return
        path.unlink()
    with JOURNALS.opened(path) as journal:
        yield journal


def _attempts(journal: Journal) -> Iterable[tuple[Thing, Attempt]]:
    """What the lines of a journal say was made.

    Raises:
        InvalidInputError: they are not those of such a journal.
    """
    found: dict[Thing, Attempt] = {}
    try:
        for entry in journal.entries:
            thing = tuple(map(str, entry["thing"]))
            if entry["what"] == "absent":
                found.pop(thing, None)
            else:
                found[thing] = Attempt(at=datetime.fromisoformat(entry["at"]), id=entry.get("id"))
    except (KeyError, TypeError, ValueError) as error:
        raise JOURNALS.other(journal.path) from error
    return found.items()
