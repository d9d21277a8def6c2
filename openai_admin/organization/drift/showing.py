"""Drift shown to people: grouped as a plan is, with who did it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

from ..._text.visible import visible
from ...directory.not_known import told
from ..planning.wording import counted
from ..showing.arranging import kept, unknown
from ..showing.markdown import written
from ..showing.model import Remark, Remarks, Shown
from ..showing.places import order_of, title_of
from .model import Drift, Drifted

NOTHING = "Everything that the file manages is as it says."
"""The summary where there is no drift."""


def shown(drift: Drift, *, full: bool = False) -> Shown:
    """Drift as it is shown.

    Args:
        drift: what was found.
        full: whether everything that is left is named; else much of a kind is counted.
    """
    found = sorted(drift.found, key=lambda e: order_of(e.section, e.subject, e.project))
    groups = groupby(found, lambda each: title_of(each.section, each.project))
    remarks = [
        Remarks(title=str(title), rows=tuple(_row(each) for each in of)) for title, of in groups
    ]
    remarks += _without_author(drift)
    remarks += unknown(drift.not_known, drift.unclear, drift.names, title="Not known")
    remarks += kept(drift.left, full=full)
    return Shown(summary=summary_of(drift), groups=(), remarks=tuple(remarks))


def summary_of(drift: Drift) -> str:
    """How much is not as the file says."""
    if drift.found:
        is_ = "is" if len(drift.found) == 1 else "are"
        return f"{counted(len(drift.found), 'thing')} {is_} not as the file says."
    return NOTHING if drift.is_known else "As far as it is known, all is as the file says."


def to_markdown(drift: Drift, *, full: bool = False) -> str:
    """Drift as GitHub's Markdown, in which a name is never anything else than a name.

    Args:
        drift: what was found.
        full: whether everything that is left is named; else much of a kind is counted.
    """
    return written(f"Drift: {summary_of(drift)}", shown(drift, full=full))


def by_whom(drifted: Drifted) -> str:
    """Who did it and when, in words; empty where that is not known."""
    when = "" if drifted.changed_at is None else moment(drifted.changed_at)
    if drifted.actor is not None:
        return f"by {visible(drifted.actor)}, {when}" if when else f"by {visible(drifted.actor)}"
    return f"{when}, by whom the audit log does not say" if when else ""


def moment(when: datetime) -> str:
    """A moment to the minute."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _row(drifted: Drifted) -> Remark:
    return Remark(what=drifted.text, text=by_whom(drifted), joint=", ")


def _without_author(drift: Drift) -> Iterator[Remarks]:
    """A remark on who did it, where that is not known of something."""
    number = sum(each.changed_at is None for each in drift.found)
    if not number:
        return
    whose = "where no name is given above" if number < len(drift.found) else "of any of it"
    reasons = told(drift.log_not_known, {})
    why = "; ".join(reasons) if reasons else _silent(drift)
    yield Remarks(
        title="By whom, and when",
        rows=(Remark(what=f"Not known {whose}", text=f"{visible(why).rstrip('.')}."),),
    )


def _silent(drift: Drift) -> str:
    since = "" if drift.since is None else f" since {drift.since:%Y-%m-%d}"
    return f"the audit log has no event{since} that is surely the one"
