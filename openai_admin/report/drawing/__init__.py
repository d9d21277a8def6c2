"""Charts as plain SVG: drawn once, for the page, for a file and for what a file is turned into.

Places across are in per cent of the chart's width, heights in pixels: so one drawing fits a phone
and a sheet of paper, and its letters keep their size.
"""

from .bars import Bar, Piece, bars
from .chart import Chart, Key
from .heat import heat
from .line import Level, Range, line
from .stacked import Mark, Stack, stacked

__all__ = [
    "Bar",
    "Chart",
    "Key",
    "Level",
    "Mark",
    "Piece",
    "Range",
    "Stack",
    "bars",
    "heat",
    "line",
    "stacked",
]
