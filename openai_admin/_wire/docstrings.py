"""Sections of docstrings: what they say of each argument or attribute."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Mapping


def entries(section: str) -> dict[str, str]:
    """What a section, its heading included, says about each name."""
    text = textwrap.dedent(section.partition("\n")[2])
    found = re.split(r"^(?=\w+: )", text, flags=re.MULTILINE)
    pairs = (entry.partition(": ") for entry in found if entry.strip())
    return {name.strip(): " ".join(words.split()) for name, _, words in pairs}


def summary_of(cls: type) -> str:
    """The first sentence of a class's docstring."""
    return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]


def attributes_of(cls: type) -> Mapping[str, str]:
    """What is said of the attributes of a class and of those that it is made from."""
    said: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        _, found, section = inspect.cleandoc(each.__doc__ or "").partition("Attributes:")
        said |= entries(found + section) if found else {}
    return said
