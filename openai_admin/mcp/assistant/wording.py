"""Sentences written for the command line, as a tool says them."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ADDRESS = re.compile(r"(?<![^ ])<([^<>\s]+@[^<>\s]+)>")
_OPTION = re.compile(r"--([a-z][a-z-]*[a-z])(?: (?:PERSON|KEY)\b)?")
_PHRASES = (
    (re.compile(r"\bRun the same command again\b"), "Plan it again and do that"),
    (re.compile(r"\brun the (same )?command again\b"), "plan it again and do that"),
    (re.compile(r"\bby the same command\b"), "by planning it again and doing that"),
    (re.compile(r"\bthis command runs with\b"), "this server runs with"),
    (re.compile(r"\brun again with\b"), "plan again with"),
    (re.compile(r"\b[Tt]he place of --to\b"), "the sink"),
)


def without_brackets(text: str) -> str:
    """A text with its addresses in parentheses: what could be taken for markup is spelled out."""
    return _ADDRESS.sub(r"(\1)", text)


def respelled(text: str, options: Mapping[str, str]) -> str:
    """A sentence with the parameters of a tool in place of options, and calls of commands.

    Args:
        text: the sentence.
        options: the parameters by the options that they stand for; others are said to be the
            command line's.
    """
    text = without_brackets(text)
    for phrase, instead in _PHRASES:
        text = phrase.sub(instead, text)
    return _OPTION.sub(
        lambda found: options.get(found[1], f"--{found[1]} (on the command line)"), text
    )
