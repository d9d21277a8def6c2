"""The emulator over a real socket: routing, checks, keys, headers, records, life cycle."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from openai_admin.emulator import Emulator
from openai_admin.emulator.routing import Handlers
from tests.emulator.things import HANDLERS, Things

NOW = 1_790_000_000
PROJECT = "/organization/projects/proj_1"


class Tick:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Tick:
    return Tick()


@pytest.fixture
async def emulator(clock: Tick) -> AsyncIterator[Emulator]:
    async with Emulator(state="empty", seed=3, now=clock, handlers=HANDLERS) as emulator:
        yield emulator


class Client:
    """Bare aiohttp, so that only the emulator is tested."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self._emulator = emulator
        self._session = session

    async def __call__(
        self, method: str, path: str, *, key: str | None = "", **options: Any
    ) -> tuple[int, Any]:
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key or self._emulator.admin_key}"
        url = self._emulator.base_url + path
        async with self._session.request(method, url, headers=headers, **options) as response:
            self.headers = response.headers
            return response.status, await response.json()


@pytest.fixture
async def ask(emulator: Emulator) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(emulator, session)


def error(message: str, *, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
    }


async def test_what_one_call_makes_the_next_one_sees(emulator: Emulator, ask: Client) -> None:
    status, made = await ask("POST", f"{PROJECT}/things", json={"name": "Łódź", "size": 3})
    assert status == 200
    assert made == {"id": made["id"], "name": "Łódź", "size": 3}
    assert await ask("GET", f"{PROJECT}/things/{made['id']}") == (200, made)
    status, listed = await ask("GET", f"{PROJECT}/things")
    assert listed["data"] == [made]
    assert await ask("DELETE", f"{PROJECT}/things/{made['id']}") == (
        200,
        {"id": made["id"], "deleted": True},
    )
    status, gone = await ask("GET", f"{PROJECT}/things/{made['id']}")
    assert status == 404
    assert gone == error(f"No user found with id '{made['id']}'.", code="not_found")
    [event] = emulator.store.audit_logs
    owner = emulator.store.first_owner()
    assert event["actor"]["api_key"]["user"] == {"id": owner["id"], "email": owner["email"]}
    assert event["user.added"] == {"id": made["id"]}


async def test_a_literal_segment_wins_over_an_argument(ask: Client) -> None:
    assert await ask("POST", f"{PROJECT}/things/activate") == (200, {"activated": 0})
    status, body = await ask("GET", f"{PROJECT}/things/activate")
    assert status == 404
    assert body["error"]["message"] == "No user found with id 'activate'."


async def test_path_arguments_are_decoded_one_segment_at_a_time(
    emulator: Emulator, ask: Client
) -> None:
    emulator.store.project_users["a/b"].add({"id": "ü 1%"})
    url = "/organization/projects/a%2Fb/things/%C3%BC%201%25"
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            URL(emulator.base_url + url, encoded=True),
            headers={"Authorization": f"Bearer {emulator.admin_key}"},
        ) as response,
    ):
        assert await response.json() == {"id": "ü 1%"}
    assert emulator.requests[-1].path == f"/v1{url}"


@pytest.mark.parametrize(
    "path",
    [
        "/organization/nowhere",
        "/organization/projects//things",
        "/organization/projects/proj_1/things/",
        "",
    ],
)
async def test_an_unknown_address_is_404(ask: Client, path: str) -> None:
    assert await ask("GET", path) == (
        404,
        error(f"Invalid URL (GET /v1{path})", code="unknown_url"),
    )


async def test_an_address_outside_the_base_path_is_404(emulator: Emulator) -> None:
    url = emulator.base_url.removesuffix("/v1") + "/v1beta/organization/projects"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 404
        assert await response.json() == error(
            "Invalid URL (GET /v1beta/organization/projects)", code="unknown_url"
        )


async def test_a_method_that_the_address_does_not_have_is_405(ask: Client) -> None:
    status, body = await ask("PATCH", f"{PROJECT}/things")
    assert status == 405
    assert body["error"]["code"] == "method_not_supported"


