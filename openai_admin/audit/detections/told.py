"""The findings that were told, kept in a file, so that none is told again after a restart."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from ...errors import InvalidInputError
from ...resources.audit_logs.journal import Journal
from .watching import MOST_REMEMBERED

_ID = re.compile(r"finding-[0-9a-f]{24}")


class ToldFindings:
    """The ids of the findings that were told, the newest of them in a file.

    Args:
        file: where they are kept; ``None`` for nowhere.

    Raises:
        InvalidInputError: the file is none of these.
        OSError: it cannot be read.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._journal = Journal()
        self._ids = OrderedDict.fromkeys(() if file is None else _read(file))

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def add(self, id: str) -> None:
        """Keep that a finding was told, once this returns also where the process is killed.

        Raises:
            OSError: the file cannot be written.
        """
        self._ids[id] = None
        while len(self._ids) > MOST_REMEMBERED:
            self._ids.popitem(last=False)
        if self._file is not None and not self._journal.append(self._file, f"{id}\n"):
            self._journal.replace(self._file, "".join(f"{each}\n" for each in self._ids))


def _read(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    *ids, _ = text.split("\n")  # the last line is empty, or was not written to its end
    if not all(map(_ID.fullmatch, ids)):
        raise InvalidInputError(f"{file} does not hold the ids of findings: remove or rename it.")
    return ids
