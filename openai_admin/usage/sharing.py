"""Costs of parts of a day: a line item's amount, shared out by the usage that it was billed for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from .line_items import LineItem
from .money import EXACT, MONEY

Key = tuple[Any, ...]
Count = Callable[[Any], int]

BESIDE = ("model", "service_tier", "batch", "size")
"""The fields that usage is grouped by, so that it can be told which line item it was billed as."""

_TOKENS = ("completions", "decisions", "embeddings")

_LAST = Decimal(1).scaleb(-MONEY[1])


def _first(*fields: str) -> Count:
    """The first of these counts that a row has."""
    return lambda row: next((n for f in fields if (n := getattr(row, f, None)) is not None), 0)


def _input(row: Any) -> int:
    """The tokens that were read, none of them from a cache."""
    for field in ("input_text_tokens", "input_uncached_tokens"):
        if (count := getattr(row, field, None)) is not None:
            return int(count)
    cached = getattr(row, "input_cached_tokens", None) or 0
    return max((row.input_tokens or 0) - cached, 0)


_KINDS: Mapping[str, tuple[Sequence[str], Count]] = {
    "input": (_TOKENS, _input),
    "cached input": (_TOKENS, _first("input_cached_text_tokens", "input_cached_tokens")),
    "cache write": (_TOKENS, _first("input_cache_write_tokens")),
    "cache writes": (_TOKENS, _first("input_cache_write_tokens")),
    "output": (_TOKENS, _first("output_text_tokens", "output_tokens")),
    "audio input": (_TOKENS, _first("input_audio_tokens")),
    "cached audio input": (_TOKENS, _first("input_cached_audio_tokens")),
    "audio output": (_TOKENS, _first("output_audio_tokens")),
    "image input": (_TOKENS, _first("input_image_tokens")),
    "cached image input": (_TOKENS, _first("input_cached_image_tokens")),
    "image output": (_TOKENS, _first("output_image_tokens")),
    "speech": (("audio_speeches",), _first("characters")),
    "audio": (("audio_transcriptions",), _first("seconds")),
    "file search tool calls": (("file_search_calls",), _first("num_requests")),
    "web search tool calls": (("web_search_calls",), _first("num_requests")),
    "code interpreter sessions": (("code_interpreter_sessions",), _first("num_sessions")),
    "vector storage": (("vector_stores",), _first("usage_bytes")),
}
"""What each kind of line item counts: of which endpoints, and how much of it a row has."""

_SIZES = (("images",), _first("images"))
_STANDARD = (None, "default", "standard", "auto")


def endpoints_of(items: Iterable[str | None]) -> list[str]:
    """The usage endpoints that say when what these line items are for was used."""
    found = (_counted(LineItem.parse(item)) for item in set(items))
    return sorted({endpoint for endpoints, _ in filter(None, found) for endpoint in endpoints})


def _counted(item: LineItem) -> tuple[Sequence[str], Count] | None:
    if item.kind is None:
        return None
    is_size = item.model is not None and item.kind.replace("x", "").isdigit()
    return _SIZES if is_size else _KINDS.get(item.kind)


class UsedByPart:
    """Usage by parts of days, to be asked how much of it each line item is for.

    Args:
        groups: the fields that costs are grouped by, without the line item.
    """

    def __init__(self, groups: Sequence[str]) -> None:
        self._groups = groups
        self._counts: dict[Key, dict[Any, int]] = {}

    def add(self, endpoint: str, part: Any, row: Any) -> None:
        """Count a row of an endpoint in a part of a day."""
        batch, tier = getattr(row, "batch", None), getattr(row, "service_tier", None)
        tier = "batch" if batch else None if tier in _STANDARD else tier
        where = tuple(getattr(row, group, None) for group in self._groups)
        model = _plain(getattr(row, "model", None))
        kinds = {row.size: _SIZES} if endpoint == "images" else _KINDS
        for kind, (endpoints, count) in kinds.items():
            if endpoint in endpoints and (number := count(row)):
                has_model = model if endpoint in _OF_MODELS else None
                parts = self._counts.setdefault((has_model, kind, tier, *where), {})
                parts[part] = parts.get(part, 0) + number

    def of(self, item: LineItem, row: Any) -> Mapping[Any, int]:
        """How much of what a row of costs is for was used in each part; nothing if unknown."""
        where = (getattr(row, group) for group in self._groups)
        return self._counts.get((_plain(item.model), item.kind, item.tier, *where), {})


_OF_MODELS = (*_TOKENS, "images", "audio_speeches", "audio_transcriptions")


def _plain(model: str | None) -> str | None:
    return None if model is None else model.lower()


def shared(number: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """A number in parts that are as their weights and add up to it exactly.

    Each has at most 18 decimal places; what remains goes to the last that has any weight.

    Args:
        number: an amount or a quantity; credits are negative.
        weights: integers from 0 on, not all of them 0.
    """
    whole = sum(weights)
    last = max(n for n, weight in enumerate(weights) if weight)
    parts = [Decimal(0)] * len(weights)
    rest = number
    for n, weight in enumerate(weights[:last]):
        exact = EXACT.divide(EXACT.multiply(number, Decimal(weight)), Decimal(whole))
        parts[n] = exact.quantize(_LAST, rounding=ROUND_DOWN, context=EXACT).normalize(EXACT)
        rest = EXACT.subtract(rest, parts[n])
    parts[last] = rest
    return parts
