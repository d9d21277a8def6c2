"""Findings as a message for Slack, in Block Kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._text.slack import LONGEST_TEXT, context, escape, header, line, section_text
from .model import Finding
from .settings import SEVERITIES
from .showing import kinds, moment, where, who

_MOST = 20  # findings, and as many kinds of them; Slack takes 50 blocks


def to_slack(
    summary: str,
    findings: Sequence[Finding],
    names: Mapping[str, str],
    not_known: Sequence[str] = (),
) -> dict[str, Any]:
    """The body of a request to an incoming webhook, within Slack's limits.

    Names are text: no name mentions anybody, or links anywhere.

    Args:
        summary: the heading.
        findings: what was found; the worst are shown where there are many.
        names: names by id.
        not_known: what is not known, a sentence each.
    """
    worst = sorted(findings, key=lambda each: -SEVERITIES.index(each.severity))
    blocks = [header(summary), *(_section(each, names) for each in worst[:_MOST])]
    if len(worst) > _MOST:
        blocks.append(context(f"{len(worst) - _MOST:,} more are left out here."))
    blocks += [
        context(f"What to do, {each.detection}: {each.what_to_do}")
        for each in kinds(findings)[:_MOST]
    ]
    blocks += [context(f"Not known: {each}") for each in not_known[:5]]
    return {"text": escape(summary, LONGEST_TEXT), "blocks": blocks}


def _section(finding: Finding, names: Mapping[str, str]) -> dict[str, Any]:
    heading = f"{finding.severity.upper()} {finding.title}, {moment(finding.at)} UTC"
    by, place = who(finding, names), where(finding)
    lines = [finding.summary, *([f"by {by}"] if by else []), *([f"from {place}"] if place else [])]
    text = "".join(f"\n{line(each)}" for each in lines)
    return {"type": "section", "text": section_text(heading, text, LONGEST_TEXT)}
