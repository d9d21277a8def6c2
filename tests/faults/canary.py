"""A secret, and everywhere that it is looked for."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import pickle
import traceback
import types
from collections import deque
from collections.abc import Iterator

from aiohttp.http_parser import HttpResponseParser

from openai_admin import APIError


class Canary:
    """A key; an object, so that no local variable of a test has the text itself."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._pieces = _pieces(secret)

    def is_in(self, text: str) -> bool:
        """Whether any of it is to be seen."""
        return any(piece in text for piece in self._pieces)

    def __repr__(self) -> str:
        return "<canary>"


def _pieces(secret: str) -> list[str]:
    """What would give a secret away: any eight characters of its random part.

    Its last four are shown on purpose, to recognize it by.
    """
    random_part = secret.rpartition("-")[2]
    return [random_part[i : i + 8] for i in range(0, len(random_part) - 8, 4)]


class Records(logging.Handler):
    """Everything that any logger says, as a formatter would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.names.add(record.name)
        self.lines.append(f"{self.format(record)} {record.args!r}")


def everything_about(error: BaseException) -> str:
    """All that is to be seen of an error: text, repr, pickle, attributes, tracebacks, locals."""
    lines = []
    chain: BaseException | None = error
    while chain is not None:
        lines += [str(chain), repr(chain), repr(vars(chain)), repr(chain.args)]
        chain = chain.__cause__ or chain.__context__
    if isinstance(error, APIError):
        lines += [repr(pickle.dumps(error)), repr(vars(copy.copy(error)))]
    seen = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([*lines, *seen.format()])


_CONTAINERS = (dict, list, tuple, set, frozenset, deque)
_NOT_THE_CLIENTS = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.FrameType,
    types.CodeType,
    asyncio.BaseEventLoop,
    logging.Logger,
    # It keeps the headers of the latest answer, until the next one; nothing asks it for them.
    HttpResponseParser,
)


def reprs_below(root: object) -> Iterator[str]:
    """The reprs of all that a client holds, at whatever depth; of containers, of what is in."""
    seen, queue = {id(root)}, [root]
    while queue:
        thing = queue.pop()
        if not isinstance(thing, _CONTAINERS):
            yield repr(thing)
        for inner in gc.get_referents(thing):
            if id(inner) not in seen and not isinstance(inner, _NOT_THE_CLIENTS):
                seen.add(id(inner))
                queue.append(inner)
