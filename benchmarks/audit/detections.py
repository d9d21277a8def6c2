"""Detections scored in lives with incidents planted in them, and in quiet ones.

Each incident must be found once: a finding of its detection has one of its events as evidence, or
comes within the hour and names who did it. What is told in a quiet life is a false alarm, also
where a real security engineer would have a look: a first login from a country where nobody was, by
somebody who is there. Findings of the 30 days of history count for nothing.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Sequence

import attrs

from openai_admin.audit.detections.model import Directory, Finding
from openai_admin.audit.detections.rules import DETECTIONS
from openai_admin.audit.detections.watching import Watch
from openai_admin.audit.event import AuditEvent

from .life import Life, live
from .life.incidents import PLANS, Incident

MOST_FALSE_A_MONTH = 1.0
"""By organization."""
_MONTH = 30
_NEAR = 3600


@attrs.frozen(kw_only=True)
class Score:
    """What was found in a life.

    Attributes:
        found: how many findings there were of each incident.
        others: what was told beside: of an incident's events by a detection that tells the truth
            of it, or of another one that does not.
        false: what was told of ordinary life.
        failures: what detections could not look at.
    """

    life: Life
    found: dict[Incident, int]
    others: tuple[tuple[Finding, Incident], ...]
    false: tuple[Finding, ...]
    failures: tuple[str, ...]

    @property
    def missed(self) -> list[Incident]:
        """Incidents that were not found."""
        return [incident for incident, times in self.found.items() if not times]

    @property
    def repeated(self) -> list[Incident]:
        """Incidents that were found too often."""
        return [incident for incident, times in self.found.items() if times > incident.most]

    @property
    def wrong(self) -> list[tuple[Finding, Incident]]:
        """What was told of an incident by a detection whose sentence is not true of it."""
        return [(f, i) for f, i in self.others if f.detection not in i.may]


def findings(life: Life) -> tuple[list[Finding], tuple[str, ...]]:
    """What the detections tell of a life after its history, and what they could not look at."""
    watch = Watch(DETECTIONS, Directory(**life.directory))
    told: list[Finding] = []
    for raw in life.events:
        event = AuditEvent.of_raw(raw)
        found = watch.feed(event)
        if event.at is not None and event.at.timestamp() >= life.begins:
            told += found
    return told, tuple(map(str, watch.failures))


def score(life: Life) -> Score:
    """Match what was told of a life with what happened in it."""
    told, failures = findings(life)
    found = dict.fromkeys(life.incidents, 0)
    others: list[tuple[Finding, Incident]] = []
    false = []
    for finding in told:
        incident = _match(finding, life.incidents)
        if incident is None:
            false.append(finding)
        elif incident.is_found_by(finding.detection):
            found[incident] += 1
        else:
            others.append((finding, incident))
    return Score(
        life=life, found=found, others=tuple(others), false=tuple(false), failures=failures
    )


def _match(finding: Finding, incidents: Iterable[Incident]) -> Incident | None:
    """The incident that a finding tells of: one of its own detection if there is one."""
    evidence = {event.id for event in finding.evidence}
    shared = [i for i in incidents if not evidence.isdisjoint(i.events)]
    own = [i for i in shared if i.is_found_by(finding.detection)]
    true = [i for i in shared if finding.detection in i.may]
    if shared:
        return (own or true or shared)[0]
    at = finding.at.timestamp() if finding.at else None
    named = {finding.about, *(event.actor.identity for event in finding.evidence)}
    return next(
        (
            i
            for i in incidents
            if i.detection == finding.detection
            and at is not None
            and abs(at - i.at) <= _NEAR
            and i.actor in named - {None}
        ),
        None,
    )


def run(argv: Sequence[str]) -> int:
    """Score, print a table and what is missed; 1 if a target is."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audit detections", description="Score the detections."
    )
    parser.add_argument("--seeds", type=int, default=50, help="lives of each kind (default: 50)")
    parser.add_argument("--days", type=int, default=60, help="days of each (default: 60)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--details", type=int, default=15, help="examples of what is missed")
    options = parser.parse_args(argv)
    began = time.perf_counter()
    seeds = range(options.first, options.first + options.seeds)
    planted = [score(live(seed, planted=True, days=options.days)) for seed in seeds]
    quiet = [score(live(seed, planted=False, days=options.days)) for seed in seeds]
    print(f"{len(seeds)} seeds × {options.days} days, {len(DETECTIONS)} detections, ", end="")
    events = sum(len(s.life.events) for s in (*planted, *quiet))
    print(f"{events:,} events, {time.perf_counter() - began:.0f} s\n")
    months = options.seeds * options.days / _MONTH
    _table(planted, quiet, months)
    return _verdict(planted, quiet, options.days / _MONTH, options.details)


