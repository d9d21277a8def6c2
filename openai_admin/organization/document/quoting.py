"""Texts as YAML: plain where every reader takes them for this text, else in double quotes."""

from __future__ import annotations

import re
from textwrap import wrap

from ..._text.visible import json_text

# What begins with a letter and has nothing in it that means something to YAML, or is an address.
_PLAIN = re.compile(r"[^\W\d_](?:[\w@.+/()&%*$!;=~^-]|[ ](?=[^\s#]))*|[\d_][\w.-]*@[\w.-]+")
_PLAIN_ALONE = re.compile(
    r"[^\W\d_](?:[\w@.+/()&%*$!;=~^,'\"\[\]{}?|<>-]|:(?=[^\s:])|::(?=\S)|[ ](?=[^\s#:]))*"
)
# What YAML 1.1 or 1.2 takes for something else than text, in any letter case.
_TAKEN = re.compile(r"(?:y|yes|n|no|on|off|true|false|null|nan|inf)", re.IGNORECASE)
# Characters that no YAML may have as they are.
_NOT_ALLOWED = re.compile(r"[\ufeff\ufffe\uffff\ud800-\udfff]")


def quoted(text: str, *, alone: bool = False) -> str:
    """A text as YAML.

    Args:
        text: the text.
        alone: whether it is a value that ends its line; else it may be a key, or within brackets.
    """
    is_plain = _PLAIN.fullmatch(text) or (alone and _PLAIN_ALONE.fullmatch(text))
    if is_plain and not _TAKEN.fullmatch(text):
        return text
    return _NOT_ALLOWED.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text(text))


_WIDTH = 100


def comment_lines(text: str) -> list[str]:
    """A text as lines of comments, of which it cannot break out."""
    return wrap(
        commented(text),
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def commented(text: str) -> str:
    """A text in a comment, of which it cannot break out."""
    shown = _NOT_ALLOWED.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text(text))
    return shown[1:-1].replace('\\"', '"').replace("\\\\", "\\")
