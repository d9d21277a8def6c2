"""The forms that a report is written in: chosen by ``--format``, or by the file's name."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from .._extras import require
from .errors import CommandError

if TYPE_CHECKING:
    from ..insights import Review

FormName = Literal["text", "html", "md", "json", "slack", "svg", "png"]
CHARTS = ("projects", "models", "months", "tokens", "hours", "movers", "projection")


class Wanted(NamedTuple):
    """What a form is to have.

    Attributes:
        chart: the chart that an image is of.
        full: whether tables have all rows.
        is_shown: whether it goes to standard output, which may be a terminal.
    """

    chart: str
    full: bool
    is_shown: bool


class Form(NamedTuple):
    """A form of the report.

    Attributes:
        make: makes it.
        suffixes: what the names of its files end in.
        needs: the modules of the extra ``report`` that it needs.
        is_image: whether it is an image, of one chart.
        is_binary: whether it is not text.
    """

    make: Callable[[Review, Wanted], str | bytes]
    suffixes: Sequence[str] = ()
    needs: Sequence[str] = ()
    is_image: bool = False
    is_binary: bool = False


def _text(review: Review, wanted: Wanted) -> str:
    from .report_text import write_report

    file = io.StringIO()
    write_report(review, file, full=wanted.full, screen=sys.stdout if wanted.is_shown else None)
    return file.getvalue()


def _brief(review: Review, _: Wanted) -> str:
    from ..report import to_brief

    return to_brief(review)


def _page(review: Review, wanted: Wanted) -> str:
    from ..report import to_html

    return to_html(review, full=wanted.full)


def _markdown(review: Review, wanted: Wanted) -> str:
    from ..report import to_markdown

    return to_markdown(review, full=wanted.full)


def _json(review: Review, _: Wanted) -> str:
    from ..report import figures

    return json.dumps(figures(review), ensure_ascii=False, indent=1) + "\n"


def _slack(review: Review, _: Wanted) -> str:
    from ..report import to_slack

    return json.dumps(to_slack(review), ensure_ascii=False, indent=1) + "\n"


def _svg(review: Review, wanted: Wanted) -> str:
    from ..report import to_svg

    return to_svg(review, wanted.chart)


def _png(review: Review, wanted: Wanted) -> bytes:
    from ..report import to_png

    return to_png(review, wanted.chart)


FORMS: Mapping[FormName, Form] = {
    "html": Form(_page, (".html", ".htm"), ("jinja2",)),
    "md": Form(_markdown, (".md",)),
    "text": Form(_text, (".txt",)),
    "json": Form(_json, (".json",)),
    "slack": Form(_slack),
    "svg": Form(_svg, (".svg",), is_image=True),
    "png": Form(_png, (".png",), ("vl_convert",), is_image=True, is_binary=True),
}
"""Every form; of Slack's JSON no file's name speaks."""


def chosen_form(
    format: FormName | None, out: Path | None, *, chart: str | None, full: bool, brief: bool
) -> tuple[Form, Wanted]:
    """The form that options ask for, with what it is to have.

    Raises:
        CommandError: the file's name speaks of no form, or options do not go together.
        ConfigurationError: what the form needs is not installed.
    """
    name = format or _by_name(out)
    form = FORMS[name]
    if brief:
        if name != "text":
            raise CommandError(f"--brief is text, not {name}: leave it out, or pass --format text.")
        if full:
            raise CommandError("Pass --brief or --full, not both.")
        form = Form(_brief)
    if chart is not None and not form.is_image:
        raise CommandError(
            "--chart is for images: name a .png or .svg file with --out, or pass --format png."
        )
    if chart is not None and chart not in CHARTS:
        raise CommandError(f"There is no chart {chart!r}; there are {', '.join(CHARTS)}.")
    for module in form.needs:
        require(module, extra="report")
    return form, Wanted(chart or CHARTS[0], full, is_shown=out is None)


def _by_name(out: Path | None) -> FormName:
    """The form that a file's name speaks of; text for standard output."""
    if out is None:
        return "text"
    for name, form in FORMS.items():
        if out.suffix.lower() in form.suffixes:
            return name
    endings = [suffix for form in FORMS.values() for suffix in form.suffixes]
    raise CommandError(
        f"A report is written to a file that ends in {', '.join(endings)}; {out} does not: name"
        f" such a file, or pass --format {'|'.join(get_args(FormName))}."
    )
