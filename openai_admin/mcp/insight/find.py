"""The question of what a name, an address or an id is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import attrs
from annotated_types import Interval, Len
from typing_extensions import Doc

from ...client import AsyncOpenAIAdmin
from ...directory.search.hits import WORDS, Hit, HitKind
from ...insights.text import count, some_of
from ..progress import say
from ..texts import quoted
from ..tool import Answer
from ..values import iso
from .facts import facts, most, unknown
from .question import Projects, question

Text = Annotated[
    str,
    Len(1, 500),
    Doc("A name, an address, an id, a part of one, or the last characters of a key."),
]
Kinds = Annotated[
    Sequence[HitKind] | None, Len(1), Doc("What to look for; by default all it may be.")
]
Everywhere = Annotated[bool, Doc("Look into each project even where there are more than 50.")]
Few = Annotated[int, Interval(ge=1, le=100), Doc("The most things to return.")]

_FLAG = re.compile("everywhere=True sends them")


@attrs.frozen(kw_only=True)
class Thing:
    """Something that was found.

    Attributes:
        kind: what it is.
        id: its id.
        name: its name.
        email: the address of a person or an invite.
        key: the characters of a key that are shown.
        project: the project it is in.
        project_id: that project's id.
        status: what is particular, as archived or expired.
        owner: who has the key.
        owner_id: the owner's id.
        last_used: when a key, or a person's keys, were last used, or never.
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
    owner_id: str | None = None
    last_used: str | None = None
    why: str


@attrs.frozen(kw_only=True)
class Finds:
    """What was found.

    Attributes:
        found: the best match first.
        near: what was perhaps meant, where nothing was found.
        not_compared: keys that show too little to tell whether they are meant.
        looked_through: kinds.
        not_known: what could not be looked through, and why.
    """

    found: list[Thing]
    near: list[Thing] = attrs.field(factory=list)
    not_compared: list[Thing] = attrs.field(factory=list)
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
    limit: Few = 10,
) -> Answer:
    """Who or what is this? Finds people, projects, service accounts, keys, groups, invites,
    certificates and roles by name, address, id or part; the nearest where nothing is called so.
    Example: text "ada@example.com".
    """
    say("looking for it")
    result = await client.find(text, kinds=kinds, projects=projects, everywhere=everywhere)
    others = [_FLAG.sub("everywhere: true does", each) for each in result.left_out]
    answer = Finds(
        found=[_thing(hit) for hit in result.hits[:limit]],
        near=[_thing(hit) for hit in result.near[:limit]],
        not_compared=[_thing(hit) for hit in result.not_compared[:limit]],
        looked_through=[WORDS[kind] for kind in result.kinds],
        not_known=unknown(result.not_known, result.names, result.unread, others),
    )
    notes = most(result.hits or result.near, limit, "things")
    if result.is_secret:
        notes.append("This was a key's secret: it was not sent, but whoever read it can use it.")
    return Answer(facts(answer), _told(answer, len(result.hits)), notes=notes)


def _told(answer: Finds, number: int) -> str:
    unsure = " as far as could be looked" if answer.not_known or answer.not_compared else ""
    if number:
        return f"Found{unsure}: {count(number, 'match', 'matches')}."
    if answer.near:
        near = some_of([quoted(each.name or each.email or each.id) for each in answer.near], ", ")
        return f"Nothing is called so{unsure}. Perhaps meant: {near}."
    return f"Nothing was found{unsure}."


def _thing(hit: Hit) -> Thing:
    return Thing(
        kind=hit.kind,
        id=hit.id,
        name=hit.name,
        email=hit.email,
        key=hit.redacted_value,
        project=hit.project,
        project_id=hit.project_id,
        status=hit.status,
        owner=hit.owner,
        owner_id=hit.owner_id,
        last_used=hit.last_used if isinstance(hit.last_used, str) else iso(hit.last_used),
        why=hit.why,
    )


QUESTIONS = (find,)
