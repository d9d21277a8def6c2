"""The colours of charts as styles."""

from __future__ import annotations

from collections.abc import Sequence

from .drawing.svg import element

HATCH = element(
    "defs",
    element(
        "pattern",
        element("rect", width=6, height=6, fill="#8b919b", fill_opacity=0.35),
        element("path", d="M-1,1l2,-2M0,6l6,-6M5,7l2,-2", stroke="#7d8490", stroke_width=1.6),
        id="hatch",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
    ),
)
"""What all others together are filled with: they are known by it, not by a colour."""

_STRIPES = "repeating-linear-gradient(135deg,#7d8490 0 2px,#c3c7cd 2px 4px)"


def inks(colors: Sequence[str]) -> str:
    """A rule for each colour: what is of the class ``c2`` is filled with the third."""
    rules = (f".c{number}{{fill:{color}}}" for number, color in enumerate(colors))
    return "".join(rules) + f".c{len(colors)}{{fill:url(#hatch)}}"


def swatches(colors: Sequence[str]) -> str:
    """Likewise for the grounds of legends and tables, of the class ``b2``."""
    rules = (f".b{number}{{background:{color}}}" for number, color in enumerate(colors))
    return "".join(rules) + f".b{len(colors)}{{background:{_STRIPES}}}"


def quoted(text: str) -> str:
    """A string of CSS; a name from the organization cannot end it."""
    plain = (each if each.isalnum() or each in " .,%-_" else f"\\{ord(each):x} " for each in text)
    return f'"{"".join(plain)}"'


def narrow(rules: str, columns: int) -> str:
    """Tables whose rows are blocks: the broadest on a tablet, too.

    Args:
        rules: for tables of the class ``stack``, with what `quoted` made above each value: the
            heading of its column.
        columns: how many the broadest table has.
    """
    rules += "".join(
        f".stack td:nth-child({n})::before{{content:var(--h{n})}}" for n in range(2, columns + 1)
    )
    return "\n".join(
        f"@media screen and (max-width: {width}rem){{{rules.replace('.stack', kind)}}}"
        for kind, width in ((".stack", 40), (".broad", 64))
    )
