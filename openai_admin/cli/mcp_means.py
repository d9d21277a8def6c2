"""What ``openai-admin mcp`` gives the jobs of its tools: places for new keys, and journals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import attrs
import typer

from ..errors import ConfigurationError
from .errors import CommandError
from .rotate_demo import check_demo
from .terminal import printable

if TYPE_CHECKING:
    from ..mcp import Means, Settings


def means_of(sinks: Sequence[str], *, demo: bool) -> Means:
    """The places that were named, each as ``NAME=PLACE``.

    Raises:
        CommandError: one is written otherwise, or may hold a key that works, for the demo's.
    """
    from ..mcp import Means, read_sinks

    try:
        means = Means(sinks=read_sinks(sinks))
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
    if demo:
        for place in means.sinks.values():
            check_demo(place, option="--sink")
    return means


@contextmanager
def equipped(settings: Settings, *, demo: bool) -> Iterator[Settings]:
    """Settings whose jobs keep their journals where they belong: the demo's end with it."""
    if not demo:
        yield settings
        return
    with TemporaryDirectory() as folder:
        means = attrs.evolve(settings.choice.means, journals=Path(folder))
        yield attrs.evolve(settings, choice=attrs.evolve(settings.choice, means=means))


async def tell_failing(means: Means) -> None:
    """Say on standard error which places would not take a key now; the server works without."""
    for sentence in await means.failing():
        typer.echo(printable(sentence), err=True)
