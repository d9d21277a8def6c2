"""Characters that a reader cannot see, made visible."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

# Control characters, and those that change the direction of writing: in a name they could rewrite
# what surrounds them; a terminal obeys the former, and XML does not allow most of them.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_UNSEEN_IN_JSON = re.compile(_UNSEEN.pattern.replace(r"\x00-\x1f", ""))
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Categories of Unicode that show nothing, or a blank that is easily taken for another.
_BLANK = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
# What shows nothing, though its category is of letters and marks: fillers, variation selectors.
_IGNORED = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    r"\U000e0100-\U000e01ef]"
)


def visible(text: str) -> str:
    """A text with such characters as escapes: ``\\n``, ``\\u202e``."""
    return _UNSEEN.sub(lambda m: _SHORT.get(m[0]) or f"\\u{ord(m[0]):04x}", text)


def spelled_out(text: str) -> str:
    """A text with everything as an escape, as JSON has it, that shows nothing or only a blank.

    That includes what `visible` leaves, since names in many languages and emoji need it: joiners,
    tags, selectors of variants, blanks of other widths. It is for texts that somebody decides by.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(json.dumps(c)[1:-1] if _is_unseen(c) else c for c in text)


def _is_unseen(character: str) -> bool:
    if character == " ":
        return False
    return unicodedata.category(character) in _BLANK or _IGNORED.match(character) is not None


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON in which such characters are escapes, and which so means the same."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSEEN_IN_JSON.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
