"""The rows of usage and costs as JSON text.

They are written rather than built and then encoded: an answer of a large organization has
hundreds of thousands, most of which differ in a few numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from struct import Struct
from typing import Any

import msgspec

from .counters import LANE
from .endpoints import COST_DIMENSIONS, Endpoint
from .prices import PICO

UNIT = 1 << 30
"""What a quantity of one is counted as, so that the gibibytes of some bytes are a whole number."""

_KEPT = 20_000
"""Heads at hand, of about half a kilobyte: of what is mixed hardly two are alike, of one kind of
request there are as many as it has counts."""
_DOLLAR = 10**PICO


class Heads(dict[int, bytes]):
    """The first part of a row, which has the metrics, by how many times they come.

    What was written is at hand until it is too much.
    """

    def __init__(self, template: bytes, lanes: Struct, packed: int) -> None:
        super().__init__()
        self._template = template
        self._lanes = lanes
        self._packed = packed

    def __missing__(self, times: int) -> bytes:
        if len(self) >= _KEPT:
            self.clear()
        packed = (self._packed * times).to_bytes(self._lanes.size, "little")
        text = self[times] = self._template % self._lanes.unpack(packed)
        return text


class UsageRows:
    """Writes the rows of one endpoint: a head of metrics, and a tail that all of a group have."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._dimensions = endpoint.dimensions
        self._lanes = Struct(f"<{LANE // 64 * len(endpoint.metrics)}Q")
        metrics = ",".join(f'"{metric}":%d' for metric in endpoint.metrics)
        self._template = f'{{"object":"{endpoint.object}",{metrics},'.encode()
        self._heads: dict[int, Heads] = {}

    def heads(self, packed: int) -> Heads:
        """The heads of so many times some packed metrics."""
        heads = self._heads.get(packed)
        if heads is None:
            heads = self._heads[packed] = Heads(self._template, self._lanes, packed)
        return heads

    def tail(self, group: Mapping[str, Any]) -> bytes:
        """The part of a row that has the dimensions, of which those not grouped by are null."""
        return _members(self._dimensions, group) + b"}"


class CostRows:
    """Writes the rows of one group: what it costs in picodollars, and quantities in `UNIT`."""

    def __init__(self, group: Mapping[str, Any], unit: str | None) -> None:
        dimensions = _members(COST_DIMENSIONS, group)
        self._itemized = "line_item" in group
        self._middle = b',"currency":"usd"},' + dimensions + b',"quantity":'
        self._tail = b',"quantity_unit":' + (_json(unit) if self._itemized else b"null") + b"}"

    def row(self, pico: int, quantity: int) -> bytes:
        """One row; a quantity means something where all of it is one line item."""
        dollars, rest = divmod(pico, _DOLLAR)
        value = f"{dollars}.{rest:012d}".rstrip("0") if rest else str(dollars)
        counted = _number(quantity) if self._itemized else "null"
        head = f'{{"object":"organization.costs.result","amount":{{"value":{value}'
        return head.encode() + self._middle + counted.encode() + self._tail


def array(rows: Iterable[bytes]) -> bytes:
    """Rows as a JSON array."""
    return b"[" + b",".join(rows) + b"]"


def read(rows: bytes) -> list[dict[str, Any]]:
    """The rows of a JSON array, what is not a whole number as an exact decimal."""
    found: list[dict[str, Any]] = _DECODER.decode(rows)
    return found


def _number(quantity: int) -> str:
    if quantity % UNIT == 0:
        return str(quantity // UNIT)
    return format((Decimal(quantity) / UNIT).normalize(), "f")


def _members(names: Iterable[str], values: Mapping[str, Any]) -> bytes:
    return _json({name: values.get(name) for name in names})[1:-1]


_json = msgspec.json.Encoder().encode
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