async def test_a_request_without_a_key_is_401(emulator: Emulator, ask: Client) -> None:
    status, body = await ask("GET", f"{PROJECT}/things", key=None)
    assert status == 401
    assert body["error"]["message"].startswith("You didn't provide an API key.")
    status, body = await ask(
        "GET", f"{PROJECT}/things", key=None, headers={"Authorization": emulator.admin_key}
    )
    assert status == 401


async def test_an_unknown_key_is_401_and_redacted(ask: Client) -> None:
    status, body = await ask("GET", f"{PROJECT}/things", key="sk-admin-canary-canary-wxyz")
    assert status == 401
    assert body == error(
        "Incorrect API key provided: sk-admin-****wxyz. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    )


async def test_a_key_that_is_not_an_admin_key_is_403(emulator: Emulator, ask: Client) -> None:
    key = emulator.add_key(admin=False)
    assert key.startswith("sk-proj-")
    status, body = await ask("GET", f"{PROJECT}/things", key=key)
    assert status == 403
    assert body["error"]["message"].startswith(
        "You have insufficient permissions for this operation. Missing scopes: api.management.read."
    )
    assert body["error"]["code"] == "missing_scope"


async def test_a_read_only_key_changes_nothing(emulator: Emulator, ask: Client) -> None:
    key = emulator.add_key(read_only=True)
    assert (await ask("GET", f"{PROJECT}/things", key=key))[0] == 200
    status, body = await ask("POST", f"{PROJECT}/things", key=key, json={"name": "no"})
    assert status == 403
    assert "Missing scopes: api.management.write." in body["error"]["message"]
    assert (await ask("GET", f"{PROJECT}/things", key=key))[1]["data"] == []
    assert len(emulator.store.audit_logs) == 0


async def test_a_restricted_key_has_its_scopes_only(emulator: Emulator, ask: Client) -> None:
    key = emulator.add_key(scopes=["api.usage.read"])
    status, body = await ask("GET", f"{PROJECT}/things", key=key)
    assert status == 403
    assert "Missing scopes: api.management.read." in body["error"]["message"]


async def test_a_key_ends_when_it_expires(emulator: Emulator, ask: Client, clock: Tick) -> None:
    key = emulator.add_key(expires_at=NOW + 60)
    assert (await ask("GET", f"{PROJECT}/things", key=key))[0] == 200
    clock.now += 60
    assert (await ask("GET", f"{PROJECT}/things", key=key))[0] == 401


async def test_the_organization_header_must_be_the_keys(emulator: Emulator, ask: Client) -> None:
    own = emulator.store.organization["id"]
    headers = {"OpenAI-Organization": own}
    assert (await ask("GET", f"{PROJECT}/things", headers=headers))[0] == 200
    headers = {"OpenAI-Organization": "org-other"}
    assert await ask("GET", f"{PROJECT}/things", headers=headers) == (
        401,
        error(
            "OpenAI-Organization header should match organization for API key",
            code="mismatched_organization",
        ),
    )


async def test_the_use_of_an_admin_key_is_noted(
    emulator: Emulator, ask: Client, clock: Tick
) -> None:
    [record] = emulator.store.admin_api_keys
    assert record["last_used_at"] is None
    clock.now += 5
    await ask("GET", f"{PROJECT}/things")
    assert emulator.store.admin_api_keys.get(record["id"])["last_used_at"] == NOW + 5


@pytest.mark.parametrize(
    ("content", "message", "param", "code"),
    [
        ("{}", "Missing required parameter: 'name'.", "name", "missing_required_parameter"),
        ("", "Missing required parameter: 'name'.", "name", "missing_required_parameter"),
        (
            '{"name": 5}',
            "Invalid type for 'name': expected a string, but got an integer instead.",
            "name",
            "invalid_type",
        ),
        (
            '{"name": null}',
            "Invalid type for 'name': expected a string, but got null instead.",
            "name",
            "invalid_type",
        ),
        (
            '{"name": "a", "size": true}',
            "Invalid type for 'size': expected an integer, but got a boolean instead.",
            "size",
            "invalid_type",
        ),
        (
            '{"name": "a", "size": 1.5}',
            "Invalid type for 'size': expected an integer, but got a decimal instead.",
            "size",
            "invalid_type",
        ),
        (
            '{"name": "a", "colour": "green"}',
            "Invalid value: 'green'. Supported values are: 'red' and 'blue'.",
            "colour",
            "invalid_value",
        ),
        (
            '{"name": "a", "tags": "x"}',
            "Invalid type for 'tags': expected an array, but got a string instead.",
            "tags",
            "invalid_type",
        ),
        (
            '{"name": "a", "tags": ["x", {}]}',
            "Invalid type for 'tags[1]': expected a string, but got an object instead.",
            "tags[1]",
            "invalid_type",
        ),
        (
            '{"name": "a", "options": []}',
            "Invalid type for 'options': expected an object, but got an array instead.",
            "options",
            "invalid_type",
        ),
        ('{"name": "a", "sise": 1}', "Unknown parameter: 'sise'.", "sise", "unknown_parameter"),
        (
            "[]",
            "Invalid body: expected an object, but got an array instead.",
            None,
            "invalid_type",
        ),
    ],
)
async def test_a_wrong_body_is_400_and_nothing_is_done(
    emulator: Emulator,
    ask: Client,
    content: str,
    message: str,
    param: str | None,
    code: str,
) -> None:
    assert await ask("POST", f"{PROJECT}/things", data=content) == (
        400,
        error(message, param=param, code=code),
    )
    assert len(emulator.store.project_users["proj_1"]) == 0


async def test_a_body_that_is_not_json_is_400(ask: Client) -> None:
    for content in (b'{"name": "a"', b"\xff\xfe", b'{"name": "\xff"}', b'{"name": "\\ud800"}'):
        status, body = await ask("POST", f"{PROJECT}/things", data=content)
        assert status == 400
        assert body["error"]["message"].startswith("We could not parse the JSON body")


async def test_a_body_that_is_too_large_is_413(emulator: Emulator, ask: Client) -> None:
    content = io.BytesIO(b'{"name": "%s"}' % (b"x" * 2_000_000))
    status, body = await ask("POST", f"{PROJECT}/things", data=content)
    assert (status, body["error"]["code"]) == (413, "request_too_large")
    assert len(emulator.store.project_users["proj_1"]) == 0


async def test_null_is_accepted_where_it_is_declared(ask: Client) -> None:
    status, made = await ask("POST", f"{PROJECT}/things", json={"name": "a", "colour": None})
    assert (status, made["colour"]) == (200, None)


async def test_an_unknown_query_parameter_is_400(ask: Client) -> None:
    assert await ask("GET", f"{PROJECT}/things?limit=5&shape=round") == (
        400,
        error("Unknown parameter: 'shape'.", param="shape", code="unknown_parameter"),
    )


async def test_every_answer_has_the_apis_headers(emulator: Emulator, ask: Client) -> None:
    request_ids = set()
    for path in (f"{PROJECT}/things", f"{PROJECT}/things/none", "/nowhere"):
        await ask("GET", path)
        assert ask.headers["content-type"].startswith("application/json")
        assert ask.headers["openai-organization"] == emulator.store.organization["id"]
        assert ask.headers["openai-version"] == "2020-10-01"
        assert int(ask.headers["openai-processing-ms"]) >= 0
        request_ids.add(ask.headers["x-request-id"])
    assert len(request_ids) == 3
    assert all(request_id.startswith("req_") for request_id in request_ids)


async def test_a_mistake_in_a_handler_is_500_and_logged(
    ask: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="openai_admin.emulator.app"):
        status, body = await ask("DELETE", f"{PROJECT}/things/broken")
    assert status == 500
    assert body["error"]["type"] == "server_error"
    assert "a mistake in a handler" not in body["error"]["message"]
    assert "a mistake in a handler" in caplog.text


async def test_requests_are_recorded_without_the_secret(emulator: Emulator, ask: Client) -> None:
    before = time.monotonic()
    await ask("GET", f"{PROJECT}/things?after=a%3D%3D", headers={"X-Trace": "1"})
    await ask("GET", "/nowhere", key=None)
    found, lost = emulator.requests
    assert (found.method, found.path) == ("GET", f"/v1{PROJECT}/things")
    assert found.query_string.startswith("after=a")
    assert found.operation == "projects.things.list"
    assert found.status == 400
    assert found.headers["x-trace"] == "1"
    assert found.headers["authorization"] == f"Bearer sk-admin-****{emulator.admin_key[-4:]}"
    assert before <= found.arrived <= lost.arrived
    assert (lost.operation, lost.status) == ("", 404)
    assert emulator.admin_key not in repr(emulator.requests)
    emulator.requests.clear()
    assert not emulator.requests


async def test_requests_and_connections_are_counted(emulator: Emulator) -> None:
    handlers, gate, entered = Handlers(), asyncio.Event(), asyncio.Semaphore(0)

    @handlers.emulates(Things.activate)
    async def wait(call: object) -> dict[str, Any]:
        entered.release()
        await gate.wait()
        return {}

    async with (
        Emulator(state="empty", handlers=handlers) as slow,
        aiohttp.ClientSession() as session,
    ):
        ask = Client(slow, session)
        tasks = [asyncio.create_task(ask("POST", f"{PROJECT}/things/activate")) for _ in range(5)]
        for _ in tasks:
            await entered.acquire()
        assert (slow.in_flight, slow.connections) == (5, 5)
        gate.set()
        assert await asyncio.gather(*tasks) == [(200, {})] * 5
        assert (slow.in_flight, slow.peak_in_flight) == (0, 5)


async def test_a_client_that_hangs_up_ends_its_request() -> None:
    handlers, entered, cancelled = Handlers(), asyncio.Event(), asyncio.Event()

    @handlers.emulates(Things.activate)
    async def wait_for_ever(call: object) -> dict[str, Any]:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return {}

    async with Emulator(state="empty", handlers=handlers) as emulator:
        async with aiohttp.ClientSession() as session:
            task = asyncio.create_task(
                Client(emulator, session)("POST", f"{PROJECT}/things/activate")
            )
            await entered.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await cancelled.wait()
        assert emulator.in_flight == 0
        assert emulator.requests[-1].status is None


async def test_reset_and_restore_bring_a_state_back(emulator: Emulator, ask: Client) -> None:
    _, first = await ask("POST", f"{PROJECT}/things", json={"name": "first"})
    kept = emulator.snapshot()
    await ask("DELETE", f"{PROJECT}/things/{first['id']}")
    emulator.restore(kept)
    assert await ask("GET", f"{PROJECT}/things/{first['id']}") == (200, first)
    emulator.reset()
    assert not emulator.requests
    assert (await ask("GET", f"{PROJECT}/things"))[1]["data"] == []
    _, again = await ask("POST", f"{PROJECT}/things", json={"name": "first"})
    assert again == first


async def test_the_same_seed_gives_the_same_organization() -> None:
    one, two, other = (Emulator(state="empty", seed=seed) for seed in (5, 5, 6))
    assert one.admin_key == two.admin_key != other.admin_key
    assert one.admin_key.startswith("sk-admin-")
    assert one.store.organization == two.store.organization


async def test_it_says_when_it_does_not_run() -> None:
    emulator = Emulator(state="empty", handlers=HANDLERS)
    with pytest.raises(RuntimeError, match="not running"):
        _ = emulator.base_url
    assert emulator.connections == 0
    await emulator.stop()


async def test_it_can_be_started_again_on_a_chosen_port() -> None:
    emulator = Emulator(state="empty", handlers=HANDLERS)
    await emulator.start()
    with pytest.raises(RuntimeError, match="running already"):
        await emulator.start()
    port = emulator.port
    await emulator.stop()
    again = Emulator(state="empty", handlers=HANDLERS, port=port)
    for _ in range(2):
        async with again, aiohttp.ClientSession() as session:
            assert again.base_url == f"http://127.0.0.1:{port}/v1"
            assert (await Client(again, session)("GET", f"{PROJECT}/things"))[0] == 200


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing() -> None:
    async with Emulator(state="empty", handlers=HANDLERS) as first:
        second = Emulator(state="empty", handlers=HANDLERS, port=first.port)
        with pytest.raises(OSError, match="cannot be opened: Address already in use"):
            await second.start()
        with pytest.raises(RuntimeError, match="not running"):
            _ = second.port


def test_an_operation_has_one_handler() -> None:
    handlers = Handlers()
    handlers.emulates(Things.list)(lambda call: {})
    with pytest.raises(ValueError, match=r"projects\.things\.list has a handler already"):
        handlers.emulates(Things.list)(lambda call: {})
