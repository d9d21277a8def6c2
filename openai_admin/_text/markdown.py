"""Texts from elsewhere in Markdown, which shows them literally and does nothing with them."""

from __future__ import annotations

import re

from .visible import visible

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@])")
_SPACE = re.compile(r"\s+")
# What a backslash does not everywhere keep from being an address, a mention or an element.
_ENTITIES = {"\\@": "&#64;", "\\<": "&lt;", "\\>": "&gt;", "://": "&#58;//", "www.": "www&#46;"}
# What GitHub and GitLab look for in a page that is made already, where an entity is as good as the
# character: mentions, issues and emoji by name. An unseen joiner takes the name off its sign.
_JOINER = "&#8288;"
_REFERENCE = re.compile(r"(?<!\w)@(?=\w)|#(?=\d)|:(?=(?:[+-]1|[\w+-]*[a-z][\w+-]*):)")
_MATH = re.compile(r"\$(?!\d)|(?<=\S)\$")
_TICKS = re.compile("`+")


def escape(text: str) -> str:
    """A text that Markdown shows literally, on one line; an at sign notifies nobody.

    What could turn or hide the text around it is shown as an escape.
    """
    text = visible(_SPACE.sub(" ", text).strip()).replace("&", "&amp;")
    text = _REFERENCE.sub(rf"\g<0>{_JOINER}", text)
    text = _SPECIAL.sub(r"\\\1", text).replace("&\\#", "&#")
    text = _MATH.sub("&#36;", text)
    for special, entity in _ENTITIES.items():
        text = text.replace(special, entity)
    return text


def code(text: str) -> str:
    """A text as code, in which nothing is taken for anything; in a table as well."""
    text = visible(_SPACE.sub(" ", text)).replace("|", "\\|")
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    space = " " if text[:1] in ("`", " ", "") or text[-1:] in ("`", " ") else ""
    return f"{fence}{space}{text}{space}{fence}"
