"""Plans that were shown, kept until somebody says that they are to be carried out.

The id of a plan cannot be guessed, and stands only in the answer that shows the plan: so a call
that carries it comes after the plan was shown. It is good for ten minutes, once, and only for who
made the plan: with the same organization, key and session.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import attrs

from ..._declare.arguments import shown
from ...client import AsyncOpenAIAdmin
from ...errors import InvalidInputError
from ..consent import calling, key_of
from ..tool import Asking, Danger

MINUTES = 10
"""For how long a plan can be carried out."""

_BEGUN = "was begun already: plan again, without do, to see what is left."
_CHANGED = "was not carried out, as things had changed since it was made: plan again, without do."

_MOST = 1000  # that are kept at the same time; the oldest are forgotten


@attrs.frozen(kw_only=True)
class Shown:
    """A plan that was shown.

    Attributes:
        arguments: what it was made with.
        facts: what must be the same when it is carried out.
        text: the plan, as the person is asked about it.
        dangers: why they are asked.
    """

    arguments: Mapping[str, Any]
    facts: Hashable
    text: str
    dangers: frozenset[Danger]

    @property
    def asking(self) -> Asking:
        """What the person is asked."""
        return Asking(self.text, self.dangers)


@attrs.define
class _Kept:
    plan: Shown
    owner: Hashable
    at: float
    ended: str | None = None  # why it cannot be carried out any more


class Plans:
    """The plans of one kind of job that were shown.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}  # the latest last

    async def keep(self, client: AsyncOpenAIAdmin, plan: Shown) -> str:
        """Keep a plan that is about to be shown; returns its id."""
        id = f"plan-{secrets.token_hex(6)}"
        self._kept[id] = _Kept(plan, await _owner(client), self._clock())
        while len(self._kept) > _MOST:
            del self._kept[next(iter(self._kept))]
        return id

    async def get(self, client: AsyncOpenAIAdmin, id: str, given: Mapping[str, Any]) -> Shown:
        """The plan with an id.

        Args:
            client: the client of the call.
            id: the id.
            given: what else the call passes, which is as the plan was made, if it is anything.

        Raises:
            InvalidInputError: there is none, or it was made with something else.
        """
        return (await self._find(client, id, given)).plan

    async def take(
        self, client: AsyncOpenAIAdmin, id: str, given: Mapping[str, Any], facts: Hashable
    ) -> bool:
        """Use a plan up, which is about to be carried out: it is not good for another time.

        Args:
            client: the client of the call.
            id: the id.
            given: as of `get`.
            facts: those of now.

        Returns:
            whether they are those that were shown; else the plan is not carried out.

        Raises:
            InvalidInputError: as of `get`.
        """
        kept = await self._find(client, id, given)
        is_as_shown = kept.plan.facts == facts
        kept.ended = _BEGUN if is_as_shown else _CHANGED
        return is_as_shown

    async def _find(self, client: AsyncOpenAIAdmin, id: str, given: Mapping[str, Any]) -> _Kept:
        owner = await _owner(client)
        kept = self._kept.get(id)
        is_good = kept is not None and self._clock() - kept.at <= 60 * MINUTES
        if kept is None or not is_good or kept.owner != owner:
            raise InvalidInputError(
                f"do: there is no plan {shown(id)} of yours. A plan is good for {MINUTES} minutes,"
                " once, with the connection and in the session that made it: plan again, without"
                " do."
            )
        if kept.ended is not None:
            raise InvalidInputError(f"do: the plan {shown(id)} {kept.ended}")
        for name, value in given.items():
            made_with = kept.plan.arguments.get(name)
            if made_with != value:
                raise InvalidInputError(
                    f"{name}: the plan {shown(id)} was made with {shown(made_with)}, not"
                    f" {shown(value)}: pass do alone, or plan again without it."
                )
        return kept


async def _owner(client: AsyncOpenAIAdmin) -> Hashable:
    """Who makes the current call, of which organization, with which key."""
    return calling.get(), client.base_url, await key_of(client), client._caller.options.headers
