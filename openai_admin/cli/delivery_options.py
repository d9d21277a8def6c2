"""The options of commands that deliver the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from .options import FormatName, Shared, size_option

_PANEL = "Delivery"

EvidenceFormat = Literal["ndjson", "raw", "ocsf", "ecs"]
FeedFormat = Literal[FormatName, "ocsf", "ecs"]


def _option(*names: str, metavar: str | None, help: str, **more: Any) -> Any:
    return typer.Option(*names, metavar=metavar, help=help, rich_help_panel=_PANEL, **more)


DELIVERY: Shared = {
    "to": (
        Annotated[
            str | None,
            _option(
                "--to",
                metavar="stdout|file:PATH|URL",
                help="Where events go: standard output, a file that lines are appended to, or an"
                " address that they are posted to; its token is read from"
                " OPENAI_ADMIN_RECEIVER_TOKEN.",
            ),
        ],
        None,
    ),
    "rotate": (
        Annotated[
            str | None,
            _option(
                "--rotate",
                metavar="size:100MB|daily|hourly",
                help="When the file gives way to a new one; it is then named after that moment,"
                " as audit-20261127T173000Z-0000.ndjson.",
            ),
        ],
        None,
    ),
    "keep": (
        Annotated[
            int | None,
            _option(
                "--keep",
                metavar="N",
                min=1,
                help="Keep so many earlier files, and remove the oldest; by default all stay.",
            ),
        ],
        None,
    ),
    "gzip": (
        Annotated[
            bool | None,
            _option(
                "--gzip/--no-gzip",
                metavar=None,
                help="Compress what is posted, as is done by default, or earlier files, which is"
                " not.",
            ),
        ],
        None,
    ),
    "hec": (
        Annotated[bool, _option("--hec", metavar=None, help="Post to Splunk's HEC.")],
        False,
    ),
    "hec_ack": (
        Annotated[
            bool,
            _option(
                "--hec-ack",
                metavar=None,
                help="Wait until Splunk has indexed a batch (indexer acknowledgement).",
            ),
        ],
        False,
    ),
    "index": (
        Annotated[
            str | None,
            _option("--index", metavar="NAME", help="With --hec, the index; else the token's."),
        ],
        None,
    ),
    "source": (
        Annotated[
            str | None,
            _option("--source", metavar="NAME", help="With --hec, the source; else openai."),
        ],
        None,
    ),
    "sourcetype": (
        Annotated[
            str | None,
            _option(
                "--sourcetype",
                metavar="NAME",
                help="With --hec, the source type; else openai:audit, or as openai:audit:ocsf.",
            ),
        ],
        None,
    ),
    "bulk": (
        Annotated[
            str | None,
            _option(
                "--bulk",
                metavar="INDEX",
                help="Post to Elasticsearch or OpenSearch, into this index or data stream; an"
                " event's id is the document's.",
            ),
        ],
        None,
    ),
    "token_header": (
        Annotated[
            str | None,
            _option(
                "--token-header",
                metavar="NAME[: PREFIX]",
                help="The header that has the token; else 'Authorization: Bearer', or as --hec and"
                " --bulk want it.",
            ),
        ],
        None,
    ),
    "receiver_timeout": (
        Annotated[
            float | None,
            _option(
                "--receiver-timeout",
                metavar="SECONDS",
                min=1,
                help="How long the receiver may take for an answer; 60 by default.",
            ),
        ],
        None,
    ),
    "batch_events": (
        Annotated[
            int | None,
            _option(
                "--batch-events",
                metavar="N",
                min=1,
                help="At most so many events at once; 500 by default.",
            ),
        ],
        None,
    ),
    "batch_bytes": (
        Annotated[
            int | None,
            size_option(
                "--batch-bytes",
                help="At most so many bytes at once, before compression; 1MB by default.",
                panel=_PANEL,
            ),
        ],
        None,
    ),
    "batch_seconds": (
        Annotated[
            float | None,
            _option(
                "--batch-seconds",
                metavar="SECONDS",
                min=0,
                help="How long an event waits for others that go with it; 2 by default.",
            ),
        ],
        None,
    ),
    "dead_letters": (
        Annotated[
            Path | None,
            _option(
                "--dead-letters",
                metavar="FILE",
                help="Where events go that the receiver refuses, each with the reason; beside the"
                " file of --position by default. Without such a file, the first one ends this.",
            ),
        ],
        None,
    ),
    "heartbeat": (
        Annotated[
            float | None,
            _option(
                "--heartbeat",
                metavar="SECONDS",
                min=1,
                help="Say so often how it is going, as JSON on standard error: what was delivered,"
                " how far behind it is, what waits.",
            ),
        ],
        None,
    ),
    "heartbeat_file": (
        Annotated[
            Path | None,
            _option(
                "--heartbeat-file",
                metavar="FILE",
                help="Write that into this file instead, for a probe; every 10 seconds unless told"
                " otherwise.",
            ),
        ],
        None,
    ),
}
"""Where events go, and how: `delivering.Asked`."""
