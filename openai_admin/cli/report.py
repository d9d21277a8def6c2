"""``openai-admin report``: spend, changes, the month, keys and people; here or as a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._extras import require
from .._files import replaced
from ..directory.clock import clocks_differ
from ..usage.refusals import LOOKBACK_DAYS
from .connect import Target, connected
from .errors import CommandError, end_lacking
from .lazy import Command
from .loop import run
from .options import (
    AllowMissing,
    BaseURL,
    Demo,
    ExpectOrganization,
    Force,
    MaxResponseBytes,
    Profile,
    Strict,
    Verbose,
)
from .output_file import check_folder, check_target, opened, reported
from .progress import Progress

if TYPE_CHECKING:
    from ..insights import Review

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_CHARTS = ("projects", "models", "months", "tokens", "hours", "movers", "projection")


@app.command(cls=Command)
def report(
    days: Annotated[
        int,
        typer.Option(
            "--days",
            metavar="N",
            min=1,
            max=LOOKBACK_DAYS,
            help="How many whole days to look at; they are compared with as many before, as far"
            " as the API goes back.",
        ),
    ] = 30,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write a page (.html), Markdown (.md), the image of one chart (.png, .svg) or the"
            " figures (.json); whole or not at all.",
            rich_help_panel="Output",
        ),
    ] = None,
    chart: Annotated[
        str | None,
        typer.Option(
            "--chart",
            metavar="|".join(_CHARTS),
            help="The chart to write as an image; by default projects.",
            rich_help_panel="Output",
        ),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Show all rows of each table, not only those that matter most and the rest as"
            " one; figures (.json) always have all.",
            rich_help_panel="Output",
        ),
    ] = False,
    tables: Annotated[
        Path | None,
        typer.Option(
            "--tables",
            metavar="FOLDER",
            help="Also write all rows of each finding as CSV, and all figures as figures.json, to a"
            " folder that is new or empty.",
            rich_help_panel="Output",
        ),
    ] = None,
    force: Force = False,
    allow_missing: AllowMissing = False,
    profile: Profile = None,
    base_url: BaseURL = None,
    expect_organization: ExpectOrganization = None,
    demo: Demo = False,
    strict: Strict = False,
    max_response_bytes: MaxResponseBytes = None,
    verbose: Verbose = 0,
) -> None:
    """Report what was spent and where, what changed, what the month will cost, and what to remove.

    Without --out, it is shown here. Tables have the rows that matter most, and the rest as one;
    see --full and --tables. The page contains everything it needs, and makes no network
    requests. Where the API refuses a part, the report says so and the exit code is 1.
    """
    make = None if out is None else _maker(out, chart, full=full)
    if out is None and chart is not None:
        raise CommandError("--chart is for images: name a .png or .svg file with --out.")
    check_target(out, force=force)
    check_folder(tables, force=force)
    target = Target(
        profile, base_url, demo, verbose, strict, expect_organization, max_response_bytes
    )
    found = run(_review(days, target))
    if clocks := clocks_differ(found.clock_difference):
        print(clocks, file=sys.stderr)
    if out is None or make is None:
        from .report_text import write_report

        with opened(None) as file:
            write_report(found, file, full=full)
    else:
        content = make(found)
        with reported(str(out)), replaced(out) as temporary:
            temporary.write_bytes(content)
        print(f"Wrote {out}.", file=sys.stderr)
    if tables is not None:
        from ..report import write_tables

        with reported(str(tables)):
            written = write_tables(found, tables)
        print(f"Wrote {len(written)} files to {tables}.", file=sys.stderr)
    end_lacking(*_lacking(found), allowed=allow_missing)


def _lacking(review: Review) -> list[str]:
    """What is not known of what the report should have, a sentence each."""
    from ..insights.not_known import told

    if not review.not_known:
        return []
    what = "; ".join(told(review.not_known, review.names))
    return [f"Not everything asked for is known: {what}"]


async def _review(days: int, target: Target) -> Review:
    from ..insights import review

    async with (
        Progress("Looking at the organization") as progress,
        connected(target, on_event=progress.show_wait) as client,
    ):
        return await review(client, days=days)


Make = Callable[["Review"], bytes]


def _maker(out: Path, chart: str | None, *, full: bool) -> Make:
    """What makes the contents of a file, by its name; checked before anything is fetched."""
    kind = out.suffix.lower()
    if kind not in _MAKERS:
        raise CommandError(
            f"A report is written to a file that ends in {', '.join(_MAKERS)}; {out} does not."
        )
    is_image = kind in (".png", ".svg")
    if chart is not None and not is_image:
        raise CommandError(f"--chart is for images: {out} must end in .png or .svg.")
    if chart is not None and chart not in _CHARTS:
        raise CommandError(f"There is no chart {chart!r}; there are {', '.join(_CHARTS)}.")
    for module in _NEEDS.get(kind, ()):
        require(module, extra="report")
    name = chart or _CHARTS[0]
    return lambda review: _MAKERS[kind](review, name, full)


def _page(review: Review, _: str, full: bool) -> bytes:
    from ..report import to_html

    return to_html(review, full=full).encode()


def _markdown(review: Review, _: str, full: bool) -> bytes:
    from ..report import to_markdown

    return to_markdown(review, full=full).encode()


def _json(review: Review, _: str, __: bool) -> bytes:
    from ..report import figures

    return json.dumps(figures(review), ensure_ascii=False, indent=1).encode() + b"\n"


def _svg(review: Review, chart: str, _: bool) -> bytes:
    from ..report import to_svg

    return to_svg(review, chart).encode()


def _png(review: Review, chart: str, _: bool) -> bytes:
    from ..report import to_png

    return to_png(review, chart)


_NEEDS: Mapping[str, Sequence[str]] = {
    ".html": ("jinja2",),
    ".htm": ("jinja2",),
    ".png": ("vl_convert",),
}
"""What a kind of file needs from the extra ``report``."""

_MAKERS: Mapping[str, Any] = {
    ".html": _page,
    ".htm": _page,
    ".md": _markdown,
    ".png": _png,
    ".svg": _svg,
    ".json": _json,
}
