"""What type checkers see of `stream` and `collect` is what the endpoints' declarations say."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterable
from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin, get_overloads, get_type_hints

import pytest

from openai_admin.resources.usage import ByCost
from openai_admin.usage.endpoints import Endpoint, endpoints
from openai_admin.usage.filters import AnyTable, EndpointName
from openai_admin.usage.line_items import ByPart
from openai_admin.usage.overloads import AsyncCollect, AsyncStream, BlockingCollect, BlockingStream
from openai_admin.usage.queries import UsageQueries
from openai_admin.usage.table import UsageTable

_OF_EACH = {"group_by", "filters"}  # what differs by endpoint


def _seen(protocol: type, argument: str) -> dict[str, tuple[dict[str, Any], Any]]:
    """By endpoint, the hints of what an overload takes and of what it gives."""
    found: dict[str, tuple[dict[str, Any], Any]] = {}
    # A method of a protocol has no body that they could be looked up by.
    called: Any = SimpleNamespace(
        __module__=protocol.__module__, __qualname__=f"{protocol.__name__}.__call__"
    )
    for overload in get_overloads(called):
        hints = get_type_hints(overload)
        if get_origin(hints[argument]) is Literal:
            (query,) = get_args(hints["query"])
            for name in get_args(hints[argument]):
                assert name not in found
                found[name] = get_type_hints(query), hints["return"]
    return found


def _shared(method: str) -> dict[str, Any]:
    """The hints of what the method takes for every endpoint."""
    function = getattr(UsageQueries, method)
    parameters = inspect.signature(function).parameters.values()
    keywords = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    return {n: h for n, h in get_type_hints(function).items() if n in keywords - _OF_EACH}


def _declared(endpoint: Endpoint, method: str) -> dict[str, Any]:
    """The hints of all that the method takes for an endpoint, from the declarations."""
    own = get_type_hints(endpoint.operation.function)
    taken = {n: own[n] for n in ("group_by", *endpoint.filters)}
    if endpoint.name == "costs":
        taken["bucket_width"] = Literal["1d"]
        if method == "collect":
            taken["group_by"] = Iterable[Literal[ByCost, ByPart]] | None
    return {**_shared(method), **taken}


# As values, which take their item at run time.
_ASYNC_GENERATOR: Any = AsyncGenerator
_GENERATOR: Any = Generator

SURFACES: dict[type, tuple[str, str, Any]] = {
    AsyncStream: ("stream", "endpoint", lambda item: _ASYNC_GENERATOR[item, None]),
    BlockingStream: ("stream", "endpoint", lambda item: _GENERATOR[item, None, None]),
    AsyncCollect: ("collect", "endpoints", lambda _: Coroutine[Any, Any, UsageTable]),
    BlockingCollect: ("collect", "endpoints", lambda _: UsageTable),
}


@pytest.mark.parametrize("protocol", SURFACES, ids=lambda protocol: protocol.__name__)
def test_each_endpoint_takes_and_gives_what_it_is_declared_to(protocol: type) -> None:
    method, argument, given = SURFACES[protocol]
    seen = _seen(protocol, argument)
    assert seen.keys() - {"all"} == endpoints().keys() == set(get_args(EndpointName))
    for endpoint in endpoints().values():
        takes, gives = seen[endpoint.name]
        assert takes == _declared(endpoint, method), endpoint.name
        assert gives == given(endpoint.operation.result), endpoint.name


def test_several_endpoints_take_what_any_of_them_does() -> None:
    of_each = [(*endpoint.groups, *endpoint.derived) for endpoint in endpoints().values()]
    groups = {group for groups in of_each for group in groups}
    filters = {
        name: hint
        for endpoint in endpoints().values()
        for name, hint in get_type_hints(endpoint.operation.function).items()
        if name in endpoint.filters
    }
    takes = get_type_hints(AnyTable)
    (listed, _) = get_args(takes.pop("group_by"))
    assert get_origin(listed) is Iterable
    assert set(get_args(*get_args(listed))) == groups
    assert takes == {**_shared("collect"), **filters}
