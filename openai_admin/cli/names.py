"""Names on the command line where the API takes ids."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from .._declare.arguments import shown
from ..errors import InvalidInputError
from .progress import Progress
from .terminal import printable

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin
    from ..directory.find import Found


def refuse_names(arguments: Mapping[str, Any], written: Callable[[str], str]) -> None:
    """Refuse names where nothing is to be sent, and so none can be looked up.

    Raises:
        InvalidInputError: an argument does not look like the id that it should be.
    """
    from ..directory.find import to_find

    for name, kind, text in to_find(arguments):
        raise InvalidInputError(
            f"{written(name)}: {shown(text)} does not look like an id ({kind.form}), and a name"
            " cannot be looked up with --dry-run, which sends nothing."
        )


async def find_ids(
    client: AsyncOpenAIAdmin,
    operation: str,
    arguments: Mapping[str, Any],
    written: Callable[[str], str],
    progress: Progress | None = None,
) -> tuple[dict[str, Any], list[Found]]:
    """The arguments of a call with ids in place of names, and what was found.

    Raises:
        InvalidInputError: nothing has a name, or several things have.
        APIError: a listing could not be read.
    """
    from ..directory.find import to_find, with_ids

    if next(to_find(arguments), None) is None:
        return dict(arguments), []
    known, found, notes = await with_ids(client, operation, arguments, written)
    with progress.quiet() if progress is not None else nullcontext():
        for note in notes:
            print(printable(note), file=sys.stderr)
    return known, found


def say_found(found: Sequence[Found]) -> None:
    """Say what a change that is not asked about is made to."""
    for each in found:
        print(printable(str(each)), file=sys.stderr)


async def note_unknown(
    client: AsyncOpenAIAdmin, arguments: Mapping[str, Any], progress: Progress
) -> None:
    """Note the ids in the filters of a query without a result that nothing has."""
    from ..directory.find import unknown_ids

    for note in await unknown_ids(client, arguments):
        with progress.quiet():
            print(printable(note), file=sys.stderr)
