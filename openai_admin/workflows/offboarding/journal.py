"""The journal of a person's offboarding: what was held, what was done, whether it is over.

Whoever has nothing any more is known by it alone, so that the same command goes on and ends. It has
what evidence has, never a secret, and is written before evidence is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import attrs

from ..._declare.operation import CallExecutor
from ..._transport.session import Caller
from ...errors import ConfigurationError, OffboardingError
from ..journal import Entry as Line
from ..journal import Journal, Journals
from .model import ActingKey, Holding, Person, Step, fold_key
from .record import Entry, as_data, of_data

JOURNALS = Journals(
    folder_name="offboardings",
    job="an offboarding",
    doing="offboarding",
    instead="move it to another folder",
    elsewhere="set XDG_STATE_HOME to a folder where it can be",
    error=OffboardingError,
)


@attrs.frozen(kw_only=True)
class Where:
    """Which organization a journal is of.

    Attributes:
        address: the base address of the API.
        organization: the organization's id or name; where the API does not tell it, what is shown
            of the key that is used.
    """

    address: str
    organization: str

    @classmethod
    def of(cls, caller: CallExecutor, organization: str | None, acting: ActingKey) -> Where:
        """The organization of a client."""
        address = caller.session.base_url if isinstance(caller, Caller) else ""
        return cls(address=address, organization=organization or acting.shown)


@attrs.frozen(kw_only=True)
class Past:
    """The newest offboarding of a journal.

    Attributes:
        path: the journal.
        where: the organization.
        entry: what is recorded of the person.
        finished_at: when nothing was left any more; ``None`` while something is, or it was cut off.
    """

    path: Path
    where: Where
    entry: Entry
    finished_at: datetime | None = None

    @classmethod
    def of(cls, lines: Sequence[Line], path: Path) -> Past | None:
        """What the lines of a journal say; ``None`` where there are none.

        Raises:
            OffboardingError: they are not those of an offboarding.
        """
        if not lines:
            return None
        begun = [place for place, line in enumerate(lines) if line["what"] == "begun"]
        try:
            first, *others = lines[begun[-1] :]  # what a run begins with has all before it
            where = Where(address=first["address"], organization=first["organization"])
            found = cls(path=path, where=where, entry=of_data(first["entry"], Entry))
            for line in others:
                found = found._after(line)
        except Exception as error:  # whatever is wrong with it, it is not one
            raise JOURNALS.other(path) from error
        return found

    def _after(self, line: Line) -> Past:
        if line["what"] == "step":
            return attrs.evolve(self, entry=self.entry.having(of_data(line["step"], Step)))
        if line["what"] != "ended":
            return self
        at = datetime.fromisoformat(line["at"])
        *earlier, last = self.entry.runs
        after = line["after"]
        entry = attrs.evolve(
            self.entry,
            after=None if after is None else tuple(of_data(held, Holding) for held in after),
            not_known=tuple(line["not_known"]),
            runs=(*earlier, attrs.evolve(last, ended_at=at)),
        )
        return attrs.evolve(self, entry=entry, finished_at=at if line["is_complete"] else None)


@attrs.frozen(kw_only=True)
class Kept:
    """The journals of an organization that are kept in a folder, the newest first.

    Attributes:
        where: the organization.
        pasts: what they say.
        unreadable: why others cannot be read, a sentence each, by their paths; or why the folder
            cannot, by its own.
    """

    where: Where
    pasts: tuple[Past, ...] = ()
    unreadable: Mapping[Path, str] = MappingProxyType({})

    @classmethod
    def within(cls, folder: Path | None, where: Where) -> Kept:
        """Read a folder, by default the user's."""
        try:
            paths = JOURNALS.paths(folder)
        except ConfigurationError:  # so no run can have kept one
            return cls(where=where)
        except OffboardingError as error:
            return cls(where=where, unreadable={folder or JOURNALS.folder(): str(error)})
        pasts, unreadable = [], {}
        for path in paths:
            try:
                past = Past.of(JOURNALS.read(path), path)
            except OffboardingError as error:
                unreadable[path] = str(error)
            else:
                if past is None and path.exists():
                    unreadable[path] = str(JOURNALS.lost(path))
                elif past is not None and past.where == where:
                    pasts.append(past)
        pasts.sort(key=_begun, reverse=True)
        return cls(where=where, pasts=tuple(pasts), unreadable=unreadable)

    def of(self, person: Person) -> Past | None:
        """What there is of a person."""
        return next((past for past in self.pasts if past.entry.person.is_same(person)), None)


def _begun(past: Past) -> datetime:
    runs = past.entry.runs
    return runs[-1].begun_at if runs else datetime.min.replace(tzinfo=UTC)


@attrs.define
class Log:
    """An open journal, to which one offboarding is written.

    Attributes:
        journal: the file.
        where: the organization.
    """

    journal: Journal
    where: Where
    _written: dict[tuple[str, str, str | None], Step] | None = None

    @property
    def past(self) -> Past | None:
        """What it said before."""
        return Past.of(self.journal.entries, self.journal.path)

    def put(self, entry: Entry) -> None:
        """Write what is recorded of the person, as far as that is new.

        Raises:
            OSError: it cannot be written.
        """
        if self._written is None:
            line = {"what": "begun", **attrs.asdict(self.where), "entry": as_data(entry)}
            self.journal.append(line)
            self._written = {step.key: step for step in entry.steps}
        for step in entry.steps:
            if self._written.get(step.key) != step:
                self.journal.append({"what": "step", "step": as_data(step)})
                self._written[step.key] = step

    def end(self, entry: Entry, at: datetime, *, is_complete: bool) -> None:
        """Write that a run came to its end.

        Args:
            entry: what is recorded of the person.
            at: when.
            is_complete: whether nothing is left to do.

        Raises:
            OSError: it cannot be written.
        """
        self.put(entry)
        ended = {"what": "ended", "at": at.isoformat(), "is_complete": is_complete}
        told = {"after": as_data(entry.after), "not_known": list(entry.not_known)}
        self.journal.append({**ended, **told})


@attrs.frozen(kw_only=True)
class Keeping:
    """Where the journal of one offboarding is kept.

    Attributes:
        where: the organization.
        person: the person.
        folder: the folder of journals; by default the user's.
        known: the journal that an earlier run has kept.
    """

    where: Where
    person: Person
    folder: Path | None = None
    known: Path | None = None

    @contextmanager
    def opened(self) -> Iterator[Log]:
        """The journal, for this process alone.

        Raises:
            OffboardingError: another process has it, it is of something else, or none can be kept.
            ConfigurationError: platformdirs is not installed, and XDG_STATE_HOME not set.
        """
        with JOURNALS.opened(self.known or self.path) as journal:
            log = Log(journal, self.where)
            past = log.past
            if past is not None and past.where != self.where:
                raise OffboardingError(
                    f"The journal {journal.path} is of another organization,"
                    f" {past.where.organization}; {JOURNALS.instead}."
                )
            yield log

    @property
    def path(self) -> Path:
        """Where it is, unless an earlier run has kept it elsewhere.

        Raises:
            ConfigurationError: as of `opened`.
        """
        who = self.person.id or fold_key(self.person.email or "")
        label = self.person.id or "invited"
        return JOURNALS.path(self.folder, label, *attrs.astuple(self.where), who)