def _table(planted: Sequence[Score], quiet: Sequence[Score], months: float) -> None:
    print(
        f"{'detection':<30}{'planted':>8}{'found':>7}{'twice':>7}{'recall':>8}{'false/month':>13}"
    )
    all_false = Counter(finding.detection for s in quiet for finding in s.false)
    keys = [*PLANS, *(key for key in all_false if key not in PLANS)]
    for key in keys:
        times = [n for s in planted for i, n in s.found.items() if i.detection == key]
        twice = sum(i.detection == key for s in planted for i in s.repeated)
        found = sum(map(bool, times))
        recall = f"{found / len(times):.1%}" if times else "-"
        rate = f"{all_false[key] / months:.3f}"
        print(f"{key:<30}{len(times):>8}{found:>7}{twice:>7}{recall:>8}{rate:>13}")
    total = all_false.total()
    print(f"\nfalse alarms on quiet seeds: {total} in {months:.0f} organization-months,", end="")
    print(f" {total / months:.2f} a month and organization")


def _verdict(planted: Sequence[Score], quiet: Sequence[Score], months: float, details: int) -> int:
    missed = [(s, i) for s in planted for i in s.missed]
    repeated = [(s, i) for s in planted for i in s.repeated]
    wrong = [(s.life, f, i) for s in planted for f, i in s.wrong]
    beside = [(s.life, f) for s in planted for f in s.false]
    false = [(s.life, f) for s in quiet for f in s.false]
    loud = [s for s in quiet if len(s.false) / months > MOST_FALSE_A_MONTH]
    failures = [f"seed {s.life.seed}: {text}" for s in (*planted, *quiet) for text in s.failures]
    rate = len(false) / (months * len(quiet))
    print(f"organizations with more than {MOST_FALSE_A_MONTH:g} a month: {len(loud)}", end="")
    print(f" of {len(quiet)}; the most: {max((len(s.false) for s in quiet), default=0)} in all")
    print(f"on planted seeds beside the incidents: {len(beside)} of ordinary life, ", end="")
    print(f"{len(wrong)} that are not true of an incident")
    _examples("missed", [_shown(*pair) for pair in missed], details)
    _examples("found twice", [_shown(*pair) for pair in repeated], details)
    _examples("not true", [f"{_told(life, f)} [{i.variant}]" for life, f, i in wrong], details)
    _examples("false (quiet)", [_told(*pair) for pair in false], details)
    _examples("beside (planted)", [_told(*pair) for pair in beside], details)
    _examples("could not look", failures, details)
    kept = not (missed or repeated or failures) and rate <= MOST_FALSE_A_MONTH and not loud
    print("\nall is kept" if kept else "\nmissed: see above")
    return 0 if kept else 1


def _examples(title: str, lines: list[str], most: int) -> None:
    if lines and most:
        print(f"\n{title} ({len(lines)}):")
        print("\n".join(f"  {line}" for line in lines[:most]))


def _shown(scored: Score, incident: Incident) -> str:
    life = scored.life
    others = [finding.detection for finding, of in scored.others if of is incident]
    told = f"; told as {', '.join(others)}" if others else ""
    return (
        f"seed {life.seed} ({life.character}): {incident.detection} / {incident.variant},"
        f" {incident.actor}, {len(incident.events)} events, the last {incident.events[-1]}{told}"
    )


def _told(life: Life, finding: Finding) -> str:
    return (
        f"seed {life.seed} ({life.character}): {finding.detection}, {finding.about},"
        f" {finding.evidence[-1].id}: {finding.summary}"
    )
