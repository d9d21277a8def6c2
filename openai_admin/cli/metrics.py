"""``openai-admin metrics``: spend, use of limits and findings as metrics for Prometheus."""

from __future__ import annotations

import errno
import gc
import ipaddress
import logging
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._extras import install, missing
from .._files import replaced
from ..errors import ConfigurationError
from .connect import Target, connected
from .ending import TerminatedError
from .errors import CommandError, end_lacking
from .lazy import Command
from .loop import run
from .metrics_files import write_rules
from .options import (
    AllowMissing,
    BaseURL,
    Demo,
    ExpectOrganization,
    MaxResponseBytes,
    Profile,
    Strict,
    Verbose,
)
from .output_file import opened, reported
from .terminal import printable
from .unread import told_elsewhere

if TYPE_CHECKING:
    from ..allocation import Allocation
    from ..insights.budgets import Budget
    from ..integrations.prometheus import Exporter
    from ..integrations.prometheus.web_config import WebConfig

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_NEEDS = ("prometheus_client", "bcrypt", "yaml")


@app.command(cls=Command)
def metrics(
    port: Annotated[
        int,
        typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 takes a free one."),
    ] = 9464,
    address: Annotated[
        str, typer.Option("--address", metavar="HOST", help="The address to bind to.")
    ] = "127.0.0.1",
    web_config: Annotated[
        Path | None,
        typer.Option(
            "--web-config",
            metavar="FILE",
            help="TLS and users, as Prometheus' exporters have them: tls_server_config and"
            " basic_auth_users.",
        ),
    ] = None,
    allocation: Annotated[
        Path | None,
        typer.Option(
            "--allocation",
            metavar="FILE",
            help="The rules that say whose spend it is: it has the label team then; by default what"
            " OPENAI_ADMIN_ALLOCATION names, else allocation.toml beside the configuration file.",
        ),
    ] = None,
    budgets: Annotated[
        Path | None,
        typer.Option("--budgets", metavar="FILE", help="Budgets to judge, as 'budget' has them."),
    ] = None,
    guard: Annotated[
        bool,
        typer.Option(
            "--guard",
            help="Watch for keys that are used far more than usual too, as 'guard' does.",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="A,B,…",
            help="Only these refreshes: usage, guard, spend, forecast, budgets, names,"
            " certificates, limits, access; names are fetched with what has projects.",
        ),
    ] = None,
    max_series: Annotated[
        int,
        typer.Option(
            "--max-series",
            metavar="N",
            help="The most series there may be; the largest are kept, the rest is 'other'.",
        ),
    ] = 2000,
    once: Annotated[
        bool,
        typer.Option("--once", help="Refresh everything once, write the metrics, and end."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="With --once: replace a file, whole or not at all, as a textfile collector reads"
            " it; where nothing is known, it stays.",
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            "--write-rules",
            metavar="FOLDER",
            help="Write the alert rules and the Grafana dashboard into a folder, and end.",
        ),
    ] = None,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    max_response_bytes: MaxResponseBytes = None,
    verbose: Verbose = 0,
) -> None:
    """Serve spend, budgets, use of limits and findings

    A scrape asks the API nothing: figures are refreshed on a schedule, within the API's pace, and
    each says how old it is. What is not known has no series, and openai_admin_figure_known says so.
    """
    if rules is not None:
        for path in write_rules(rules):
            print(printable(str(path)))
        return
    if lacking := missing(*_NEEDS):
        raise ConfigurationError(install("This", *lacking, extra="metrics"))
    if out is not None and not once:
        raise CommandError("--out is for --once: a server writes no file.")
    from ..integrations.prometheus.web_config import WebConfig, read_web_config

    config = WebConfig() if web_config is None else read_web_config(web_config)
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    wanted = [n.strip() for text in only for n in text.split(",") if n.strip()] if only else None
    if budgets is None and wanted and "budgets" in wanted:
        raise CommandError("--only budgets needs --budgets FILE.")
    allocated = _allocation(allocation)
    settings = {
        "allocation": allocated,
        "budgets": () if budgets is None else _budgets(budgets, allocated),
        "guard": guard or "guard" in (wanted or ()),
        "only": wanted,
        "max_series": max_series,
    }
    if once:
        text, lacks = run(_once(target, settings))
        _write(text, out)
        end_lacking(*lacks, allowed=allow_missing)
        return
    try:
        with told_elsewhere():
            run(_serve(target, settings, config, address, port))
    except TerminatedError:
        pass  # how whoever runs a server ends it


