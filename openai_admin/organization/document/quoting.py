"""Texts as YAML: plain where every reader takes them for this text, else in double quotes."""

from __future__ import annotations

import re

from ..._text.visible import json_text

# What begins with a letter or such and has nothing in it that means something to YAML.
_PLAIN = re.compile(r"[^\W\d_](?:[\w@.+/()&%*$!;=~^-]|[ ](?=[^\s#]))*|[\d_][\w.-]*@[\w.-]+")
# What YAML 1.1 or 1.2 takes for something else than text, in any letter case.
_TAKEN = re.compile(r"(?:y|yes|n|no|on|off|true|false|null|nan|inf)", re.IGNORECASE)
# Characters that no YAML may have as they are.
_NOT_ALLOWED = re.compile(r"[\ufeff\ufffe\uffff\ud800-\udfff]")


def quoted(text: str) -> str:
    """A text as a value, a key or an item, also within brackets."""
    if _PLAIN.fullmatch(text) and not _TAKEN.fullmatch(text):
        return text
    return _NOT_ALLOWED.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text(text))


def commented(text: str) -> str:
    """A text in a comment, of which it cannot break out."""
    shown = _NOT_ALLOWED.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text(text))
    return shown[1:-1].replace('\\"', '"').replace("\\\\", "\\")
