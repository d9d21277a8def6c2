"""What the operator of the server gives its jobs: places for new keys, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ..._declare.arguments import one_of, shown, suggest
from ...errors import ConfigurationError, InvalidInputError, OpenAIAdminError
from ...workflows.sinks.forms import sink_of
from ...workflows.sinks.sink import check

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
NO_SINK = (
    "This server has no place for a new key: the person who runs it names one when it starts, as"
    " --sink prod=file:/srv/shop/.env#OPENAI_API_KEY (a file, command, keyring or AWS secret)."
)


@attrs.frozen(kw_only=True)
class Means:
    """What jobs may use beside the API.

    Attributes:
        sinks: the places where a new key may go, each as for ``--to``, by the names that a tool
            takes.
        journals: the folder of the jobs' journals; by default the user's.
    """

    sinks: Mapping[str, str] = attrs.field(factory=dict)
    journals: Path | None = None

    def sink(self, name: str | None) -> str | None:
        """The place that is named, or the only one; ``None`` where there is none at all.

        Raises:
            InvalidInputError: there is no such place, or there are several and none is named.
        """
        names = [*self.sinks]
        if name is None:
            if len(names) > 1:
                raise InvalidInputError(f"sink must name the place for the key: {one_of(names)}.")
            return next(iter(self.sinks.values()), None)
        if name not in self.sinks:
            known = f"; known: {one_of(names)}{suggest(name, names)}" if names else f". {NO_SINK}"
            raise InvalidInputError(f"sink: there is no place {shown(name)}{known}")
        return self.sinks[name]

    async def failing(self) -> list[str]:
        """Why places would not take a key now, a sentence each."""
        told = []
        for name, place in self.sinks.items():
            try:
                await check(sink_of(place))
            except OpenAIAdminError as error:
                told.append(f"The sink {name} would not take a key: {error}")
        return told


def read_sinks(texts: Sequence[str]) -> dict[str, str]:
    """Places by their names, of ``NAME=PLACE`` each.

    Raises:
        ConfigurationError: one is written otherwise, or a name stands for two.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, place = text.partition("=")
        if not equals or not _NAME.fullmatch(name):  # what it is instead may be a key
            raise ConfigurationError(
                "A sink must be written as NAME=PLACE, the name with at most 64 letters, digits and"
                " '_.-', as prod=file:/srv/shop/.env#OPENAI_API_KEY."
            )
        if name in found:
            raise ConfigurationError(f"Two sinks are called {name}: give each its own name.")
        try:
            sink_of(place)
        except InvalidInputError as error:
            raise ConfigurationError(f"The sink {name}: {error}") from None
        found[name] = place
    return found
