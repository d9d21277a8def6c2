"""What the emulated organization pays: list prices in US dollars, and the line items they make.

Prices are rounded from public lists and never change; what matters is that a cost is exactly its
usage times its price. Money is counted in whole picodollars (10**-12 USD), in which every price
per unit is an integer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from .stream import Stream

PICO = 12
"""Costs are counted in units of 10**-PICO dollars."""

TOKEN_KINDS: Mapping[str, str] = {
    "input_text_tokens": "input",
    "input_cached_text_tokens": "cached input",
    "input_cache_write_30m_tokens": "cache writes",
    "input_cache_write_12h_tokens": "cache writes",
    "output_text_tokens": "output",
    "input_audio_tokens": "audio input",
    "input_cached_audio_tokens": "cached audio input",
    "output_audio_tokens": "audio output",
    "input_image_tokens": "image input",
    "input_cached_image_tokens": "cached image input",
    "output_image_tokens": "image output",
}
"""Token metric -> what follows the model in its line item. Each token is in one of them."""

TOKEN_PRICES: Mapping[str, Mapping[str, Decimal]] = {
    model: {kind: Decimal(price) for kind, price in prices.items()}
    for model, prices in {
        "gpt-5": {
            "input": "1.25",
            "cached input": "0.125",
            "cache writes": "1.5625",
            "output": "10",
            "image input": "1.25",
            "cached image input": "0.125",
        },
        "gpt-5-mini": {
            "input": "0.25",
            "cached input": "0.025",
            "cache writes": "0.3125",
            "output": "2",
        },
        "gpt-5-nano": {"input": "0.05", "cached input": "0.005", "output": "0.4"},
        "gpt-4.1": {
            "input": "2",
            "cached input": "0.5",
            "output": "8",
            "image input": "2",
            "cached image input": "0.5",
        },
        "gpt-4o-audio-preview": {
            "input": "2.5",
            "output": "10",
            "audio input": "40",
            "audio output": "80",
        },
        "text-embedding-3-small": {"input": "0.02"},
    }.items()
}
"""Dollars for a million tokens, by model and kind. Moderations are free and have no line item."""

TIER_FACTORS: Mapping[str, Decimal] = {
    "batch": Decimal("0.5"),
    "flex": Decimal("0.5"),
    "priority": Decimal(2),
}
"""By what a batch or a service tier other than the default multiplies a token price."""

LONG_CONTEXT = 272_000
"""Tokens of input beyond which a whole request is billed as one of long context."""

LONG_FACTOR = Decimal(2)
"""By what a long context multiplies a token price."""

IMAGE_PRICES: Mapping[tuple[str, str], Decimal] = {
    ("dall-e-3", "1024x1024"): Decimal("0.04"),
    ("dall-e-3", "1024x1792"): Decimal("0.08"),
}
"""Dollars for one image, by model and size."""

UNIT_PRICES: Mapping[str, Decimal] = {
    "audio_speeches": Decimal("0.000015"),  # a character
    "audio_transcriptions": Decimal("0.0001"),  # a second
    "file_search_calls": Decimal("0.0025"),  # a call
    "web_search_calls": Decimal("0.01"),  # a call
    "code_interpreter_sessions": Decimal("0.03"),  # a session
    "vector_stores": Decimal("0.1"),  # a GiB for a day
}
"""Dollars for one unit of what is not paid by the token, by endpoint."""

GIB = 1 << 30


_UNIT_ITEMS: Mapping[str, tuple[str, str, str | None]] = {
    "audio_speeches": ("{model}, speech", "characters", "characters"),
    "audio_transcriptions": ("{model}, audio", "seconds", "duration_seconds"),
    "file_search_calls": ("file search tool calls", "num_requests", None),
    "web_search_calls": ("web search tool calls", "num_requests", None),
    "code_interpreter_sessions": ("code interpreter sessions", "num_sessions", None),
}
"""Endpoint -> the name of its line item, the metric that is paid for, and its unit."""


@attrs.frozen
class LineItem:
    """What one request of a stream adds to one line of the bill.

    `pico` is money in picodollars; `quantity` counts `unit` (None where the API has no unit for
    it, as for calls and sessions).
    """

    name: str
    pico: int
    quantity: Decimal
    unit: str | None


def tier(batch: bool, service_tier: str | None) -> str | None:
    """Return the key of `TIER_FACTORS` for these dimensions, None for the plain price."""
    if batch:
        return "batch"
    return service_tier if service_tier in TIER_FACTORS else None


def line_items(stream: Stream) -> tuple[LineItem, ...]:
    """Return the lines of the bill that a request of this stream adds to; none if it is free."""
    if stream.endpoint in ("completions", "decisions", "embeddings"):
        return tuple(_token_items(stream))
    if stream.endpoint == "images":
        return (_image_item(stream),)
    if stream.endpoint == "vector_stores":
        return (_storage_item(stream),)
    return (_unit_item(stream),) if stream.endpoint in _UNIT_ITEMS else ()


def _token_items(stream: Stream) -> Iterator[LineItem]:
    model = str(stream.dimensions["model"])
    prices = TOKEN_PRICES[model]
    if stream.endpoint == "embeddings":
        yield _tokens(model, "input", stream.per_request["input_tokens"], prices["input"], None)
        return
    dimensions = stream.dimensions
    rate = tier(bool(dimensions.get("batch")), _text(dimensions.get("service_tier")))
    counts: dict[str, int] = {}
    for metric, kind in TOKEN_KINDS.items():
        counts[kind] = counts.get(kind, 0) + stream.per_request.get(metric, 0)
    is_long = stream.per_request.get("input_tokens", 0) > LONG_CONTEXT
    for kind, count in counts.items():
        if count:
            yield _tokens(model, kind, count, prices[kind], rate, is_long=is_long)


def _tokens(
    model: str, kind: str, count: int, price: Decimal, rate: str | None, *, is_long: bool = False
) -> LineItem:
    name = f"{model}, {kind}" if rate is None else f"{rate} | {model}, {kind}"
    factor = TIER_FACTORS[rate] if rate else Decimal(1)
    if is_long:
        name += ", long context"
        factor *= LONG_FACTOR
    return LineItem(name, _pico(count * price * factor / 1_000_000), Decimal(count), "tokens")


def _image_item(stream: Stream) -> LineItem:
    model, size = str(stream.dimensions["model"]), str(stream.dimensions["size"])
    count = stream.per_request["images"]
    price = IMAGE_PRICES[model, size]
    return LineItem(f"{model}, {size}", _pico(count * price), Decimal(count), "images")


def _storage_item(stream: Stream) -> LineItem:
    days = Decimal(stream.per_request["usage_bytes"]) / GIB
    pico = _pico(days * UNIT_PRICES["vector_stores"])
    return LineItem("vector storage", pico, days * 24, "gibibyte_hours")


def _unit_item(stream: Stream) -> LineItem:
    name, metric, unit = _UNIT_ITEMS[stream.endpoint]
    model = str(stream.dimensions.get("model"))
    count = stream.per_request[metric]
    pico = _pico(count * UNIT_PRICES[stream.endpoint])
    return LineItem(name.format(model=model), pico, Decimal(count), unit)


def _pico(dollars: Decimal) -> int:
    exact = dollars.scaleb(PICO)
    whole = int(exact)
    if whole != exact:
        raise ValueError(f"{dollars} USD is not a whole number of picodollars")
    return whole


def _text(value: str | bool | None) -> str | None:
    return value if isinstance(value, str) else None
