"""Characters that a reader cannot see, made visible."""

from __future__ import annotations

import json
import re
from typing import Any

# Control characters, and those that change the direction of writing: in a name they could rewrite
# what surrounds them; a terminal obeys the former, and XML does not allow most of them.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_UNSEEN_IN_JSON = re.compile(_UNSEEN.pattern.replace(r"\x00-\x1f", ""))
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """A text with such characters as escapes: ``\\n``, ``\\u202e``."""
    return _UNSEEN.sub(lambda m: _SHORT.get(m[0]) or f"\\u{ord(m[0]):04x}", text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON in which such characters are escapes, and which so means the same."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSEEN_IN_JSON.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
