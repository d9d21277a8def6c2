"""``openai-admin audit-logs export``: a stretch of the audit log, for a SIEM."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from .._declare.methods import operation_of
from ..errors import InvalidInputError
from ..resources.audit_logs import AuditLogs
from . import options
from .alone import alone
from .connect import Target, connected
from .dates import DEFAULT_RANGE, MONTH_HELP, SINCE_HELP, UNTIL_HELP, time_range
from .delivering import Asked, pipe_noticed
from .delivery_options import DELIVERY, EvidenceFormat
from .errors import CommandError
from .lazy import single
from .loop import run
from .names import find_ids
from .parameters import Arguments, reworded
from .unread import told_elsewhere

_FILTERS = Arguments(
    operation_of(AuditLogs.list),
    without=frozenset({"limit", "after", "before", "order", "effective_at"}),
)
_OPTIONS: options.Shared = {
    "since": (
        Annotated[
            str | None,
            typer.Option("--since", metavar="TIME", show_default=DEFAULT_RANGE, help=SINCE_HELP),
        ],
        None,
    ),
    "until": (
        Annotated[str | None, typer.Option("--until", metavar="TIME", help=UNTIL_HELP)],
        None,
    ),
    "month": (
        Annotated[str | None, typer.Option("--month", metavar="PERIOD", help=MONTH_HELP)],
        None,
    ),
    "format": (
        Annotated[
            EvidenceFormat | None,
            typer.Option(
                "--format",
                "-f",
                metavar="ndjson|ocsf|ecs",
                help="The API's own JSON, OCSF 1.8, or the Elastic Common Schema; ndjson by"
                " default.",
            ),
        ],
        None,
    ),
    **DELIVERY,
    "patience": (
        Annotated[
            float,
            typer.Option(
                "--patience",
                metavar="SECONDS",
                min=0,
                help="How long the receiver may be down before this ends with an error.",
                rich_help_panel="Delivery",
            ),
        ],
        300.0,
    ),
    **options.TARGET,
}
_HELP = """Deliver a stretch of the audit log, the oldest event first, and end.

Each event is a line of JSON, also one that cannot be read as an event. They go to standard output,
into a file, or to a SIEM: pass --to. To deliver what comes from now on, see 'openai-admin
audit-logs tail'. However long the stretch is, memory holds little of it. What is delivered again,
as after an error, has the same ids.
"""


def export() -> Any:
    """The command."""

    def function(**written: Any) -> None:
        try:
            run(_export(written))
        except InvalidInputError as exc:
            raise InvalidInputError(reworded(str(exc), _FILTERS.names())) from None

    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*_FILTERS.signature(), *options.parameters(_OPTIONS)]
    )
    return single("export", function, help=_HELP)


async def _export(written: Mapping[str, Any]) -> None:
    asked = Asked.of(written)
    now = datetime.now(UTC)
    since, until = time_range(written["since"], written["until"], month=written["month"], now=now)
    delivery = asked.delivery(patience=written["patience"])
    taken = f"Another process writes to {asked.file}: end that one, or name another file."
    with alone(asked.file, taken), told_elsewhere():
        async with connected(Target.of(written)) as client:
            filters, _ = await find_ids(client, "audit_logs.list", _FILTERS.values(written), str)
            with pipe_noticed():
                await delivery.export(client.audit_logs, since, until or now, **filters)
    status = delivery.status
    told = _count(status.delivered)
    if status.dead_letters:
        dead_letters = asked.dead_letters(None)
        raise CommandError(
            f"{told} delivered to {delivery.receiver.name}; {_count(status.dead_letters)} refused,"
            f" with the reason in {dead_letters}.",
            code=1,
        )
    print(f"{told} delivered to {delivery.receiver.name}.", file=sys.stderr)


def _count(events: int) -> str:
    return "1 event was" if events == 1 else f"{events:,} events were"
