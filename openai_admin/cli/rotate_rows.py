"""Rotations as rows: for programs, and as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._wire.codec import plain
from .output import Output, writing

if TYPE_CHECKING:
    from ..workflows.rotation.model import Rotated, Rotation
    from ..workflows.rotation.state import State

NAMES = (
    *("state", "kind", "project", "account", "old_key", "new_key", "sink", "due"),
    *("left_over", "done", "left", "notes", "not_known", "id", "journal"),
)
"""The fields of a rotation."""

SUMMARY_NAMES = (
    *("outcome", "project", "account", "age_days", "old_key", "new_key", "sink", "due"),
    *("why", "notes", "journal"),
)
"""The fields of one of several."""

STATUS_NAMES = (
    *("state", "kind", "project", "account", "old_key", "new_key", "sink", "since", "due"),
    *("overlap_seconds", "until_unused", "id", "journal"),
)
"""The fields of a rotation that is not finished."""

_SHORT = ("outcome", "project", "account", "age_days", "new_key", "due")  # what fits a screen
_SENTENCES = ("left_over", "done", "left", "notes", "not_known")  # told beside a table


def write(rotation: Rotation, output: Output) -> None:
    """Write a rotation, in the form and to the place asked for.

    Raises:
        CommandError: it cannot be written.
        PipeClosedError: the reader of standard output went away.
    """
    is_told = output.chosen() == "table" and not output.named()
    names = tuple(name for name in NAMES if not (is_told and name in _SENTENCES))
    row = {name: getattr(rotation, name) for name in names}
    with writing(output, names, _plain) as writer:
        writer.record(row)


def write_several(found: Sequence[Rotated], output: Output) -> None:
    """Write what came of several likewise; a table leaves out what is long."""
    is_told = output.chosen() == "table" and not output.named()
    names = _SHORT if is_told else SUMMARY_NAMES
    rows = [_summary_row(each) for each in found]
    write_all([{name: row[name] for name in names} for row in rows], names, output)


def write_all(rows: Sequence[dict[str, Any]], names: Sequence[str], output: Output) -> None:
    """Write rows likewise."""
    with writing(output, names, _plain) as writer:
        if rows:
            writer.page(rows)
        writer.end()


def status_row(path: Path, state: State) -> dict[str, Any]:
    """A rotation by its journal alone."""
    from ..workflows.rotation.doubts import settled_at

    of = state.terms
    new = state.new or state.last
    since = state.set_at
    due = None if since is None or of.until_unused else since + timedelta(seconds=of.overlap)
    if state.is_deleting:
        due = settled_at(state.unseen)
    return {
        "state": "finishing" if state.is_deleting else "overlap" if state.set_at else "making",
        "kind": of.kind,
        "project": of.project,
        "account": of.account,
        "old_key": of.old,
        "new_key": new.key if new is not None else None,
        "sink": of.sink,
        "since": since,
        "due": due,
        "overlap_seconds": of.overlap,
        "until_unused": of.until_unused,
        "id": of.rotation,
        "journal": str(path),
    }


def _summary_row(each: Rotated) -> dict[str, Any]:
    """What came of one of several."""
    rotation = each.rotation
    return {
        "outcome": each.outcome,
        "project": each.project,
        "account": each.account,
        "age_days": each.age_days,
        "old_key": rotation.old_key if rotation is not None else None,
        "new_key": rotation.new_key if rotation is not None else None,
        "sink": each.sink,
        "due": rotation.due if rotation is not None else None,
        "why": each.error or each.skipped,
        "notes": rotation.notes if rotation is not None else (),
        "journal": rotation.journal if rotation is not None else None,
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items()}
