"""A review as something to show: a self-contained page, Markdown, ten lines, a message for Slack,
or the image of a chart.

::

    found = await review(client, days=30)
    Path("report.html").write_text(to_html(found), encoding="utf-8")

Tables have the rows that matter most, and the rest as one; ``full=True`` shows all, and
`write_tables` writes all as CSV. The page needs jinja2 and PNG images vl-convert, which are in the
extra ``report``; SVG and Markdown need nothing.
"""

from .brief import to_brief
from .charts import CHARTS
from .csv_files import to_csv, write_tables
from .document import Cell, Column, Document, Part, Section, Table, Tile
from .figures import figures
from .image import to_png, to_svg
from .markdown import to_markdown
from .page import to_html
from .parts import document
from .slack import to_slack

__all__ = [
    "CHARTS",
    "Cell",
    "Column",
    "Document",
    "Part",
    "Section",
    "Table",
    "Tile",
    "document",
    "figures",
    "to_brief",
    "to_csv",
    "to_html",
    "to_markdown",
    "to_png",
    "to_slack",
    "to_svg",
    "write_tables",
]
