"""What a line of the bill is about: the model, the kind of tokens, the tier and the context.

The API documents no grammar of `line_item`. What has been seen is
``[TIER "| "] MODEL [", " KIND [", " CONTEXT]]``, such as ``priority | gpt-5, output, long context``
and ``ft:gpt-4o-mini:acme, inc::abc, Input``, and names of tools, such as
``web search tool calls``. Every text is read; none is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Literal

import attrs

from .._wire.portable import Portable

STANDARD = "standard"
"""What groups call the tier and the context that line items of models leave out."""

_TIER = re.compile(r"\s*([\w.-]+)\s*\|(.*)", re.DOTALL)
_DEFAULTS = (STANDARD, "default", "auto")
_KIND = re.compile(r"(.* )?(input|output|cache writes?|training|audio|speech)")
_OF_MODELS = re.compile(r"[\d:-]")
_CONTEXT = re.compile(r"(.* )?context")


@attrs.frozen
class LineItem(Portable):
    """A line item of costs, read.

    ``str(item)`` is the text that was read.

    Attributes:
        text: as the API gave it; empty where it gave none.
        model: its name, as usage spells it; ``None`` for what is no model's, such as
            ``web search tool calls``.
        kind: what was billed, in lower case: ``input``, ``cached input``, ``output``,
            ``audio input`` …; the whole name of what has no model; ``None`` where the text does
            not say.
        tier: ``priority``, ``flex``, ``batch`` or another, in lower case; ``None`` is the standard
            tier, which texts do not name, or name ``standard`` or ``default``.
        context: ``long context`` or another, in lower case; ``None`` is the ordinary one.
    """

    text: str
    model: str | None = None
    kind: str | None = None
    tier: str | None = None
    context: str | None = None

    @classmethod
    def parse(cls, text: str | None) -> LineItem:
        """Read a line item, whatever it is.

        The kind and the context are read from the end, since the name of a fine-tuned model may
        have commas. An unknown tier is one word before ``|``; an unknown kind is what follows the
        model. A name with spaces is not a model's, unless it is that of a fine-tuned one; nor is a
        word by itself, such as ``credit``, that has neither a digit nor a hyphen.
        """
        if text is None:
            return cls("")
        found = _TIER.fullmatch(text)
        tier, rest = (tier_of(found[1]), found[2]) if found else (None, text)
        model, kind, context = _parts(rest)
        return cls(text, model, kind, tier, context)

    @property
    def subject(self) -> str | None:
        """The model, or the name of what has none; ``None`` where the text is empty."""
        return self.model or self.kind

    def __str__(self) -> str:
        return self.text


def tier_of(word: str) -> str | None:
    """A service tier as `LineItem.tier` has it: ``None`` is the standard one."""
    tier = word.lower()
    return None if tier in _DEFAULTS else tier


ByPart = Literal["model", "kind", "tier", "context"]
"""What costs are grouped by though the API does not."""

DERIVED: Mapping[str, Callable[[LineItem], str | None]] = {
    "model": attrgetter("subject"),
    "kind": attrgetter("kind"),
    "tier": lambda item: item.tier or (item.model and STANDARD),
    "context": lambda item: item.context or (item.model and STANDARD),
}
"""How each is read from a line item.

A group must not be empty where something is known of it: a model is a `subject` here, so that tools
have rows of their own, and the tier and the context that texts of models leave out are `STANDARD`.
``None`` is left for what has no model, and for rows without a line item.
"""


def derive(name: str, line_items: Sequence[str | None]) -> list[str | None]:
    """One of `DERIVED` for each line item."""
    found = {text: DERIVED[name](LineItem.parse(text)) for text in set(line_items)}
    return [found[text] for text in line_items]


def _parts(text: str) -> tuple[str | None, str | None, str | None]:
    """The model, the kind and the context in what follows the tier."""
    parts = text.split(",")
    words = [" ".join(part.lower().split()) for part in parts]
    # Only the name of a fine-tuned model has colons; the last is in its last part.
    first = 1 + max((n for n, part in enumerate(parts) if ":" in part), default=0)
    tail = words[first:]
    last = [tail.pop()] if tail and _CONTEXT.fullmatch(tail[-1]) else []
    at = max((n for n, word in enumerate(tail) if _KIND.fullmatch(word)), default=0)
    model = ",".join(parts[: first + at]).strip()
    if ":" not in model and " " in " ".join(model.split()).replace(", ", ","):
        return None, ", ".join(words), None
    if len(parts) == 1 and not _OF_MODELS.search(model):
        return None, words[0] or None, None
    kind = tail[at] if tail else None
    return model or None, kind or None, ", ".join((*tail[at + 1 :], *last)) or None
