"""The file of how far the audit log was read, for the commands that follow it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from ..errors import InvalidInputError
from ..events import Event, Interrupted, Resumed
from ..resources.audit_logs import AuditLogPosition
from .errors import CommandError
from .output_file import reported
from .terminal import printable


def check_position(file: Path | None) -> None:
    """Refuse what no position can be saved in.

    Raises:
        CommandError: it is a folder or a device.
    """
    if file is not None and file.exists() and not file.is_file():
        raise CommandError(f"--position must name a file, not a folder or a device: {file}.")


def position_of(file: Path | None, since: datetime | None) -> AuditLogPosition:
    """The position that a file has; a new one, from a time on, where there is none.

    Raises:
        CommandError: the file cannot be read, or holds something else.
    """
    if file is None:
        return AuditLogPosition()
    try:
        return AuditLogPosition.from_file(file, since=since)
    except OSError as exc:
        raise CommandError(f"{file} cannot be read: {exc.strerror or exc}.", code=1) from None
    except InvalidInputError:
        raise CommandError(
            f"{file} is not a saved position in the audit log: remove it and pass --since with the"
            " time to begin at, or name another file with --position."
        ) from None


def save_position(position: AuditLogPosition) -> None:
    """Save a position that has a file.

    Raises:
        CommandError: it cannot be written.
    """
    if position.file is not None:
        with reported(str(position.file)):
            position.save()


def tell_outage(event: Event) -> None:
    """Say on standard error when the log can no longer be read, and when it can again."""
    match event:
        case Interrupted(failures=1):
            why = printable(str(event.error)).rstrip(".")
            line = f"The audit log cannot be read: {why}. Trying again until it can be."
        case Resumed():
            line = f"The audit log can be read again, after {event.seconds:.0f} s."
        case _:
            return
    print(line, file=sys.stderr, flush=True)
