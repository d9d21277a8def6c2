"""Characters that a reader cannot see, made visible."""

from __future__ import annotations

import re

# Control characters, and those that change the direction of writing: in a name they could rewrite
# what surrounds them; a terminal obeys the former, and XML does not allow most of them.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """A text with such characters as escapes: ``\\n``, ``\\u202e``."""
    return _UNSEEN.sub(lambda m: _SHORT.get(m[0]) or f"\\u{ord(m[0]):04x}", text)
