"""Characters that a reader cannot see, made visible."""

from __future__ import annotations

import re

# Control characters, and those that change the direction of writing: in a name they could rewrite
# what surrounds them, and XML does not allow most of the former.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """A text with such characters as escapes: ``\\u202e``."""
    return _UNSEEN.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
