"""What is sent with some calls besides what their arguments become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

import attrs
from msgspec.structs import replace

from .._declare.arguments import shown
from .._declare.operation import OPERATIONS, Call
from .._wire.codec import body_json, decode, to_dict, to_json
from .._wire.http import encode_query
from ..errors import InvalidInputError


@attrs.frozen
class Extras:
    """Parameters and fields that no operation declares, such as a newer API's.

    Args:
        query: parameters by their wire names; lists become repeated keys.
        body: fields of the JSON body by their wire names.

    Raises:
        InvalidInputError: one of them is not a mapping, or cannot be sent.
    """

    query: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    body: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    _encoded: str = attrs.field(init=False, repr=False, default="")

    def __attrs_post_init__(self) -> None:
        for name, given in (("extra_query", self.query), ("extra_body", self.body)):
            if not isinstance(given, Mapping):
                raise InvalidInputError(
                    f"{name} must be a mapping of names to values, not {shown(given)}."
                )
            if others := [each for each in given if not isinstance(each, str)]:
                raise InvalidInputError(f"{name}: a name must be text, not {shown(others[0])}.")
        object.__setattr__(self, "_encoded", encode_query(self.query.items()))
        body_json(self.body)

    def added_to(self, call: Call) -> Call:
        """The same call with these.

        Raises:
            InvalidInputError: one of them is the call's own, or it has no body to add to.
        """
        request = call.request
        if self._encoded:
            own = _names_in(request.target.partition("?")[2]) | _declared(call, "query")
            _refuse(call, "extra_query", _names_in(self._encoded) & own)
            separator = "&" if "?" in request.target else "?"
            target = f"{request.target}{separator}{self._encoded}"
            request = replace(request, target=target)
        if self.body:
            sent = None if request.body is None else decode(request.body, Any)
            if not isinstance(sent, dict):
                raise InvalidInputError(
                    f"extra_body cannot be sent with {call.name}, which sends no JSON object."
                )
            own = sent.keys() | _declared(call, "body")
            _refuse(call, "extra_body", self.body.keys() & own)
            body = to_json(sent | to_dict(self.body, secrets=True))
            request = replace(request, body=body)
        return replace(call, request=request)


def _names_in(query: str) -> set[str]:
    """The parameters of a query; those in brackets by the name before."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return {name.partition("[")[0] for name, _ in pairs}


def _declared(call: Call, place: Literal["query", "body"]) -> set[str]:
    """The names that the call's own arguments have on the wire."""
    operation = OPERATIONS.get(call.name)
    parameters = () if operation is None else operation.parameters.values()
    return {p.wire.partition("[")[0] for p in parameters if p.place == place}


def _refuse(call: Call, where: str, own: set[str]) -> None:
    if own:
        raise InvalidInputError(
            f"{where} must not have {min(own)!r}, which {call.name} takes as an argument."
        )
