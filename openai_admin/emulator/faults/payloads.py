"""Answers whose JSON is not what it should be. Error answers are left as they are."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal, get_args

import attrs
import msgspec
from aiohttp import web

from .fault import Exchange, Fault, one_of
from .raw import content

UNKNOWN = "emulator_unknown"
"""The name and value of what no client can know."""

Shape = Literal["array", "text", "null", "object"]

# Numbers keep their digits: an amount is not a float.
decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode

_WHAT_WHICH_WHEN = {"object", "type", "id", "deleted", "created_at", "added_at", "effective_at"}
_PAGING = {"data", "results", "has_more", "first_id", "last_id", "next", "next_page"}
_NEVER_NULL = _WHAT_WHICH_WHEN | _PAGING | {"start_time", "end_time"}
_CHOSEN = (
    "role",
    "status",
    "mode",
    "user_type",
    "group_type",
    "owner_project_access",
    "purpose",
    "quantity_unit",
    "residency",
    "service_tier",
    "source",
)


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class JSONFault(Fault):
    """A change to the JSON object of a successful answer."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        if answer.status < 300:
            answer.body = encode(self.change(decode(content(answer)), exchange))
        return answer

    @abc.abstractmethod
    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        """The JSON to send in place of this, which may be changed in place."""


@attrs.frozen(kw_only=True)
class CutJSON(Fault):
    """The JSON ends in the middle, though the answer is whole for HTTP."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        body = content(answer)
        answer.body = body[: len(body) // 2]
        return answer


@attrs.frozen(kw_only=True)
class OtherShape(JSONFault):
    """The answer is JSON of another shape: an array, a text, null, or an object of other fields."""

    shape: Shape = attrs.field(default="array", validator=one_of(get_args(Shape)))

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        others: dict[str, Any] = {
            "array": [value],
            "text": UNKNOWN,
            "null": None,
            "object": {"data": {UNKNOWN: True}, "id": [1], "object": 7},
        }
        return others[self.shape]


@attrs.frozen(kw_only=True)
class StringAmounts(JSONFault):
    """Amounts of money come as text, `"value": "0.06"`, as the API has sent them at times."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for item in items(value):
            amount = item.get("amount")
            if isinstance(amount, dict) and not isinstance(amount.get("value"), str):
                amount["value"] = str(amount.get("value"))
        return value


@attrs.frozen(kw_only=True)
class Nulls(JSONFault):
    """Members of the items are null: those named, or all that may be missing.

    The latter are all but those for the type, the id and the time of an object, and for paging.
    """

    fields: tuple[str, ...] = attrs.field(default=(), converter=_names)

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for item in items(value):
            for name in item:
                if name in self.fields if self.fields else name not in _NEVER_NULL:
                    item[name] = None
        return value


@attrs.frozen(kw_only=True)
class UnknownFields(JSONFault):
    """Every object, at every depth, has a member that no client knows."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for found in list(_objects(value)):
            found[UNKNOWN] = {"nested": [1, None, {"deep": True}]}
        return value


@attrs.frozen(kw_only=True)
class UnknownValues(JSONFault):
    """Members that are one of a few choices have a value that no client knows."""

    fields: tuple[str, ...] = attrs.field(default=_CHOSEN, converter=_names)

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for found in _objects(value):
            for name in found.keys() & set(self.fields):
                if isinstance(found[name], str):
                    found[name] = UNKNOWN
        return value


@attrs.frozen(kw_only=True)
class UnknownEvents(JSONFault):
    """Audit log events are of a type that no client knows, their payload under its name."""

    share: float = attrs.field(
        default=1.0, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )
    """The share of the events on a page."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for event in items(value):
            if "effective_at" in event and exchange.random.random() < self.share:
                payload = event.pop(event["type"], None)
                event["type"] = f"{UNKNOWN}.happened"
                event[event["type"]] = payload
        return value


def items(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects of an answer: a listing's items, the results of buckets, or a single object."""
    data = value.get("data")
    if not isinstance(data, list):
        yield value
        return
    for item in data:
        if isinstance(item, dict):
            results = item.get("results")
            yield from results if isinstance(results, list) else (item,)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for member in list(value.values()):
            yield from _objects(member)
    elif isinstance(value, list):
        for member in value:
            yield from _objects(member)
