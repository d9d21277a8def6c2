"""The names of files to write to: ``-`` for standard output, and words in braces for dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from .._declare.arguments import one_of, suggest
from .errors import CommandError

STDOUT = Path("-")
"""What stands for standard output."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^\w.+@-]+")
_LONGEST = 80  # characters of a project's name in a file's


def named(
    out: Path | None,
    *,
    days: tuple[date, date] | None = None,
    projects: Sequence[str] = (),
    now: datetime | None = None,
) -> Path | None:
    """A file's name with what its words in braces stand for; ``None`` for standard output.

    Args:
        out: as it was written, as ``spend-{month}.html``; ``-`` or ``None`` is standard output.
        days: the first day that the file is of, and the one after its last; ``None`` where it is of
            none, so that only ``{date}`` means something.
        projects: the projects that it is of, as they were named.
        now: the present, whose day ``{date}`` is, UTC.

    Raises:
        CommandError: a word in braces is unknown, or stands for nothing here.
    """
    if out is None or out == STDOUT:
        return None
    today = (now or datetime.now(UTC)).astimezone(UTC).date()
    words = {"date": (str(today), "")} | (_words(*days, projects, today) if days else {})

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

    if stray := re.search(r"[{}]", _BRACES.sub("", str(out))):
        raise CommandError(
            f"--out: a {stray[0]} in {str(out)!r} has no counterpart: write words in braces, as"
            f" {{{next(iter(words))}}}."
        )
    return Path(_BRACES.sub(word, str(out)))


def _words(
    start: date, end: date, projects: Sequence[str], today: date
) -> dict[str, tuple[str | None, str]]:
    """What each word stands for, or what it needs in order to."""
    last = end - timedelta(days=1)
    is_month = start.day == 1 and last.replace(day=1) == start and (end.day == 1 or last >= today)
    project = _UNSAFE.sub("-", "+".join(projects)).strip("-.")[:_LONGEST]
    return {
        "month": (f"{start:%Y-%m}" if is_month else None, "one month, as --month 2026-10"),
        "start": (str(start), ""),
        "end": (str(last), ""),
        "project": (project or None, "--project"),
    }
