"""In place of a chart whose figures are not known."""

from __future__ import annotations

from ..drawing import Chart
from ..drawing.svg import element


def nothing(name: str) -> Chart:
    """A chart that says only that it is not known."""
    words = element("text", "not known", x="50%", y=60, text_anchor="middle", class_="direct")
    return Chart(name=name, description="not known", body=words, height=120)
