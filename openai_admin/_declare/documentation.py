"""The documentation of a declared method: read once, and completed with what is common to all."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping

import attrs

from .._wire.docstrings import entries

_WIDTH = 88
_SECTION = re.compile(r"\n\n?(?=(?:Args|Raises|Returns|Yields):\n)")

COMMON_PARAMETER_DOCS: Mapping[str, str] = {
    "limit": "items on one page, 1 to 100; the API's default is 20.",
    "after": "the cursor to start after, as a page gave it.",
    "before": "the cursor to start before; pages then go backwards.",
    "order": "by time of creation, `asc` or `desc`.",
    "start_time": "the beginning, inclusive.",
    "end_time": "the end, exclusive; by default now.",
    "bucket_width": "the width of a bucket: `1m`, `1h` or `1d`, the API's default.",
    "group_by": "the fields to group by; each combination of values is a row.",
    "project_ids": "only these projects.",
    "user_ids": "only these users.",
    "api_key_ids": "only these API keys.",
    "models": "only these models.",
    "page": "the cursor of the page to start with, as `next_page` gave it.",
    "project_id": "the project's id, such as `proj_abc`.",
    "user_id": "the user's id, such as `user-abc`.",
    "group_id": "the group's id.",
    "role_id": "the role's id.",
}
"""What an argument means where a method's documentation does not say otherwise."""


@attrs.frozen
class Docstring:
    """A docstring with a description of every argument.

    Attributes:
        summary: the first sentence.
        description: the text without its sections.
        arguments: what is said about each argument, or an empty text.
        whole: all of it, the arguments in the order of the signature.
    """

    summary: str
    description: str
    arguments: Mapping[str, str]
    whole: str

    @classmethod
    def of(cls, function: Callable[..., object], names: Iterable[str]) -> Docstring:
        """The documentation of a function whose arguments have these names."""
        description, *sections = _SECTION.split(inspect.cleandoc(function.__doc__ or ""))
        own = next((s for s in sections if s.startswith("Args:")), "")
        said = {**COMMON_PARAMETER_DOCS, **entries(own)}
        arguments = {name: said.get(name, "") for name in names}
        rest = [section for section in sections if section is not own]
        first = " ".join(description.partition("\n\n")[0].split())
        return cls(
            summary=re.split(r"(?<=[.!?])\s", first, maxsplit=1)[0],
            description=description,
            arguments=arguments,
            whole="\n\n".join([description, *_section(arguments), *rest]),
        )


def _section(arguments: Mapping[str, str]) -> list[str]:
    """The section of the arguments; empty if there are none."""
    lines = [
        textwrap.fill(
            f"{name}: {text}",
            _WIDTH,
            initial_indent="    ",
            subsequent_indent="        ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for name, text in arguments.items()
    ]
    return ["\n".join(["Args:", *lines])] if lines else []
