"""Findings in words and as JSON: who, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..._text.markdown import code, escape
from .detecting import Detected
from .model import Detection, Finding
from .settings import SEVERITIES


def who(finding: Finding, names: Mapping[str, str]) -> str:
    """Who did it, by the event at which it was found; empty where that does not say."""
    actor = finding.evidence[-1].actor
    holder = actor.user_id or actor.service_account_id
    called = actor.email or names.get(holder or "") or holder
    if actor.key_id is None:
        return called or actor.via or ""
    key = f"the key {names.get(actor.key_id, actor.key_id)}"
    return key if called is None else f"{called}, by {key}"


def where(finding: Finding) -> str:
    """Where it came from, as far as the event says: ``203.0.113.7 (Lyon, FR, AS64500)``."""
    origin = finding.evidence[-1].actor.origin
    asn = f"AS{origin.asn}" if origin.asn else None
    place = ", ".join(filter(None, (origin.city or origin.region, origin.country, asn)))
    if origin.ip is None:
        return place
    return f"{origin.ip} ({place})" if place else origin.ip


def moment(when: datetime | None) -> str:
    """A moment to the second."""
    return "time not known" if when is None else f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def iso(when: datetime | None) -> str | None:
    """A moment in ISO 8601."""
    return None if when is None else when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(finding: Finding, names: Mapping[str, str]) -> dict[str, Any]:
    """A finding as JSON, its evidence as the events came."""
    return {
        "detection": finding.detection,
        "id": finding.id,
        "severity": finding.severity,
        "at": iso(finding.at),
        "title": finding.title,
        "about": finding.about,
        "about_name": names.get(finding.about),
        "summary": finding.summary,
        "who": who(finding, names) or None,
        "where": where(finding) or None,
        "why": finding.why,
        "what_to_do": finding.what_to_do,
        "techniques": [
            {"id": each.id, "name": each.name, "tactic": each.tactic, "address": each.address}
            for each in finding.techniques
        ],
        "learned": finding.learned,
        "accepted": finding.accepted,
        "evidence": [event.raw for event in finding.evidence],
    }


def kinds(findings: Iterable[Finding]) -> list[Finding]:
    """A finding of each detection, the worst first: its `why` and `what_to_do` are of all."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.detection, finding)
    return sorted(first.values(), key=lambda each: -SEVERITIES.index(each.severity))


def techniques(of: Finding | Detection[Any]) -> str:
    """The techniques that it may show: ``T1098.003 Additional Cloud Roles``."""
    return ", ".join(f"{each.id} {each.name}" for each in of.techniques)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number of things: ``1 event``, ``4,210 events``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def summary_of(detected: Detected, findings: Sequence[Finding]) -> str:
    """How much was found, as a sentence; what is left out as less severe is counted."""
    told = {each.id for each in findings}
    left = sum(each.id not in told for each in detected.findings)
    less = f"{left:,} less severe {'thing is' if left == 1 else 'things are'} not told."
    if not findings:
        so_far = " so far" * bool(detected.not_known)
        if left:
            return f"Nothing as severe as asked for was found{so_far}; {less}"
        return f"Nothing was found{so_far}."
    worst = max(findings, key=lambda each: SEVERITIES.index(each.severity)).severity
    number = sum(each.severity == worst for each in findings)
    bad = f"{number:,} of severity {worst}" if number < len(findings) else f"of severity {worst}"
    found = f"Found {counted(len(findings), 'thing')} to look at, {bad}"
    return f"{found}; {less}" if left else f"{found}."


def scope_of(detected: Detected) -> str:
    """What was looked at and learned from, as a sentence."""
    days = (detected.since - detected.learned_since).total_seconds() / 86_400
    odd = f", {detected.odd_events:,} of them not as the API describes" * bool(detected.odd_events)
    learned = (
        f"learned from {counted(detected.learned_from, 'event')} of the {days:g} days before"
        if days
        else "learned from nothing before"
    )
    return (
        f"Looked at {counted(detected.events, 'event')} from {moment(detected.since)} to"
        f" {moment(detected.until)} UTC{odd}; {learned}."
    )


def to_markdown(detected: Detected, findings: Sequence[Finding]) -> str:
    """Findings as GitHub's Markdown, in which a name is never anything else than a name."""
    return "\n".join(_markdown(detected, findings)) + "\n"


def _markdown(detected: Detected, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"# {escape(summary_of(detected, findings))}"
    yield ""
    yield escape(scope_of(detected))
    if findings:
        yield ""
        yield "| severity | time (UTC) | detection | what | who | where |"
        yield "|---|---|---|---|---|---|"
    for each in findings:
        cells = (
            each.severity,
            moment(each.at),
            code(each.detection),
            escape(each.summary),
            escape(who(each, detected.names)),
            escape(where(each)),
        )
        yield f"| {' | '.join(cells)} |"
    for each in kinds(findings):
        yield ""
        yield f"## {escape(each.title)}"
        yield ""
        yield (
            f"{escape(each.why)} ({escape(techniques(each))})"
            if each.techniques
            else escape(each.why)
        )
        yield ""
        yield f"**What to do:** {escape(each.what_to_do)}"
    for title, lines in (("Not known", detected.not_known), ("Notes", detected.notes)):
        if lines:
            yield ""
            yield f"## {title}"
            yield ""
            yield from (f"- {escape(line)}" for line in lines)
