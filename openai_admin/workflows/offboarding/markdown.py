"""Evidence as a page in Markdown for an auditor, with the record for programs at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ..._text.visible import visible
from .model import Holding
from .record import Entry, Record
from .text import acted, described

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


def as_markdown(record: Record, data: str) -> str:
    """A record as Markdown.

    Args:
        record: the record.
        data: the same as JSON, which is put at the end to go on with.
    """
    people = ", ".join(str(entry.person) for entry in record.entries)
    lines = [
        f"# Offboarding: {_plain(people)}",
        "",
        f"Organization: {_plain(record.organization or 'not known')}",
    ]
    if record.demo:
        lines += ["", "This is a demonstration (`--demo`): the organization is made up."]
    for entry in record.entries:
        lines += ["", *_entry(entry)]
    lines += [
        "",
        "## The same for programs",
        "",
        "The command goes on with this record when it is run again with this file.",
        "",
        "```json",
        data.rstrip("\n"),
        "```",
        "",
    ]
    return "\n".join(lines)


def _entry(entry: Entry) -> Iterator[str]:
    person = entry.person
    yield f"## {_plain(str(person))}"
    yield ""
    yield f"- Id: {_plain(person.id or 'none')}"
    yield f"- Address: {_plain(person.email or 'not known')}"
    complete = (
        "yes" if entry.is_complete else "no: see the steps, what is left and what is not known"
    )
    yield f"- Complete: {complete}"
    if entry.transfer_to is not None:
        yield f"- Taken over by: {_plain(str(entry.transfer_to))}"
    if entry.leave_ownerless:
        yield "- Chosen: projects may be left without an owner of their own (`--leave-ownerless`)"
    for run in entry.runs:
        key = f"{run.acting.shown}{f', “{run.acting.name}”' if run.acting.name else ''}"
        owner = run.acting.owner or "somebody the API does not name"
        ended = _moment(run.ended_at) if run.ended_at else "not recorded"
        yield _plain(
            f"- Run of {_moment(run.begun_at)}, ended: {ended}, with the admin key {key} of {owner}"
        )
    yield from _held("Before", entry.before)
    yield ""
    yield f"### Steps ({len(entry.steps):,})"
    yield ""
    if entry.steps:
        yield "| | What | Outcome | When (UTC) | Remark |"
        yield "|---|---|---|---|---|"
        for number, step in enumerate(entry.steps, start=1):
            cells = (
                f"{acted(step.holding, entry.transfer_to)} [{step.holding.id}]",
                step.outcome,
                _moment(step.at) if step.at else "",
                step.reason or "",
            )
            yield f"| {number} | {' | '.join(map(_plain, cells))} |"
    elif not entry.not_known:
        yield "None: there was nothing to do."
    else:
        yield "None: nothing was found to take away, and not everything could be looked at."
    if entry.after is None:
        yield ""
        yield "### After"
        yield ""
        yield "Not looked at: the run did not come to its end."
    else:
        yield from _held("After", entry.after)
    yield from _list("What should be known", entry.notes)
    yield from _list("What is not known", _not_known(entry))


def _not_known(entry: Entry) -> list[str]:
    doubtful = [step for step in entry.steps if step.outcome == "not known"]
    told = [*entry.not_known]
    told += (
        f"whether this was done: {acted(step.holding, entry.transfer_to)} [{step.holding.id}]"
        for step in doubtful
    )
    if entry.after is None:
        told.append("what is left: the run did not come to its end")
    return told or ["Everything could be looked at."]


def _held(title: str, holdings: Sequence[Holding]) -> Iterator[str]:
    yield ""
    yield f"### {title}: {len(holdings):,} held"
    yield ""
    if not holdings:
        yield "Nothing."
    for held in holdings:
        stays = f"; not taken away by this: {held.stays}" if held.stays else ""
        yield _plain(f"- {described(held)} [{held.id}]{stays}")


def _list(title: str, texts: Iterable[str]) -> Iterator[str]:
    found = list(texts)
    if found:
        yield ""
        yield f"### {title}"
        yield ""
        yield from (f"- {_plain(text)}" for text in found)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _plain(text: str) -> str:
    """A text of which Markdown shows every character."""
    return _SPECIAL.sub(r"\\\1", visible(text))
