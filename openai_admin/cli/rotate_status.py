"""``openai-admin rotate status``: the rotations that are not finished."""

from __future__ import annotations

import sys
from typing import Any

from .errors import CommandError
from .lazy import single
from .options import Columns, Demo, Dialect, Force, Format, Out
from .output import Output
from .rotate_rows import STATUS_NAMES, status_row, write_all
from .terminal import printable


def status() -> Any:
    """The command."""
    return single("status", _status, help=_status.__doc__ or "")


def _status(
    format: Format = None,
    csv_dialect: Dialect = None,
    columns: Columns = None,
    out: Out = None,
    force: Force = False,
    demo: Demo = False,
) -> None:
    """List the rotations that are not finished, by their journals in the state folder.

    What is due is deleted by the command that the rotation began with. Where that can no longer be
    run, delete the journal. Those of --demo end with their command.
    """
    from ..workflows.rotation.doubts import told_of
    from ..workflows.rotation.kept import kept

    output = Output(format, columns or (), out, force, csv_dialect)
    output.check(STATUS_NAMES)
    found = [] if demo else kept()
    rows = [
        status_row(each.path, each.last)
        for each in found
        if each.last is not None and each.last.is_open
    ]
    write_all(rows, STATUS_NAMES, output)
    for each in found:
        if (doubt := told_of(each.last.unseen if each.last is not None else ())) is not None:
            print(printable(f"{each.path}: {doubt}"), file=sys.stderr)
    bad = [each.error for each in found if each.error is not None]
    if bad:
        bad.append("Without its journal, a rotation goes on by its keys' names, or asks.")
        raise CommandError(" ".join(bad), code=1)
