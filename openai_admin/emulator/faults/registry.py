"""The faults in force, and which of them a request meets."""

from __future__ import annotations

import difflib
import random
from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import attrs
from aiohttp import web

from ...errors import InvalidInputError
from .fault import Environment, Exchange, Fault, Run

FaultT = TypeVar("FaultT", bound=Fault)


@attrs.define
class _Armed:
    fault: Fault
    number: int
    seen: int = 0
    hits: int = 0
    memory: dict[str, Any] = attrs.field(factory=dict)

    @property
    def spent(self) -> bool:
        return self.fault.times is not None and self.hits >= self.fault.times


class Faults:
    """The faults in force; the first one added is the outermost.

    `operations` are the names that a fault's glob can match.
    """

    def __init__(self, environment: Environment, operations: Collection[str]) -> None:
        self._environment = environment
        self._operations = operations
        self._armed: list[_Armed] = []
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._armed)

    def add(self, fault: FaultT) -> FaultT:
        """Put a fault in force until it is spent or removed.

        Raises:
            InvalidInputError: its glob matches no operation that can have it.
        """
        if fault.match != "*" and not any(map(fault.can_hit, self._operations)):
            raise InvalidInputError(_no_such_operation(fault.match, self._operations))
        self._armed.append(_Armed(fault, self._added))
        self._added += 1
        return fault

    def remove(self, fault: Fault) -> None:
        """Take this fault out of force; one that is already spent is not an error."""
        self._armed = [armed for armed in self._armed if armed.fault is not fault]

    def clear(self) -> None:
        """Take all faults out of force; those added after are as random as those before."""
        self._armed.clear()
        self._added = 0

    async def apply(self, request: web.BaseRequest, operation: str, run: Run) -> web.Response:
        """Carry a request out under the faults that hit it."""
        _, _, query = request.raw_path.partition("?")
        for armed, rng in reversed(self._hitting(request, operation)):
            exchange = Exchange(
                request=request,
                operation=operation,
                query=query,
                within=run,
                random=rng,
                memory=armed.memory,
                environment=self._environment,
            )
            run = _under(armed.fault, exchange)
        return await run(query)

    def _hitting(
        self, request: web.BaseRequest, operation: str
    ) -> list[tuple[_Armed, random.Random]]:
        # Decided before anything is awaited, so that it depends on the order of arrival alone.
        hitting = []
        for armed in self._armed:
            fault = armed.fault
            if not fault.can_hit(operation) or not fault.concerns(request):
                continue
            armed.seen += 1
            rng = random.Random(f"{self._environment.seed}/{armed.number}/{armed.seen}")
            if fault.due(armed.seen) and rng.random() < fault.rate:
                armed.hits += 1
                hitting.append((armed, rng))
        self._armed = [armed for armed in self._armed if not armed.spent]
        return hitting


def _under(fault: Fault, exchange: Exchange) -> Run:
    return lambda query: fault.apply(attrs.evolve(exchange, query=query))


def _no_such_operation(glob: str, operations: Collection[str]) -> str:
    if any(fnmatchcase(name, glob) for name in operations):
        return f"No operation that {glob!r} matches can have this fault."
    near = difflib.get_close_matches(glob, operations, 1, 0.5)
    hint = f"; {near[0]} is the nearest" if near else ", such as 'projects.*'"
    return f"No operation matches {glob!r}: give a glob over operation names{hint}."
