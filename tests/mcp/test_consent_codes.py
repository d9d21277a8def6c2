"""Where nobody can be asked: a code for one call, for ten minutes, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import attrs
import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.mcp import Connections, Settings, ToolSelection
from openai_admin.mcp.consent.codes import Bound, Codes, digest
from tests.mcp.serving import (
    LEGACY,
    MODERN,
    call,
    changes,
    code_in,
    connections_to,
    failed,
    http_client,
    listening,
    stdio_client,
    texts,
)

BOTH = pytest.mark.parametrize("mode", [LEGACY, MODERN])
TEN_MINUTES = 600.0


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def bound(arguments: Mapping[str, Any] | None = None) -> Bound:
    given = {"user_id": "user-1"} if arguments is None else arguments
    return Bound("tool", {n: digest(v) for n, v in given.items()}, "demo", "key", "party")


def test_a_code_is_good_once() -> None:
    codes = Codes()
    code = codes.give(bound())
    assert codes.take(code, bound()) is None
    assert codes.take(code, bound()) == "it was used already"


def test_a_code_is_good_for_ten_minutes() -> None:
    clock = Clock()
    codes = Codes(clock)
    first, second = codes.give(bound({"a": 1})), codes.give(bound({"a": 2}))
    clock.seconds = TEN_MINUTES - 1
    assert codes.take(first, bound({"a": 1})) is None
    clock.seconds = TEN_MINUTES
    assert codes.take(second, bound({"a": 2})) == "it has expired after 10 minutes"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"tool": "other"}, "given for tool"),
        ({"connection": "prod"}, "given for the connection demo"),
        ({"key": "k2"}, "given for another admin key"),
        ({"party": "p2"}, "has not given it to you"),
        ({"arguments": {"user_id": digest("user-2")}}, "other arguments (user_id)"),
        ({"arguments": {}}, "other arguments (user_id)"),
        (
            {"arguments": {"user_id": digest("user-1"), "role": digest("owner")}},
            "other arguments (role)",
        ),
    ],
)
def test_a_code_is_good_for_one_call_alone(other: dict[str, Any], why: str) -> None:
    codes = Codes()
    code = codes.give(bound())
    assert why in (codes.take(code, attrs.evolve(bound(), **other)) or "")
    assert codes.take(code, bound()) is None  # it was not used up


def test_arguments_are_the_same_in_whatever_order_their_fields_come() -> None:
    assert digest({"a": [1, {"x": 1, "y": 2}]}) == digest({"a": [1, {"y": 2, "x": 1}]})
    assert digest(["a", "b"]) != digest(["b", "a"])
    assert len({digest(each) for each in (1, "1", True, None, [1], {"1": 1})}) == 6


def test_the_newest_code_for_a_call_is_the_one_that_is_good() -> None:
    """Else a call that was refused twice could be made twice."""
    codes = Codes()
    first, second = codes.give(bound()), codes.give(bound())
    assert codes.take(first, bound()) == "a newer code was given for the same call"
    assert codes.take(second, bound()) is None


def test_a_code_is_not_of_another_form_when_it_is_written_otherwise() -> None:
    codes = Codes()
    code = codes.give(bound())
    assert codes.take(f" {code[:4].lower()}-{code[4:]} ", bound()) is None


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    codes = Codes()
    first = codes.give(bound({"number": 0}))
    for number in range(1, 2_500):
        latest = codes.give(bound({"number": number}))
    assert "has not given it" in (codes.take(first, bound({"number": 0})) or "")
    assert codes.take(latest, bound({"number": 2_499})) is None
    assert len(codes._given) <= 2_000
    assert len(codes._open) <= 2_000


# --- over HTTP -----------------------------------------------------------------------------


@attrs.frozen
class Served:
    """Two organizations, and a server that has a connection to each."""

    emulator: Emulator
    other: Emulator
    url: str


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[Served]:
    settings = Settings(choice=ToolSelection(toolsets=["all"]))
    async with (
        Emulator(state="empty") as emulator,
        Emulator(state="empty") as other,
        connections_to(emulator, other) as connections,
        listening(connections, settings) as url,
    ):
        yield Served(emulator, other, url)


@pytest.fixture
def served(shared: Served) -> Served:
    shared.emulator.requests.clear()
    shared.other.requests.clear()
    return shared


HERE: dict[str, Any] = {"PCID": "demo"}
KEY = "create_admin_api_key"


@BOTH
@pytest.mark.asyncio(loop_scope="module")
async def test_a_code_carries_a_call_out_once(mode: str, served: Served) -> None:
    async with http_client(served.url, mode) as client:
        refused = await failed(client, KEY, **HERE, name="ci")
        assert changes(served.emulator) == []
        code = code_in(refused)
        made = await call(client, KEY, **HERE, name="ci", confirm=code)
        assert made["secret"].startswith("sk-admin-")
        assert changes(served.emulator) == ["admin_api_keys.create"]
        again = await failed(client, KEY, **HERE, name="ci", confirm=code)
        assert "used already" in again
    assert changes(served.emulator) == ["admin_api_keys.create"]


@BOTH
@pytest.mark.asyncio(loop_scope="module")
async def test_a_code_that_is_not_this_calls_is_refused_with_why(mode: str, served: Served) -> None:
    async with http_client(served.url, mode) as client:
        code = code_in(await failed(client, KEY, **HERE, name="ci"))
        for arguments, why in (
            ({**HERE, "name": "other"}, "other arguments (name)"),
            ({**HERE, "name": "ci", "expires_in_seconds": 60}, "(expires_in_seconds)"),
            ({"PCID": "demo2", "name": "ci"}, "the connection demo"),
        ):
            said = await failed(client, KEY, **arguments, confirm=code)
            assert why in said
            assert "call without confirm" in said
        said = await failed(client, "create_group", **HERE, name="ci", confirm=code)
        assert "no parameter" in said  # it never asks
        said = await failed(client, "delete_admin_api_key", **HERE, key_id="key_1", confirm=code)
        assert f"given for openai_admin_{KEY}" in said
        assert changes(served.emulator) == changes(served.other) == []
        await call(client, KEY, **HERE, name="ci", confirm=code)


@BOTH
@pytest.mark.parametrize("confirm", [True, "yes", "true", "AAAAAAAA", 1, ["x"]])
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_no_code_is_refused(mode: str, confirm: Any, served: Served) -> None:
    async with http_client(served.url, mode) as client:
        said = await failed(client, KEY, **HERE, name="ci", confirm=confirm)
    assert "confirm" in said
    assert "code that the refusal of this call shows" in said or "not good for this call" in said
    assert "call without confirm" in said
    assert list(served.emulator.requests) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_code_is_of_one_session(served: Served) -> None:
    async with http_client(served.url) as one, http_client(served.url) as two:
        code = code_in(await failed(one, KEY, **HERE, name="ci"))
        said = await failed(two, KEY, **HERE, name="ci", confirm=code)
        assert "has not given it to you" in said
        assert changes(served.emulator) == []
        await call(one, KEY, **HERE, name="ci", confirm=code)


@pytest.mark.asyncio(loop_scope="module")
async def test_without_sessions_a_code_is_of_one_bearer(served: Served) -> None:
    """The protocol of today has none: each request stands by itself."""

    def bearer(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    async with http_client(served.url, MODERN, headers=bearer("one")) as client:
        code = code_in(await failed(client, KEY, **HERE, name="ci"))
    async with http_client(served.url, MODERN, headers=bearer("two")) as client:
        said = await failed(client, KEY, **HERE, name="ci", confirm=code)
        assert "has not given it to you" in said
    assert changes(served.emulator) == []
    async with http_client(served.url, MODERN, headers=bearer("one")) as client:
        await call(client, KEY, **HERE, name="ci", confirm=code)


@BOTH
@pytest.mark.asyncio(loop_scope="module")
async def test_of_calls_at_once_with_one_code_one_is_carried_out(mode: str, served: Served) -> None:
    async with http_client(served.url, mode) as client:
        code = code_in(await failed(client, KEY, **HERE, name="ci"))
        arguments = {**HERE, "name": "ci", "confirm": code}
        results = await asyncio.gather(
            *(client.call_tool(f"openai_admin_{KEY}", arguments) for _ in range(5))
        )
    # One that comes while the first is carried out is answered with what came of that one.
    made = {r.structured_content["id"] for r in results if not r.is_error}
    assert len(made) == 1
    assert all("used already" in texts(result) for result in results if result.is_error)
    assert changes(served.emulator) == ["admin_api_keys.create"]


async def test_a_key_that_has_changed_takes_no_code_of_the_old_one(emulator: Emulator) -> None:
    keys = [emulator.admin_key]
    async with AsyncOpenAIAdmin(lambda: keys[-1], base_url=emulator.base_url) as admin:
        other = (await admin.admin_api_keys.create(name="other")).value
        settings = Settings(choice=ToolSelection(toolsets=["all"]))
        async with (
            listening(Connections({"demo": admin}), settings) as url,
            http_client(url) as client,
        ):
            code = code_in(await failed(client, KEY, name="ci"))
            keys.append(other)
            emulator.requests.clear()
            said = await failed(client, KEY, name="ci", confirm=code)
    assert "another admin key" in said
    assert changes(emulator) == []


async def test_over_pipes_a_code_is_of_the_process(emulator: Emulator) -> None:
    environment = {"OPENAI_ADMIN_KEY": emulator.admin_key, "OPENAI_BASE_URL": emulator.base_url}
    async with stdio_client("--toolset", "all", environment=environment) as client:
        code = code_in(await failed(client, KEY, name="ci"))
        assert changes(emulator) == []
        await call(client, KEY, name="ci", confirm=code)
    assert changes(emulator) == ["admin_api_keys.create"]
