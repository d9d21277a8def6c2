"""The record of an offboarding in a file: written after each step, and gone on with."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from ..._files import replaced
from ...errors import InvalidInputError
from .markdown import as_markdown
from .model import Person
from .record import Entry, Record, as_json, of_json

SUFFIXES = (".md", ".json")
_RECORD = re.compile(r"^```json\n(\{.*?^\})\n```$", re.MULTILINE | re.DOTALL)


@attrs.define
class Evidence:
    """The record of everybody who is offboarded together, and its file.

    Attributes:
        path: the file.
        record: what is recorded so far.
    """

    path: Path
    record: Record

    def put(self, entry: Entry) -> None:
        """Record a person anew.

        Raises:
            OSError: it cannot be written.
        """
        self.record = self.record.having(entry)
        write(self.path, self.record)


def check_path(path: Path) -> None:
    """Refuse a file that no evidence can be written to.

    Raises:
        InvalidInputError: its name has another ending, its folder is not there, or it cannot be
            read and written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidInputError(
            f"The evidence file must end in {' or '.join(SUFFIXES)}, not {str(path)!r}."
        )
    if path.is_dir() or not path.parent.is_dir():
        raise InvalidInputError(f"{str(path)!r} is not a file in a folder that exists.")
    if path.exists() and not path.is_file():
        raise InvalidInputError(f"{str(path)!r} is not a regular file.")
    for needed, mode in ((path, os.R_OK | os.W_OK), (path.parent, os.W_OK)):
        if needed.exists() and not os.access(needed, mode):
            raise InvalidInputError(f"{str(needed)!r} cannot be written, or not be read.")


def read(path: Path) -> Record | None:
    """The record in a file; ``None`` where there is no such file, or it is empty.

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
    if not text.strip():  # as made by mktemp
        return None
    if path.suffix.lower() == ".md":
        found = _RECORD.findall(text)
        text = found[-1] if found else ""
    try:
        return of_json(text)
    except ValueError:
        raise _other(path) from None


def write(path: Path, record: Record) -> None:
    """Write a record whole or not at all, so that only its owner can read it.

    Raises:
        OSError: it cannot be written.
    """
    text = as_json(record)
    if path.suffix.lower() == ".md":
        text = as_markdown(record, text)
    with replaced(path) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)


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
            id = entry.person.id or "without an id"
            raise InvalidInputError(
                f"{path} is evidence of somebody else, {entry.person} ({id}): name another file."
            )


def _other(path: Path) -> InvalidInputError:
    return InvalidInputError(
        f"{path} exists and is not the evidence of an offboarding: name another file."
    )
