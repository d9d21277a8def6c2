"""The question of what a name, an address or an id is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import attrs
from annotated_types import Len
from typing_extensions import Doc

from ...client import AsyncOpenAIAdmin
from ...directory.search.hits import WORDS, FindResult, Hit, HitKind
from ...insights.text import count, some_of
from ..progress import say
from ..texts import quoted
from ..tool import Answer
from ..values import iso
from .question import AtMost, Detail, Projects, question
from .rows import facts
from .short import cut, unknown

Text = Annotated[
    str,
    Len(1, 500),
    Doc("A name, an address, an id, a part of one, or the last characters of a key."),
]
Kinds = Annotated[
    Sequence[HitKind] | None, Len(1), Doc("What to look for; by default all it may be.")
]
Everywhere = Annotated[bool, Doc("Look into each project even where there are more than 50.")]

_FLAG = re.compile("everywhere=True sends them")


@attrs.frozen(kw_only=True)
class Thing:
    """Something that was found.

    Attributes:
        kind: what it is.
        id: its id.
        name: its name.
        email: a person's or invite's address.
        key: a key's characters that are shown.
        project: where it is.
        project_id: that project's id.
        status: as archived or expired.
        owner: who has the key.
        last_used: of a key or a person's keys.
        why: why it was taken.
    """

    kind: str
    id: str
    name: str | None = None
    email: str | None = None
    key: str | None = None
    project: str | None = None
    project_id: str | None = None
    status: str | None = None
    owner: str | None = None
    last_used: str | None = None
    why: str


@attrs.frozen(kw_only=True)
class Finds:
    """What was found.

    Attributes:
        count: how many things match; null where none is known to.
        is_near: nothing matches, and these are perhaps meant.
        things: the best match first; null where nothing could be looked through.
        looked_through: kinds.
        not_known: what could not be looked through, and why.
    """

    count: int | None
    is_near: bool | None = None
    things: list[Thing] | None
    looked_through: list[str]
    not_known: list[str]


@question(Finds, toolsets=("assistant",))
async def find(
    client: AsyncOpenAIAdmin,
    *,
    text: Text,
    kinds: Kinds = None,
    projects: Projects = None,
    everywhere: Everywhere = False,
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Who or what is this? Finds people, projects, service accounts, keys, groups, invites,
    certificates and roles by name, address, id or part; the nearest where nothing is called so.
    Example: text "ada@example.com".
    """
    say("looking for it")
    result = await client.find(text, kinds=kinds, projects=projects, everywhere=everywhere)
    things = [_thing(hit) for hit in result.hits or result.near]
    things += [_thing(hit, unclear=True) for hit in result.not_compared]
    shown, notes = cut(
        things, limit, "things", detail, "pass more of the text, or kinds or projects"
    )
    others = [_FLAG.sub("everywhere: true does", each) for each in result.left_out]
    answer = Finds(
        count=len(result.hits) if result.hits or result.is_complete else None,
        is_near=True if result.near else None,
        things=shown if things or result.kinds else None,
        looked_through=[WORDS[kind] for kind in result.kinds],
        not_known=unknown(result.not_known, result.names, result.unread, others),
    )
    if result.is_secret:
        notes.append("This was a key's secret: it was not sent, but whoever read it can use it.")
    return Answer(facts(answer), _told(result, answer), notes=notes)


def _told(result: FindResult, answer: Finds) -> str:
    unsure = "" if result.is_complete else " as far as could be looked"
    if result.hits:
        return f"Found{unsure}: {count(len(result.hits), 'match', 'matches')}."
    if result.near:
        near = some_of([quoted(hit.label) for hit in result.near], ", ")
        return f"Nothing is called so{unsure}. Perhaps meant: {near}."
    return f"Nothing was found{unsure}."


def _thing(hit: Hit, *, unclear: bool = False) -> Thing:
    return Thing(
        kind=hit.kind,
        id=hit.id,
        name=hit.name,
        email=hit.email,
        key=hit.redacted_value,
        project=hit.project,
        project_id=hit.project_id,
        status=hit.status,
        owner=hit.owner or hit.owner_id,
        last_used=hit.last_used if isinstance(hit.last_used, str) else iso(hit.last_used),
        why="it shows too little to tell whether it is meant" if unclear else hit.why,
    )


QUESTIONS = (find,)
