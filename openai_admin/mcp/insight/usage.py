"""The question of how much was used: tokens, requests, images, the part that the cache served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import anyio.to_thread
import attrs
from typing_extensions import Doc

from ...client import AsyncOpenAIAdmin
from ...directory.not_known import not_checked, sentence
from ...directory.reading import Reads
from ...insights import Period
from ...insights.basis import Basis, grouped_by
from ...insights.cents import in_percent
from ...insights.fetch import usage_table
from ...insights.lacking import lacking
from ...insights.naming import UNKNOWN
from ...insights.periods import midnight
from ...insights.text import count, some_of
from ...insights.tiers import UNTOLD, usage_tier
from ...usage.endpoints import endpoints
from ...usage.line_items import STANDARD
from ...usage.names import NAME_COLUMNS
from ...usage.settled import so_far
from ...usage.table import UsageTable
from ..progress import say
from ..tool import Answer
from .asked_costs import ACCOUNTS, PEOPLE, meant_models, merged
from .costs import ids_of_projects, present
from .periods import LAST_DAYS, When, days_asked
from .question import Projects, question
from .rows import Span, facts, span
from .short import unknown
from .spend import Models, Top

By = Annotated[
    Literal[
        "model",
        "project",
        "person",
        "service_account",
        "user",
        "key",
        "tier",
        "endpoint",
        "day",
        "week",
        "month",
    ],
    Doc("What to group by; user: people and service accounts."),
]
_Endpoint = Literal[
    "completions",
    "embeddings",
    "moderations",
    "images",
    "audio_speeches",
    "audio_transcriptions",
    "web_search_calls",
    "file_search_calls",
    "code_interpreter_sessions",
    "decisions",
]
Endpoint = Annotated[_Endpoint | None, Doc("Only this kind of usage.")]

_ALL: tuple[str, ...] = get_args(_Endpoint)
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "model": ("model",),
    "project": ("project_id",),
    **dict.fromkeys(("person", "service_account", "user"), ("user_id",)),
    "key": ("api_key_id",),
    "tier": ("batch", "service_tier"),
}
_PERIODS = {"day": "date", "week": "week", "month": "month"}
_MOST, _MOST_DAYS = 10, 31


@attrs.frozen(kw_only=True)
class Counts:
    """How much was used; what was not counted is left out.

    Attributes:
        id: its id.
        name: its name; the model, the day and the like.
        input_tokens: with cached ones.
        cached_tokens: those from the cache.
        cached_percent: their part of what can be cached.
        output_tokens: tokens written.
        requests: of models.
        images: images made.
        characters: of speech.
        seconds: of audio transcribed.
        tool_calls: searches.
        sessions: of the code interpreter.
    """

    id: str | None = None
    name: str | None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    cached_percent: float | None = None
    output_tokens: int | None = None
    requests: int | None = None
    images: int | None = None
    characters: int | None = None
    seconds: int | None = None
    tool_calls: int | None = None
    sessions: int | None = None


@attrs.frozen(kw_only=True)
class Used:
    """How much was used.

    Attributes:
        period: the days.
        complete: whether all is in the figures, and none may still be restated; null where not
            known.
        total: all of it; null where not known.
        groups: its parts; null where not known.
        others: those left out, together.
        not_known: what was refused, and why.
    """

    period: Span
    complete: bool | None
    total: Counts | None
    groups: list[Counts] | None
    others: Counts | None = None
    not_known: list[str] = attrs.field(factory=list)


@question(Used, toolsets=("assistant",))
async def usage(
    client: AsyncOpenAIAdmin,
    *,
    period: When = LAST_DAYS,
    by: By = "model",
    endpoint: Endpoint = None,
    projects: Projects = None,
    models: Models = None,
    limit: Top = None,
) -> Answer:
    """How much was used in any days: tokens in, out and cached, requests, images, audio, tool
    calls, by model, project, key and more: {"period": "yesterday", "by": "key"}. Not money.
    """
    now = present()
    days = days_asked(period, "none", now=now).period
    project_ids, looked = await ids_of_projects(client, projects)
    fields = [*_FIELDS.get(by, ()), *(["model"] if models and by != "model" else [])]
    meant, others = _able([endpoint] if endpoint else _ALL, fields)
    filters: dict[str, Any] = {"project_ids": project_ids} if project_ids else {}
    reads = Reads(client._caller)
    say("fetching usage")
    table = await usage_table(
        reads,
        "usage",
        client.usage,
        meant,
        start_time=midnight(days.start),
        end_time=midnight(days.end) if days.end <= now.date() else None,
        group_by=fields or None,
        **filters,
    )
    reads.check()
    rows, names, unnamed = await _rows(client, table, by, fields)
    refused = Basis(("usage",)).refused(reads.not_known)
    lost = Basis(("usage",), completely=tuple(grouped_by("usage", f) for f in fields))
    if models and not refused:
        of = meant_models(models, (row["model"] for row in rows))
        rows = [row for row in rows if row["model"] in of]
    not_known = unknown(reads.not_known, {}, reads.unread, map(sentence, lacking("usage", table)))
    whole = _Sum.of(rows)
    groups = _grouped(rows, by)
    most = limit or (_MOST_DAYS if by in _PERIODS else _MOST)
    rest = groups[most:]
    answer = Used(
        period=span(days),
        complete=None if refused else not not_known and _is_settled(table, days),
        total=None if refused else Counts(name="(all)", **whole.counts()),
        groups=None
        if lost.refused(reads.not_known)
        else [_group(by, key, each, names) for key, each in groups[:most]],
        others=Counts(
            name=f"({count(len(rest), 'other')})",
            **_Sum.of_all(each for _, each in rest).counts(),
        )
        if rest
        else None,
        not_known=not_known,
    )
    notes = [*_notes(table, days, now), *looked, *unnamed]
    if others:
        notes.append(
            f"In no figure, as they are not counted by {_words(by)}: {some_of(others, ', ')}."
        )
    if rest:
        notes.append(f"{count(len(rest), 'group')} left out; `limit` shows more.")
    told = sentence(not_checked(refused, {})) if refused else f"{days}: {whole.told()}."
    return Answer(facts(answer), told, notes=notes)


QUESTIONS = (usage,)


def _words(by: str) -> str:
    return by.replace("_", " ")


def _able(names: Sequence[str], fields: Sequence[str]) -> tuple[list[str], list[str]]:
    """The endpoints that can be grouped by some fields, and those that cannot."""
    known = endpoints()
    able = [name for name in names if set(fields) <= set(known[name].groups)]
    return able or list(names), [name for name in names if able and name not in able]


async def _rows(
    client: AsyncOpenAIAdmin, table: UsageTable, by: str, fields: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, str], list[str]]:
    """The sums of each endpoint and group, with names by id, and why others are not known."""
    keys = ["endpoint", *fields, *([_PERIODS[by]] if by in _PERIODS else [])]
    sums = await anyio.to_thread.run_sync(table.totals, keys)
    names: dict[str, str] = {}
    unnamed: list[str] = []
    for column in (field for field in fields if field in NAME_COLUMNS):
        say("fetching names")
        named = await client.usage.name(sums)
        pairs = zip(named[column], named[NAME_COLUMNS[column]], strict=True)
        names = {id: name for id, name in pairs if id is not None and name is not None}
        unnamed = named.unnamed
    return list(sums.rows()), names, unnamed


_METRICS: Mapping[str, str] = {
    "input_tokens": "input_tokens",
    "cached_tokens": "input_cached_tokens",
    "output_tokens": "output_tokens",
    "requests": "num_model_requests",
    "images": "images",
    "characters": "characters",
    "seconds": "seconds",
    "tool_calls": "num_requests",
    "sessions": "num_sessions",
}
"""What is counted, and the columns that have it."""


@attrs.define
class _Sum:
    """Counts while they are added up; private to this question."""

    numbers: dict[str, int] = attrs.field(factory=dict)
    cacheable: int = 0  # input tokens of what says how many were cached

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> _Sum:
        """The sums of rows."""
        made = cls()
        for row in rows:
            made.add(row)
        return made

    @classmethod
    def of_all(cls, sums: Iterator[_Sum]) -> _Sum:
        """Several together."""
        made = cls()
        for each in sums:
            made.cacheable += each.cacheable
            for name, number in each.numbers.items():
                made.numbers[name] = made.numbers.get(name, 0) + number
        return made

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row; the requests behind searches are counted with the models' already."""
        searches = row["endpoint"] == "web_search_calls"
        for name, column in _METRICS.items():
            number = row.get(column)
            if number and not (searches and name == "requests"):
                self.numbers[name] = self.numbers.get(name, 0) + number
        if row.get("input_cached_tokens") is not None:
            self.cacheable += row.get("input_tokens") or 0

    @property
    def size(self) -> tuple[int, ...]:
        """What groups are ranked by: tokens, then all else."""
        tokens = self.numbers.get("input_tokens", 0) + self.numbers.get("output_tokens", 0)
        return (tokens, *(self.numbers.get(name, 0) for name in _METRICS))

    def counts(self) -> dict[str, Any]:
        """The fields of `Counts`."""
        cached = self.numbers.get("cached_tokens", 0)
        share = in_percent(cached / self.cacheable, digits=1) if self.cacheable else None
        return {**self.numbers, "cached_percent": share}

    def told(self) -> str:
        """The counts in words."""
        words = [f"{name.replace('_', ' ')} {number:,}" for name, number in self.numbers.items()]
        return ", ".join(words) or "nothing was used"


