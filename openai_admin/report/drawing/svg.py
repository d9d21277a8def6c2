"""SVG as text."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from ..._text.visible import visible


def element(name: str, *content: str, **attributes: str | float | None) -> str:
    """An element.

    Args:
        name: what it is.
        content: markup; a text goes through `text` before.
        attributes: by name, with ``_`` for ``-``; one that is ``None`` is left out.
    """
    stated = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_value(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(content)
    return f"<{name}{stated}>{inside}</{name}>" if inside else f"<{name}{stated}/>"


def text(words: str) -> str:
    """A text as markup, with nothing in it that cannot be seen but the ends of its lines."""
    return escape("\n".join(visible(line) for line in words.split("\n")))


def across(part: float) -> str:
    """A place or a width, as a part of the chart's: 1 is all of it."""
    return f"{_value(part * 100)}%"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return visible(value)
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0") if value else "0"
