"""A review of 25, 100 and 400 projects, and its report: on a thread beside a ticking task."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import anyio.to_thread

from openai_admin.insights import Review, examine
from openai_admin.report import figures, to_html, to_markdown, write_tables

from .facts import facts
from .line import CPU, HELD_BY_ALL, PEAK, Line, at_most, growth
from .measuring import Measuring

_PROJECTS = 25
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PAGE = re.compile(rb"/Type\s*/Page\b")


async def _review(measuring: Measuring, scale: int) -> None:
    found = facts(_PROJECTS * scale)
    async with measuring:
        await anyio.to_thread.run_sync(examine, found)
    measuring.note({"rows of costs": len(found.costs)})


async def _report(measuring: Measuring, scale: int) -> None:
    found = examine(facts(_PROJECTS * scale))
    to_html(examine(facts(1)))  # the library of the charts is put together once
    with tempfile.TemporaryDirectory() as folder:
        async with measuring:
            await anyio.to_thread.run_sync(_written, found, Path(folder))
        page = Path(folder) / "report.html"
        measuring.note(
            {"page, kB": page.stat().st_size / 1000, "print pages": _pages(page)}, work=scale
        )


def _written(found: Review, folder: Path) -> None:
    (folder / "report.html").write_text(to_html(found), encoding="utf-8")
    (folder / "report.md").write_text(to_markdown(found), encoding="utf-8")
    write_tables(found, folder / "tables")


async def _whole(measuring: Measuring, scale: int) -> None:
    found = examine(facts(_PROJECTS * scale))
    async with measuring:
        await anyio.to_thread.run_sync(partial(to_markdown, full=True), found)
        await anyio.to_thread.run_sync(figures, found)


def _pages(page: Path) -> int:
    """How many pages of A4 it prints on."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise FileNotFoundError(f"To count print pages, install one of {', '.join(_BROWSERS)}.")
    paper = "<style>@page { size: A4 }</style></head>"
    page.write_text(page.read_text("utf-8").replace("</head>", paper, 1), encoding="utf-8")
    printed = page.with_suffix(".pdf")
    subprocess.run(
        [
            browser,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-pdf-header-footer", "--virtual-time-budget=20000"),
            f"--user-data-dir={page.parent / 'profile'}",
            f"--print-to-pdf={printed}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return len(_PAGE.findall(printed.read_bytes()))


LINES = (
    Line(
        "review",
        "25 projects reviewed",
        _review,
        bounds=(
            at_most(CPU, 2),
            at_most(PEAK, 150),
            at_most(HELD_BY_ALL, 50),
            growth(CPU, 1.3),
            growth(PEAK, 1.3),
        ),
    ),
    Line(
        "report",
        "report of 25 projects: page, Markdown, tables",
        _report,
        bounds=(
            at_most("page, kB", 900),
            at_most("print pages", 12),
            at_most(HELD_BY_ALL, 50),
            growth(CPU, 1.3),
        ),
    ),
    Line(
        "report-full",
        "all rows of a report of 25 projects: Markdown, figures",
        _whole,
        bounds=(growth(CPU, 1.3), growth(PEAK, 1.3), at_most(HELD_BY_ALL, 50)),
    ),
)
