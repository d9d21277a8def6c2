"""Findings in the form that was asked for, and told to a webhook."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import attrs

from .._text.visible import json_text
from .connect import Target
from .output_file import reported
from .webhook import Webhook

if TYPE_CHECKING:
    from ..audit.detections.detecting import Detected
    from ..audit.detections.model import Detection, Finding
    from ..audit.detections.settings import Settings

Form = Literal["table", "json", "ndjson", "ocsf", "markdown"]
SeverityName = Literal["informational", "low", "medium", "high", "critical"]


@attrs.frozen(kw_only=True)
class Looking:
    """What looks at the log, and how what it finds is told.

    Attributes:
        target: what to talk to.
        detections: what looks.
        settings: what is changed of the detections, and what is accepted.
        history: how much before the stretch is learned from.
        asked: the form that was asked for by name.
        form: the form.
        least: what is less bad is not told.
        shows_accepted: whether what is accepted is told too.
        names: whether names are looked up.
        receiver: where findings are posted to.
    """

    target: Target
    detections: Sequence[Detection[Any]]
    settings: Settings
    history: timedelta
    asked: Form | None
    form: Form
    least: SeverityName
    shows_accepted: bool
    names: bool
    receiver: Webhook | None


def at_least(findings: Sequence[Finding], least: SeverityName) -> list[Finding]:
    """The findings that are as bad, or worse."""
    from ..audit.detections.settings import SEVERITIES

    lowest = SEVERITIES.index(least)
    return [each for each in findings if SEVERITIES.index(each.severity) >= lowest]


def listed(
    findings: Sequence[Finding],
    names: Mapping[str, str],
    form: Form,
    organization_id: str | None = None,
) -> list[dict[str, Any]]:
    """Findings as JSON, or as OCSF's Detection Findings."""
    if form == "ocsf":
        from ..audit.detections.ocsf import to_detection_finding

        return [
            to_detection_finding(each, names, organization_id=organization_id) for each in findings
        ]
    from ..audit.detections.showing import plain

    return [plain(each, names) for each in findings]


def written(
    found: Detected, findings: Sequence[Finding], form: Form, organization_id: str | None
) -> str:
    """The findings of a run in a form; those in OCSF are a line each."""
    if form == "table":
        from .detect_text import text_of

        return text_of(findings, found.names, sys.stdout)
    if form == "markdown":
        from ..audit.detections.showing import to_markdown

        return to_markdown(found, findings)
    rows = listed(findings, found.names, form, organization_id)
    if form == "json":
        return json_text(rows, indent=2) + "\n"
    return "".join(f"{json_text(row)}\n" for row in rows)


def show(text: str) -> None:
    """Write to standard output.

    Raises:
        PipeClosedError: its reader went away.
        CommandError: it cannot be written.
    """
    with reported("standard output"):
        print(text, end="")
        sys.stdout.flush()


async def post(
    receiver: Webhook,
    summary: str,
    findings: Sequence[Finding],
    names: Mapping[str, str],
    form: Form | None,
    *,
    not_known: Sequence[str] = (),
    organization_id: str | None = None,
) -> str | None:
    """Post findings: for Slack, or as JSON where a form of JSON was asked for by its name.

    Returns:
        What went wrong, as a sentence; ``None`` where they have arrived.
    """
    if form in ("json", "ndjson", "ocsf"):
        rows = listed(findings, names, form, organization_id)
        message: dict[str, Any] = {
            "text": summary,
            "findings": rows,
            "not_known": list(not_known),
        }
        return await receiver.post(_sendable(message), wants_ok=False)
    from ..audit.detections.slack import to_slack

    message = to_slack(summary, findings, names, not_known)
    return await receiver.post(_sendable(message), wants_ok=True)


def _sendable(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message in which what is no Unicode is a question mark: it must not keep the rest back."""
    sendable: dict[str, Any] = json.loads(json_text(message).encode("utf-8", "replace"))
    return sendable


def rows_of(detections: Sequence[Detection[Any]], form: Form) -> str:
    """The detections that there are, as a table or as JSON."""
    if form not in ("json", "ndjson"):
        from .detect_text import list_of

        return list_of(detections, sys.stdout)
    rows = [
        {
            "detection": each.key,
            "title": each.title,
            "severity": each.severity,
            "techniques": [one.id for one in each.techniques],
            "thresholds": dict(each.thresholds),
            "why": each.why,
            "what_to_do": each.what_to_do,
        }
        for each in detections
    ]
    if form == "json":
        return json_text(rows, indent=2) + "\n"
    return "".join(f"{json_text(row)}\n" for row in rows)
