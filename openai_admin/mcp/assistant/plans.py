"""Plans that were shown, kept until somebody says that they are to be carried out.

The id of a plan cannot be guessed, and stands only in the answer that shows the plan: so a call
that carries it comes after the plan was shown. It is good for ten minutes, once, and only for who
made the plan: with the same connection, key and session.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import attrs

from ..._declare.arguments import shown
from ...client import AsyncOpenAIAdmin
from ...errors import InvalidInputError
from ..consent.parties import calling
from ..tool import Asking, Danger

MINUTES = 10
"""For how long a plan can be carried out."""

_MOST = 50  # that are kept for one client at the same time


@attrs.frozen(kw_only=True)
class Shown:
    """A plan that was shown.

    Attributes:
        arguments: what it was made with.
        facts: what must be the same when it is carried out.
        text: the plan, as the person is asked about it.
        dangers: why they are asked.
        party: who made it.
    """

    arguments: Mapping[str, Any]
    facts: Hashable
    text: str
    dangers: frozenset[Danger]
    party: str = attrs.field(init=False, factory=calling.get)

    @property
    def asking(self) -> Asking:
        """What the person is asked."""
        return Asking(self.text, self.dangers)


class Plans:
    """The plans of one kind of job that were shown.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: WeakKeyDictionary[AsyncOpenAIAdmin, dict[str, tuple[float, Shown | None]]] = (
            WeakKeyDictionary()
        )

    def keep(self, client: AsyncOpenAIAdmin, plan: Shown) -> str:
        """Keep a plan that is about to be shown; returns its id."""
        id = f"plan-{secrets.token_hex(6)}"
        kept = self._of.setdefault(client, {})
        kept[id] = (self._clock(), plan)
        while len(kept) > _MOST:
            del kept[next(iter(kept))]
        return id

    def get(self, client: AsyncOpenAIAdmin, id: str, given: Mapping[str, Any]) -> Shown:
        """The plan with an id.

        Args:
            client: the client of the call.
            id: the id.
            given: what else the call passes, which is as the plan was made, if it is anything.

        Raises:
            InvalidInputError: there is none, or it was made with something else.
        """
        at, plan = self._of.get(client, {}).get(id, (None, None))
        if at is not None and plan is None:
            raise InvalidInputError(
                f"do: the plan {shown(id)} was begun already: plan again, without do, to see what"
                " is left."
            )
        is_old = at is None or self._clock() - at > 60 * MINUTES
        if plan is None or is_old or plan.party != calling.get():
            raise InvalidInputError(
                f"do: there is no plan {shown(id)} of yours. A plan is good for {MINUTES} minutes,"
                " once, with the connection and in the session that made it: plan again, without"
                " do."
            )
        for name, value in given.items():
            if plan.arguments.get(name) != value:
                raise InvalidInputError(
                    f"{name}: the plan {shown(id)} was made with"
                    f" {shown(plan.arguments.get(name))}, not {shown(value)}: pass do alone, or"
                    " plan again without it."
                )
        return plan

    def take(self, client: AsyncOpenAIAdmin, id: str, given: Mapping[str, Any]) -> Shown:
        """The same, which is about to be carried out: it is not good for another time.

        Raises:
            InvalidInputError: as of `get`.
        """
        plan = self.get(client, id, given)
        self._of[client][id] = (self._clock(), None)
        return plan
