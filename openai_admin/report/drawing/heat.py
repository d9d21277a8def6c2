"""A field of cells, the stronger the more."""

from __future__ import annotations

from collections.abc import Sequence

from .svg import across, element, text

_CELL = 26  # pixels
_COLOR = "#2f6fd0"
_FAINTEST = 0.1  # of what is not nothing
_NOTHING = 0.03


def heat(
    rows: Sequence[Sequence[float | None]],
    *,
    names: Sequence[str],
    labels: Sequence[str],
    said: Sequence[Sequence[str]],
) -> tuple[str, float]:
    """A field, and how many pixels high it is.

    Args:
        rows: values of zero and more; ``None`` where one is not known.
        names: of the rows.
        labels: under the columns, empty where one has none.
        said: what each cell is, shown where it is pointed at.
    """
    most = max((value for row in rows for value in row if value is not None), default=0.0)
    wide = 1 / len(labels)
    drawn = []
    for n, (row, words) in enumerate(zip(rows, said, strict=True)):
        y = n * _CELL
        drawn.append(
            element("text", text(names[n]), x=-8, y=y + 17, text_anchor="end", fill="#59616d")
        )
        for i, (value, title) in enumerate(zip(row, words, strict=True)):
            unknown = value is None
            part = max(_FAINTEST, value / most) if value and most else _NOTHING
            drawn.append(
                element(
                    "rect",
                    element("title", text(title)),
                    x=across((i + 0.03) * wide),
                    y=y + 1,
                    width=across(0.94 * wide),
                    height=_CELL - 2,
                    fill="none" if unknown else _COLOR,
                    fill_opacity=None if unknown else round(part, 2),
                    stroke="#8b919b" if unknown else None,
                    stroke_dasharray="2 2" if unknown else None,
                    class_="unknown" if unknown else None,
                )
            )
    under = len(rows) * _CELL + 16
    below = (
        element("text", text(label), x=across((i + 0.5) * wide), y=under)
        for i, label in enumerate(labels)
        if label
    )
    drawn.append(element("g", *below, class_="labels", fill="#59616d", text_anchor="middle"))
    return element("g", *drawn, class_="heat"), under + 6
