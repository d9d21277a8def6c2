"""Findings on a terminal: the severity coloured, then what to do of each kind once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from ..audit.detections.model import Detection, Finding, Severity
from ..audit.detections.showing import kinds, moment, techniques, where, who
from .terminal import paint, printable, screen_width

_STYLES: Mapping[Severity, str] = {
    "informational": "2",
    "low": "36",
    "medium": "33",
    "high": "31",
    "critical": "1;31",
}
_PIPE = 100  # columns, where there is no terminal to fit
_NARROW = 40  # columns; nothing is made to fit less
_INDENT = " " * 10
_WIDTH = 8  # of a severity, the longest abbreviated
_SHORT: Mapping[Severity, str] = {"informational": "info"}


def text_of(findings: Sequence[Finding], names: Mapping[str, str], screen: IO[str]) -> str:
    """Findings with what to do."""
    lines = [line for finding in findings for line in lines_of(finding, names, screen)]
    if findings:
        lines += ["", paint("What to do", "1", screen)]
    for each in kinds(findings):
        lines += ["", f"  {paint(each.detection, '1', screen)}: {printable(each.title)}"]
        lines += what_to_do(each, screen, "    ")
    return "".join(f"{line}\n" for line in lines)


def lines_of(finding: Finding, names: Mapping[str, str], screen: IO[str]) -> Iterator[str]:
    """A finding: its severity, when and what kind; what happened; who and where."""
    severity = _SHORT.get(finding.severity, finding.severity).upper().ljust(_WIDTH)
    painted = paint(severity, _STYLES[finding.severity], screen)
    yield f"{painted}  {moment(finding.at)}  {printable(finding.detection)}"
    yield from _wrapped(finding.summary, _INDENT, screen)
    by, from_ = who(finding, names), where(finding)
    told = " ".join(filter(None, (f"by {by}" if by else "", f"from {from_}" if from_ else "")))
    for line in (told, finding.learned, finding.accepted and f"Accepted: {finding.accepted}."):
        if line:
            yield from _wrapped(line, _INDENT, screen)


def what_to_do(finding: Finding, screen: IO[str], indent: str = _INDENT) -> Iterator[str]:
    """Why a finding matters, what to do, and which techniques it may show."""
    yield from _wrapped(finding.why, indent, screen)
    yield from _wrapped(finding.what_to_do, indent, screen)
    if finding.techniques:
        yield from _wrapped(f"ATT&CK: {techniques(finding)}", indent, screen)


def list_of(detections: Sequence[Detection[Any]], screen: IO[str]) -> str:
    """The detections that there are, with what can be changed of them."""
    lines = []
    for each in detections:
        severity = _SHORT.get(each.severity, each.severity).upper().ljust(_WIDTH)
        head = f"{paint(severity, _STYLES[each.severity], screen)}  {each.key}: {each.title}"
        lines.append(head)
        if each.techniques:
            lines += _wrapped(techniques(each), _INDENT, screen)
        if each.thresholds:
            numbers = ", ".join(f"{name} = {value}" for name, value in each.thresholds.items())
            lines += _wrapped(numbers, _INDENT, screen)
    return "".join(f"{line}\n" for line in lines)


def _wrapped(text: str, indent: str, screen: IO[str]) -> list[str]:
    width = max(_NARROW, screen_width(screen) or _PIPE)
    return textwrap.wrap(
        printable(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
