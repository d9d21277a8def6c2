"""``openai-admin audit-logs tail``: new events of the audit log, as they come."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from .._declare.methods import operation_of
from .._wire.codec import to_dict
from ..errors import InvalidInputError
from ..resources.audit_logs import AuditLogs
from ..resources.audit_logs.tail import AuditLogPosition
from . import options
from .connect import Target, connected
from .dates import TIME_HELP, period
from .errors import CommandError
from .lazy import single
from .loop import run
from .output import Output, writing
from .output_file import replaced, reported
from .parameters import Arguments, result_fields, reworded

_FILTERS = Arguments(
    operation_of(AuditLogs.list),
    without=frozenset({"limit", "after", "before", "order", "effective_at"}),
)
_OPTIONS: options.Shared = {
    "since": (
        Annotated[
            str | None,
            typer.Option(
                "--since", metavar="TIME", help=f"Begin there instead of now: {TIME_HELP}."
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
    "format": (options.Format, None),
    "columns": (options.Columns, None),
    **options.TARGET,
}
_HELP = """Follow the audit log: write new events as they come, each once, until Ctrl-C.

On a terminal they come as a table, in a pipe as one line of JSON each.
"""


def tail() -> Any:
    """The command."""

    def function(**written: Any) -> None:
        try:
            run(_follow(written))
        except InvalidInputError as exc:
            names = _FILTERS.names() | {"poll": "--poll"}
            raise InvalidInputError(reworded(str(exc), names)) from None

    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*_FILTERS.signature(), *options.parameters(_OPTIONS)]
    )
    return single("tail", function, help=_HELP)


async def _follow(written: Mapping[str, Any]) -> None:
    output = Output(written["format"], written["columns"] or ())
    if output.chosen() == "json":
        output = output._replace(format="ndjson")  # the array of an endless list would never close
    names = result_fields(operation_of(AuditLogs.list))
    output.check(names)
    file = written["position"]
    position = _position(file)
    since: AuditLogPosition | datetime = position
    if written["since"] is not None:
        if file is not None:
            raise CommandError(
                "Pass --since or --position, not both: a position says where to begin."
            )
        since = period(written["since"], "--since", now=datetime.now(UTC)).start
    async with connected(Target.of(written)) as client:
        events = client.audit_logs.tail(
            since=since, poll=written["poll"], **_FILTERS.values(written)
        )
        with writing(output, names, to_dict) as writer:
            async with aclosing(events):
                async for event in events:
                    writer.page([event])
                    if file is not None:
                        _save(file, position)


def _position(file: Path | None) -> AuditLogPosition:
    if file is None:
        return AuditLogPosition()
    if file.exists() and not file.is_file():
        raise CommandError(f"--position must name a file, not a folder or a device: {file}.")
    try:
        return AuditLogPosition.load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return AuditLogPosition()
    except OSError as exc:
        raise CommandError(f"{file} cannot be read: {exc.strerror or exc}.", code=1) from None
    except (InvalidInputError, UnicodeDecodeError):
        raise CommandError(f"{file} is not a saved position in the audit log.") from None


def _save(file: Path, position: AuditLogPosition) -> None:
    with reported(str(file)), replaced(file) as temporary:
        temporary.write_text(position.dump(), encoding="utf-8")
