"""The names of files to write to: ``-`` for standard output, and words in braces for dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .._declare.arguments import one_of, suggest
from .errors import CommandError

if TYPE_CHECKING:
    from ..insights import Period

STDOUT = Path("-")
"""What stands for standard output."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^\w.+@-]+")
_LONGEST = 80  # characters of a project's name in a file's


def named(
    out: Path | None,
    *,
    period: Period | None = None,
    projects: Sequence[str] = (),
    now: datetime | None = None,
) -> Path | None:
    """A file's name with what its words in braces stand for; ``None`` for standard output.

    Args:
        out: as it was written, as ``spend-{month}.html``; ``-`` or ``None`` is standard output.
        period: the days that the file is of; ``None`` where it is of none, so that only ``{date}``
            means something.
        projects: the projects that it is of, as they were named.
        now: the present, whose day ``{date}`` is, UTC.

    Raises:
        CommandError: a word in braces is unknown, or stands for nothing here.
    """
    if out is None or out == STDOUT:
        return None
    words = _words(period, projects, now or datetime.now(UTC))

    def word(found: re.Match[str]) -> str:
        name = found[1]
        if name not in words:
            raise CommandError(
                f"--out: {found[0]} stands for nothing; there"
                f" {'are' if len(words) > 1 else 'is'} {one_of([f'{{{w}}}' for w in words])}"
                f"{suggest(name, list(words))}"
            )
        text, why_not = words[name]
        if text is None:
            raise CommandError(f"--out: {found[0]} needs {why_not}.")
        return text

    return Path(_BRACES.sub(word, str(out)))


def _words(
    period: Period | None, projects: Sequence[str], now: datetime
) -> Mapping[str, tuple[str | None, str]]:
    """What each word stands for, or what it needs in order to."""
    today = now.astimezone(UTC).date()
    words: dict[str, tuple[str | None, str]] = {"date": (str(today), "")}
    if period is None:
        return words
    last = period.end - timedelta(days=1)
    is_month = period.months == 1 or (
        period.start.day == 1 and last >= today and last.replace(day=1) == period.start
    )
    project = _UNSAFE.sub("-", "+".join(projects)).strip("-.")[:_LONGEST]
    return words | {
        "month": (f"{period.start:%Y-%m}" if is_month else None, "one month, as --month 2026-10"),
        "start": (str(period.start), ""),
        "end": (str(last), ""),
        "project": (project or None, "--project"),
    }
