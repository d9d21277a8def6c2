"""The question of which organization this is, what the key may read, and what the server allows."""

from __future__ import annotations

import attrs

from ...client import AsyncOpenAIAdmin
from ...directory.not_known import sentence
from ...insights.text import count
from .. import about as of_server
from ..about import About
from ..progress import say
from ..texts import quoted
from ..tool import Answer
from .question import question
from .rows import facts

_ALIKE = 2  # seconds that two clocks may differ, since a server tells its time in whole ones


@attrs.frozen(kw_only=True)
class Refused:
    """A part of the API that the key may not read, or that is switched off.

    Attributes:
        part: the part.
        scope: the scope it takes.
        reason: the API's words.
    """

    part: str
    scope: str
    reason: str | None = None


@attrs.frozen(kw_only=True)
class Server:
    """What this server was started with.

    Attributes:
        read_only: nothing can be changed.
        done_without_asking: dangers that nobody is asked about.
        sinks: names of places for new keys.
    """

    read_only: bool
    done_without_asking: list[str]
    sinks: list[str]


@attrs.frozen(kw_only=True)
class WhoAmI:
    """Whose organization this is, and what can be done.

    Attributes:
        organization: its id; null where not told.
        organization_name: its name.
        connection: the profile in use, as PCID.
        other_connections: the others.
        may_read: parts that answered.
        may_not_read: parts that were refused.
        not_known: parts of which that is not known, and why.
        clock_difference_seconds: how far the API's clock is ahead.
        server: how it was started.
    """

    organization: str | None
    organization_name: str | None = None
    connection: str | None
    other_connections: list[str] = attrs.field(factory=list)
    may_read: list[str]
    may_not_read: list[Refused]
    not_known: list[str]
    clock_difference_seconds: int | None = None
    server: Server


@question(WhoAmI, toolsets=("assistant",))
async def whoami(client: AsyncOpenAIAdmin) -> Answer:
    """Which organization is this, what may the key read and what not, and what does this server
    allow? Call it first where something is refused, or several organizations are connected.
    """
    say("asking each part of the API")
    found = await client.check()
    about = of_server.about()
    clock = found.clock_difference
    answer = WhoAmI(
        organization=found.organization,
        organization_name=found.organization_name,
        connection=about.connection,
        other_connections=[name for name in about.connections if name != about.connection],
        may_read=[part.name for part in found.of("known")],
        may_not_read=[
            Refused(part=part.name, scope=part.scope, reason=part.reason)
            for part in found.of("refused")
        ],
        not_known=[sentence(f"{part.name}: {part.reason}") for part in found.of("not known")],
        clock_difference_seconds=None if clock is None or abs(clock) <= _ALIKE else clock,
        server=Server(
            read_only=about.read_only,
            done_without_asking=list(about.allowed),
            sinks=list(about.sinks),
        ),
    )
    notes = ["What the key may change is not asked: that would change something."]
    if not found.is_accepted:
        notes.append("Nothing answered, so whether the key is valid is not known.")
    return Answer(facts(answer), _told(answer, about), notes=notes)


def _told(answer: WhoAmI, about: About) -> str:
    names = [name for name in (answer.organization_name, answer.organization) if name]
    whose = " ".join(map(quoted, names)) or "not known"
    told = f"Organization: {whose}. The key reads {count(len(answer.may_read), 'part')} of the API"
    if answer.may_not_read:
        told += f", and is refused {', '.join(each.part for each in answer.may_not_read)}"
    if answer.not_known:
        told += f"; of {count(len(answer.not_known), 'part')} that is not known"
    return f"{told}. {'Nothing can be changed here.' if about.read_only else ''}".rstrip()


QUESTIONS = (whoami,)