def _grouped(rows: Sequence[Mapping[str, Any]], by: str) -> list[tuple[str | None, _Sum]]:
    """The groups, the largest first, or in order of time."""
    found: dict[str | None, _Sum] = {}
    for row in rows:
        found.setdefault(_key(row, by), _Sum()).add(row)
    if by in _PERIODS:
        return sorted(found.items(), key=lambda pair: pair[0] or "")
    kept = [(key, each) for key, each in found.items() if each.numbers]
    return sorted(kept, key=lambda pair: pair[1].size, reverse=True)


def _key(row: Mapping[str, Any], by: str) -> str | None:
    if by in _PERIODS:
        return str(row[_PERIODS[by]])
    if by == "endpoint":
        return str(row["endpoint"])
    if by == "tier":
        tier = usage_tier(row["batch"], row["service_tier"])
        return None if tier == UNTOLD else tier or STANDARD
    (field,) = _FIELDS[by]
    return merged(by, row[field])


def _group(by: str, key: str | None, found: _Sum, names: Mapping[str, str]) -> Counts:
    has_id = key not in (None, PEOPLE, ACCOUNTS) and _FIELDS.get(by, ("",))[0] in NAME_COLUMNS
    name = key or UNKNOWN
    return Counts(
        id=key if has_id else None, name=names.get(name) if has_id else name, **found.counts()
    )


def _is_settled(table: UsageTable, days: Period) -> bool | None:
    settled = table.settled_until
    return None if settled is None else midnight(days.end) <= settled


def _notes(table: UsageTable, days: Period, now: datetime) -> Iterator[str]:
    start, end = midnight(days.start), midnight(days.end)
    yield from filter(None, [so_far(table.settled_until, start, end)])
    if days.start <= now.date() < days.end:
        yield "Today is not over."
