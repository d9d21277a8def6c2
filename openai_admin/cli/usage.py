"""``openai-admin usage ENDPOINT`` and ``openai-admin costs``: usage over a range of time."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from .._declare.methods import operation_of
from .._declare.operation import Operation
from .._wire.codec import plain
from ..directory.clock import clock_difference, clocks_differ
from ..errors import InvalidInputError
from ..resources.usage import Usage
from ..usage.line_items import DERIVED
from . import options
from .connect import Target, connected
from .errors import end_lacking
from .lazy import Entry, LazyGroup, group, single
from .loop import run
from .names import find_ids, note_unknown
from .output import Output, writing
from .parameters import Arguments, reworded
from .progress import Progress
from .ranking import COMPARED, OTHERS, Row
from .usage_asked import Asked
from .usage_options import SHARED
from .usage_rows import Rows

_SAID = logging.NullHandler()

# What the API's pages need; a command asks for a range and gets all of it.
_LEFT_OUT = frozenset({"start_time", "end_time", "limit", "page"})
_ALIASES = {"bucket_width": "--width", "project_ids": "--project"}
_OWN = {"whole_days=True": "--whole-days", "tz": "--tz"}


def usage_group() -> LazyGroup:
    """The group of all usage endpoints, and ``all`` of them at once."""
    entries = {
        name.replace("_", "-"): Entry(operation.summary, _loader(name))
        for name, operation in _endpoints().items()
    }
    entries["all"] = Entry("Show every endpoint's usage in one table.", _loader("all"))
    return group("Show usage and costs over a range of time.", entries)


def _loader(name: str) -> Callable[[], Any]:
    return lambda: endpoint_command(name)


def _endpoints() -> dict[str, Operation]:
    return {n: operation_of(v) for n, v in vars(Usage).items() if hasattr(v, "operation")}


def endpoint_command(name: str) -> Any:
    """The command of one endpoint, or of ``all``."""
    known = _endpoints()
    offered = [known[name]] if name != "all" else list(known.values())
    # Costs are among all endpoints.
    values = {"group_by": tuple(DERIVED)} if name in ("costs", "all") else None
    arguments = [Arguments(o, without=_LEFT_OUT, aliases=_ALIASES, values=values) for o in offered]
    own = {p.name: p for a in reversed(arguments) for p in a.signature()}

    def function(**written: Any) -> None:
        values: dict[str, Any] = {}
        for each in arguments:
            values |= each.values(written)
        try:
            _show(Asked(name, values, written))
        except InvalidInputError as exc:
            for each in arguments:
                exc = each.reworded(exc)
            raise InvalidInputError(reworded(str(exc), _OWN)) from None

    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            *own.values(),
            *options.parameters(SHARED),
        ]
    )
    every = "Show every endpoint's usage in one table."
    help = every if name == "all" else arguments[0].description()
    return single(name, function, help=f"{help}\n\nWithout a range: the last 30 days.")


def costs() -> Any:
    """The command ``costs``, which is ``usage costs`` as well."""
    return endpoint_command("costs")


def _show(asked: Asked) -> None:
    """Fetch and write."""
    written = asked.written
    target = Target.of(written)
    output = Output.of(written, days=asked.days(), projects=asked.values.get("project_ids", ()))
    names = asked.columns()
    output.check(names)
    asked.check_order(names)
    # Said below, and not a second time by Python, which prints warnings that nobody handles.
    logging.getLogger("openai_admin.usage").addHandler(_SAID)
    rows = Rows(asked, output)
    run(_write(asked, rows, names, target, output))
    for note in rows.told():
        print(note, file=sys.stderr)
    end_lacking(*rows.lacks(), allowed=written["allow_missing"])


async def _write(
    asked: Asked, rows: Rows, names: list[str], target: Target, output: Output
) -> None:
    if output.chosen() == "table":
        hidden = {"end_time", OTHERS, *([] if asked.name == "all" else ["endpoint"])}
        names = [n for n in names if n not in hidden]
    async with (
        Progress(f"Fetching {asked.name}") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        asked.values, _ = await find_ids(client, f"usage.{asked.name}", asked.values, str, progress)
        counts = {metric for endpoint in asked.endpoints() for metric in endpoint.metrics}
        counts |= {n for n in (*COMPARED, OTHERS) if n in names}
        with writing(
            output,
            names,
            _plain_row,
            zeros=False,
            counts=counts,
            foremost=asked.measure() if asked.is_total else None,
        ) as writer:
            async with aclosing(rows.pages(client)) as pages:
                async for page in pages:
                    with progress.quiet():
                        writer.page(page)
            writer.end()
        if rows.is_empty:
            await note_unknown(client, asked.values, progress)
        if clocks := clocks_differ(clock_difference(client.usage._caller)):
            print(clocks, file=sys.stderr)


def _plain_row(row: Row) -> Row:
    return {name: plain(value) for name, value in row.items()}
