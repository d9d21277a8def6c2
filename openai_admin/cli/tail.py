"""``openai-admin audit-logs tail``: new events of the audit log, as they come."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from contextlib import aclosing, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from .._declare.dates import TIME_HELP, period
from .._declare.methods import operation_of
from .._wire.models import Unreadable
from ..errors import InvalidInputError
from ..events import Event, Interrupted, Resumed
from ..resources.audit_logs import AuditLogPosition, AuditLogs
from . import options
from .alone import alone
from .connect import Target, connected
from .dates import BACK_HELP
from .delivering import Asked, pipe_noticed
from .delivery_options import DELIVERY, FeedFormat
from .errors import CommandError
from .lazy import single
from .loop import run
from .names import find_ids
from .output import Output, writing
from .output_file import reported
from .parameters import Arguments, flag, result_fields, reworded
from .position_file import check_position, position_of, save_position, tell_outage
from .terminal import printable
from .unread import told_elsewhere

_FILTERS = Arguments(
    operation_of(AuditLogs.list),
    without=frozenset({"limit", "after", "before", "order", "effective_at"}),
)
_OPTIONS: options.Shared = {
    "since": (
        Annotated[
            str | None,
            typer.Option(
                "--since",
                metavar="TIME",
                help=(
                    f"Begin there instead of now: {TIME_HELP}. {BACK_HELP}"
                    " With --position, only while the file does not exist yet."
                ),
            ),
        ],
        None,
    ),
    "poll": (
        Annotated[float, typer.Option("--poll", metavar="SECONDS", help="How often to poll.")],
        30.0,
    ),
    "position": (
        Annotated[
            Path | None,
            typer.Option(
                "--position",
                metavar="FILE",
                help="Save the position in this file, and go on from there after a restart.",
            ),
        ],
        None,
    ),
    "late": (
        Annotated[
            int,
            typer.Option(
                "--late",
                metavar="SECONDS",
                min=0,
                help="How late an event may appear in the log and still be found.",
            ),
        ],
        120,
    ),
    "format": (
        Annotated[
            FeedFormat | None,
            typer.Option(
                "--format",
                "-f",
                metavar="FORMAT",
                help="table, json, ndjson, csv, raw for the API's own JSON, ocsf or ecs for a SIEM;"
                " by default a table on a terminal and raw in a pipe. With --to, ndjson (the API's"
                " own JSON), ocsf or ecs.",
                rich_help_panel="Output",
            ),
        ],
        None,
    ),
    "columns": (options.Columns, None),
    **DELIVERY,
    **options.TARGET,
}
_HELP = """Follow the audit log: write new events as they come, each once, until Ctrl-C.

With --position, each comes at least once, however this ends: after SIGKILL the last one may come
again, after a loss of power those of the last second. What happened meanwhile is written as it is
read, the oldest first, however much it is.

On a terminal they come as a table, in a pipe as one line of JSON each, as the API sent it: pass
--format ndjson for times in ISO 8601, and null where a field could not be read. An event that
cannot be read is a line {"object": "unreadable", "id": …, "reason": …, "raw": …} among them; where
the format is not JSON, it goes to standard error. While the API cannot be reached, this waits, and
says so there.

With --to, or --format ocsf or ecs, events are delivered in batches, and the position is saved once
the receiver has confirmed them; while it is down, this waits, and reads the log no further. What a
receiver refuses of a batch goes to the file of dead letters, and the rest goes on. SIGTERM and
Ctrl-C deliver what was read, for ten seconds at most.
"""


def tail() -> Any:
    """The command."""

    def function(**written: Any) -> None:
        try:
            is_delivered = written["to"] is not None or written["format"] in ("ocsf", "ecs")
            run(_deliver(written) if is_delivered else _follow(written))
        except InvalidInputError as exc:
            names = _FILTERS.names() | {"poll": "--poll", "overlap": "--late"}
            raise InvalidInputError(reworded(str(exc), names)) from None

    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*_FILTERS.signature(), *options.parameters(_OPTIONS)]
    )
    return single("tail", function, help=_HELP)


async def _deliver(written: Mapping[str, Any]) -> None:
    if written["columns"]:
        raise CommandError("--columns is not for events that are delivered: they are whole.")
    asked = Asked.of(written)
    file: Path | None = written["position"]
    check_position(file)
    delivery = asked.delivery(position=file)
    start = _start(written["since"])

    def listen(event: Event) -> None:
        tell_outage(event)
        if isinstance(event, Interrupted | Resumed):
            delivery.status.log = "down" if isinstance(event, Interrupted) else "up"

    taken = f"Another process writes to {asked.file}: end that one, or name another file."
    with alone(asked.file, taken), alone(file, _taken(file)), told_elsewhere(), pipe_noticed():
        position = position_of(file, start)
        if file is None and start is not None:
            position.floor = int(start.timestamp())
        async with connected(Target.of(written), on_event=listen) as client:
            filters, _ = await find_ids(client, "audit_logs.list", _FILTERS.values(written), str)
            with reported(str(file)) if file is not None else nullcontext():
                await delivery.follow(
                    client.audit_logs,
                    position,
                    poll=written["poll"],
                    overlap=written["late"],
                    **filters,
                )


async def _follow(written: Mapping[str, Any]) -> None:
    for name in DELIVERY:
        if written[name] is not None and written[name] is not False:  # 0 was typed
            raise CommandError(f"{flag(name)} needs --to.")
    output = Output(written["format"], written["columns"] or ())
    if output.chosen() == "json" and output.format is None and not output.named():
        output = output._replace(format="raw")  # of a feed nothing may be lost
    names = result_fields(operation_of(AuditLogs.list))
    output.check(names, raw=True)
    file: Path | None = written["position"]
    check_position(file)
    start = _start(written["since"])
    # Each look finds what cannot be read again, and the feed has it once.
    with alone(file, _taken(file)), told_elsewhere():
        position = position_of(file, start)
        async with connected(Target.of(written), on_event=tell_outage) as client:
            filters, _ = await find_ids(client, "audit_logs.list", _FILTERS.values(written), str)
            events = client.audit_logs.tail(
                since=start if file is None else position,
                poll=written["poll"],
                overlap=written["late"],
                unreadable=partial(_write_unreadable, output, position),
                **filters,
            )
            save_position(position)  # so that it shows now if it cannot be
            # The array of an endless list would never close.
            with writing(output, names, output.wire(), lines=True) as writer:
                async with aclosing(events):
                    async for event in events:
                        writer.page([event])
                        save_position(position)


def _start(since: str | None) -> datetime | None:
    if since is None:
        return None
    return period(since, "--since", now=datetime.now(UTC), whole_days=False).start


def _taken(file: Path | None) -> str:
    return f"Another tail saves its position in {file}: end that one, or name another file."


def _write_unreadable(output: Output, position: AuditLogPosition, odd: Unreadable) -> None:
    """Write what came in place of an event: into the feed, if that is JSON."""
    marked = {"object": "unreadable", "id": odd.id, "reason": odd.reason, "raw": odd.raw}
    line = json.dumps(marked, ensure_ascii=False)
    if output.chosen() in ("json", "ndjson", "raw"):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    else:
        print(printable(line), file=sys.stderr)
    save_position(position)
