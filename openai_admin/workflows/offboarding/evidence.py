"""The record of an offboarding in a file: written after each step, and gone on with."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from cattrs import Converter

from ..._files import replaced
from ..._text.visible import json_text
from ...errors import InvalidInputError
from .model import ActingKey, Holding, Person, Step

KIND = "openai-admin offboarding"
VERSION = 1
SUFFIXES = (".md", ".json")
_RECORD = re.compile(r"^```json\n(\{.*?^\})\n```$", re.MULTILINE | re.DOTALL)


@attrs.frozen(kw_only=True)
class Run:
    """One run of the command.

    Attributes:
        begun_at: when it began, by the server's clock.
        ended_at: when it ended; ``None`` where it was cut off, or goes on.
        acting: the key that was used.
    """

    begun_at: datetime
    acting: ActingKey
    ended_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Entry:
    """What is recorded of one person.

    Attributes:
        person: who was offboarded.
        transfer_to: who became an owner in their place.
        before: what the person held when the first run began.
        steps: what was done, by all runs.
        after: what the person still held at the end; ``None`` where that is not known (yet).
        notes: what should be known, and was not touched.
        not_known: what could not be looked at.
        runs: when it was done, and with which key.
    """

    person: Person
    before: tuple[Holding, ...]
    steps: tuple[Step, ...]
    runs: tuple[Run, ...]
    transfer_to: Person | None = None
    after: tuple[Holding, ...] | None = None
    notes: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Record:
    """What is recorded in one file.

    Attributes:
        organization: the organization's id or name; ``None`` where the API does not tell it.
        entries: one for each person.
    """

    organization: str | None
    entries: tuple[Entry, ...] = ()

    def of(self, person: Person) -> Entry | None:
        """What is recorded of a person."""
        return next((entry for entry in self.entries if entry.person.is_same(person)), None)

    def having(self, entry: Entry) -> Record:
        """The record with an entry, in the place of an earlier one of the same person."""
        others = list(self.entries)
        for place, known in enumerate(others):
            if known.person.is_same(entry.person):
                others[place] = entry
                return attrs.evolve(self, entries=tuple(others))
        return attrs.evolve(self, entries=(*others, entry))


def check_path(path: Path) -> None:
    """Refuse a file that no evidence can be written to.

    Raises:
        InvalidInputError: its name has another ending, or its folder is not there.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidInputError(
            f"The evidence file must end in {' or '.join(SUFFIXES)}, not {str(path)!r}."
        )
    if path.is_dir() or not path.parent.is_dir():
        raise InvalidInputError(f"{str(path)!r} is not a file in a folder that exists.")
    if path.exists() and not path.is_file():
        raise InvalidInputError(f"{str(path)!r} is not a regular file.")


def read(path: Path) -> Record | None:
    """The record in a file; ``None`` where there is no such file.

    Raises:
        InvalidInputError: it has something else.
        OSError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise _other(path) from None
    if path.suffix.lower() == ".md":
        found = _RECORD.findall(text)
        text = found[-1] if found else ""
    try:
        data = json.loads(text)
        if data.get("kind") != KIND or data.get("version") != VERSION:
            raise _other(path)
        record: Record = _CONVERTER.structure(data, Record)
    except InvalidInputError:
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not a record
        raise _other(path) from None
    return record


def write(path: Path, record: Record) -> None:
    """Write a record whole or not at all, so that only its owner can read it.

    Raises:
        OSError: it cannot be written.
    """
    text = as_json(record)
    if path.suffix.lower() == ".md":
        from .markdown import as_markdown

        text = as_markdown(record, text)
    with replaced(path) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)


def as_json(record: Record) -> str:
    """A record as JSON, with times in ISO 8601."""
    data = {"kind": KIND, "version": VERSION, **_CONVERTER.unstructure(record)}
    return json_text(data, indent=2) + "\n"


def check_same(
    record: Record, path: Path, organization: str | None, people: Sequence[Person]
) -> None:
    """Refuse the record of another organization, or of somebody else.

    Raises:
        InvalidInputError: it is one.
    """
    if record.organization is not None and record.organization != organization:
        raise InvalidInputError(
            f"{path} is evidence of another organization, {record.organization}, and this one is"
            f" {organization or 'not known'}: name another file."
        )
    for entry in record.entries:
        if not any(entry.person.is_same(person) for person in people):
            raise InvalidInputError(
                f"{path} is evidence of somebody else, {entry.person}: name another file."
            )


def _other(path: Path) -> InvalidInputError:
    return InvalidInputError(
        f"{path} exists and is not the evidence of an offboarding: name another file."
    )


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=False)
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat())
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    return converter


_CONVERTER: Any = _converter()