def _allocation(file: Path | None) -> Allocation | None:
    from ..allocation import Allocation
    from .allocated import named_file  # what it imports would double the time that help takes

    path = file or named_file()
    return None if path is None else Allocation.from_file(path)


def _budgets(file: Path, allocation: Allocation | None) -> Sequence[Budget]:
    from ..insights.budgets import read_budgets

    return read_budgets(file, allocation=allocation)


@asynccontextmanager
async def _exporter(target: Target, settings: Mapping[str, Any]) -> AsyncIterator[Exporter]:
    from ..integrations.prometheus import Answers, Exporter

    answers = Answers()
    async with connected(target, on_event=answers) as client:
        yield Exporter(client, answers=answers, **settings)


async def _once(target: Target, settings: Mapping[str, Any]) -> tuple[bytes, list[str]]:
    """The metrics, and what is not known, a sentence each.

    Raises:
        CommandError: nothing at all is.
    """
    from ..integrations.prometheus import FIGURES
    from ..usage.told import listed

    async with _exporter(target, settings) as exporter:
        await exporter.refresh()
        # Names of projects are fetched for labels, and there are ids where they cannot be.
        only = settings["only"]
        ended = {
            name: refresh
            for name, refresh in exporter.refreshes.items()
            if name != "names" or only is None or "names" in only
        }
        failed: dict[str, list[str]] = {}
        for name, refresh in ended.items():
            if refresh.error is not None:
                failed.setdefault(refresh.error, []).append(name)
        lacks = [f"The refresh of {listed(names)} failed: {why}" for why, names in failed.items()]
        if all(refresh.error is not None for refresh in ended.values()):
            raise CommandError(" ".join(lacks), code=1)
        reasons = "; ".join(why for refresh in ended.values() for why in refresh.lacks)
        known = {name for name in FIGURES if FIGURES[name] in ended} - set(exporter.not_known)
        if reasons and not known:
            raise CommandError(" ".join([*lacks, f"Nothing is known: {reasons}."]), code=1)
        # Where nothing was used in the last minutes, that is not known, and as it should be.
        is_quiet = "usage" in ended and not ended["usage"].lacks
        unknown = [
            name
            for name in exporter.not_known
            if ended[FIGURES[name]].error is None and not (is_quiet and FIGURES[name] == "usage")
        ]
        if unknown:
            told = f"Not everything is known: {listed(unknown)}"
            lacks.append(f"{told} ({reasons})." if reasons else f"{told}.")
        elif reasons:
            lacks.append(f"Not everything is known: {reasons}.")
        return exporter.exposition.text.plain, lacks


def _write(text: bytes, out: Path | None) -> None:
    if out is None or out == Path("-"):
        with opened(None) as file:
            file.write(text.decode())
        return
    if out.is_dir():
        raise CommandError(f"{out} is a folder; name a file.")
    with reported(str(out)), replaced(out) as temporary:
        temporary.write_bytes(text)


async def _serve(
    target: Target,
    settings: Mapping[str, Any],
    config: WebConfig,
    address: str,
    port: int,
) -> None:
    from ..integrations.prometheus.serving import served

    logging.getLogger("openai_admin.metrics").setLevel(logging.WARNING)
    async with _exporter(target, settings) as exporter, AsyncExitStack() as stack:
        try:
            bound = await stack.enter_async_context(
                served(exporter, config, address=address, port=port)
            )
        except OSError as exc:
            raise CommandError(_not_bound(exc, address, port), code=1) from exc
        for note in (*config.notes, *_exposed(address, config)):
            print(printable(note), file=sys.stderr)
        scheme = "http" if config.tls is None else "https"
        host = f"[{address}]" if ":" in address else address
        print(f"Serving metrics at {scheme}://{host}:{bound}/metrics.", file=sys.stderr)
        gc.freeze()  # what was imported stays; to look through it again would hold the loop
        await exporter.run()


def _not_bound(error: OSError, address: str, port: int) -> str:
    """Why an address cannot be bound to, as a sentence."""
    where = f"Port {port} of {address}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use: pass another with --port, or 0 for a free one."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{where} is not open to this user: pass one of 1024 or more with --port."
    return f"{address} is not an address of this machine: {error.strerror or error}."


def _exposed(address: str, config: WebConfig) -> list[str]:
    """What others may read, where they may."""
    try:
        is_local = address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        is_local = False
    if is_local or (config.tls is not None and config.users):
        return []
    lacking = [
        words for words, there in (("TLS", config.tls), ("a password", config.users)) if not there
    ]
    without = " and ".join(lacking)
    return [f"Whoever reaches {address} can read the metrics without {without}: see --web-config."]
