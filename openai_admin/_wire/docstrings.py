"""Sections of docstrings: what they say of each argument or attribute."""

from __future__ import annotations

import re
import textwrap


def entries(section: str) -> dict[str, str]:
    """What a section, its heading included, says about each name."""
    text = textwrap.dedent(section.partition("\n")[2])
    found = re.split(r"^(?=\w+: )", text, flags=re.MULTILINE)
    pairs = (entry.partition(": ") for entry in found if entry.strip())
    return {name.strip(): " ".join(words.split()) for name, _, words in pairs}
