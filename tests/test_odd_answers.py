"""Answers as they have come from real servers, over a real socket, on both clients.

``data/answers.json`` has examples of each kind; each thing stands alone in its page.
"""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import to_dict
from openai_admin.cli.app import run
from openai_admin.errors import APIError, OneTimeSecret, OutcomeUnknownError
from openai_admin.resources import load

load()
KEY = "sk-admin-canary0123456789abcdWXYZ"
SECRET = "sk-admin-SHOWN-ONCE"
ANSWERS = json.loads(Path(__file__).parent.joinpath("data", "answers.json").read_text("utf-8"))
ADDED = datetime.fromtimestamp(1711471533, UTC)

Ask = Callable[..., Awaitable[Any]]


class Server:
    """A server that gives one answer to all requests."""

    def __init__(self) -> None:
        self.answer: bytes = b""
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Answer."""
        return web.Response(body=self.answer, content_type="application/json")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    """The server, running."""
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    async with TestServer(app) as running:
        made.base_url = str(running.make_url("/v1"))
        yield made


@pytest.fixture(params=["asynchronous", "blocking"])
def ask(request: pytest.FixtureRequest, server: Server) -> Ask:
    """Calls an operation on either client, and gives its result."""

    async def asynchronously(name: str, /, **arguments: Any) -> Any:
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
            return await OPERATIONS[name].of(client)(**arguments)

    def blockingly(name: str, /, **arguments: Any) -> Any:
        with OpenAIAdmin(KEY, base_url=server.base_url) as client:
            return OPERATIONS[name].of(client)(**arguments)

    async def in_a_thread(name: str, /, **arguments: Any) -> Any:
        return await asyncio.to_thread(blockingly, name, **arguments)

    return asynchronously if request.param == "asynchronous" else in_a_thread


def _arguments(name: str) -> dict[str, str]:
    return {"project_id": "proj_a"} if "projects." in name else {}


# What is read of each listing's items, by the path of the attribute.
READ: list[list[dict[str, Any]]] = [
    [
        {
            "id": "user-a1",
            "name": "A",
            "email": "a@example.test",
            "added_at": ADDED,
            "created": ADDED,
            "role": "owner",
        }
    ],
    [{"id": "invite-1", "created_at": ADDED, "email": "b@example.test", "status": "pending"}],
    [{"id": "invite-3", "email": None, "status": "expired", "created_at": ADDED}],
    [{"id": "user-x", "name": "N", "added_at": None}, {"id": "user-y", "added_at": ADDED}],
    [{"id": "key_1", "name": "orphan", "owner": None}, {"id": "key_2", "owner.id": "user-a"}],
    [{"id": "key_p", "owner.type": "user", "owner.user": None, "owner.holder": None}],
    [{"id": "key_p", "owner": None}, {"id": "key_q", "name": None, "owner.holder.id": "user-z"}],
]


def _at(item: Any, path: str) -> Any:
    for name in path.split("."):
        item = getattr(item, name)
    return item


@pytest.mark.parametrize(("listing", "read"), list(zip(ANSWERS["listings"], READ, strict=True)))
async def test_a_listing_is_read_and_goes_back_as_it_came(
    ask: Ask, server: Server, listing: dict[str, Any], read: list[dict[str, Any]]
) -> None:
    name, data = listing["operation"], listing["data"]
    server.answer = json.dumps({"object": "list", "data": data, "has_more": False}).encode()
    page = await ask(name, **_arguments(name))
    assert [to_dict(item) for item in page.data] == data
    for item, want in zip(page.data, read, strict=True):
        assert {path: _at(item, path) for path in want} == want


@pytest.mark.parametrize(
    ("items", "owner"),
    [
        ({"type": "user", "id": "user-1", "name": "F"}, ("user-1", "F")),
        ({"type": "service_account", "id": "sa-1", "name": "S"}, ("sa-1", "S")),
        ({"type": "service_account", "service_account": {"id": "sa-2"}}, ("sa-2", None)),
    ],
)
async def test_an_owner_is_read_flat_or_nested(
    ask: Ask, server: Server, items: dict[str, Any], owner: tuple[str, str | None]
) -> None:
    data = [{"id": "key_1", "owner": items}]
    server.answer = json.dumps({"object": "list", "data": data, "has_more": False}).encode()
    for name in ("projects.api_keys.list", "admin_api_keys.list"):
        page = await ask(name, **_arguments(name))
        holder = page.data[0].owner
        holder = getattr(holder, "holder", holder)
        assert (holder.id, holder.name) == owner
        assert [to_dict(item) for item in page.data] == data


async def test_a_project_is_read_by_its_other_names(ask: Ask, server: Server) -> None:
    data = [{"id": "proj_1", "title": "T", "created": 1711471533}]
    server.answer = json.dumps({"data": data, "has_more": False}).encode()
    (project,) = (await ask("projects.list")).data
    assert (project.name, project.created_at) == ("T", ADDED)
    assert to_dict(project) == data[0]


@pytest.mark.parametrize(
    "number", range(len(ANSWERS["audit_events"])), ids=lambda n: ANSWERS["audit_events"][n]["type"]
)
async def test_an_event_is_read_and_goes_back_as_it_came(
    ask: Ask, server: Server, number: int
) -> None:
    event = ANSWERS["audit_events"][number]
    server.answer = json.dumps({"object": "list", "data": [event], "has_more": False}).encode()
    (log,) = (await ask("audit_logs.list")).data
    assert (log.id, log.type) == (event["id"], event["type"])
    assert log.effective_at == datetime.fromtimestamp(1795700000, UTC)
    assert (log.actor is None) == (event["actor"] == "system")
    assert to_dict(log) == event


@pytest.mark.parametrize("rows", ["results", "result"])
async def test_rows_of_costs_are_read(ask: Ask, server: Server, rows: str) -> None:
    bucket = {"start_time": 0, "end_time": 86400, rows: ANSWERS["cost_rows"]}
    server.answer = json.dumps({"object": "page", "data": [bucket], "has_more": False}).encode()
    (read,) = (await ask("usage.costs", start_time=0)).data
    assert [row.amount.value for row in read.results] == [
        Decimal(row["amount"]["value"]) for row in ANSWERS["cost_rows"]
    ]
    assert [row.line_item for row in read.results] == [
        row["line_item"] for row in ANSWERS["cost_rows"]
    ]


async def test_no_data_is_an_empty_page(ask: Ask, server: Server) -> None:
    server.answer = b'{"object":"list","data":null,"has_more":false}'
    assert (await ask("users.list")).data == []


# --- one-time secrets -----------------------------------------------------------------------

CREATE = ("admin_api_keys.create", {"name": "ci"})
CREATE_KEY = (
    "projects.service_accounts.api_keys.create",
    {"project_id": "proj_a", "service_account_id": "sa_1"},
)
CREATE_ACCOUNT = ("projects.service_accounts.create", {"project_id": "proj_a", "name": "bot"})

UNREADABLE: list[tuple[tuple[str, dict[str, str]], dict[str, Any], str]] = [
    (CREATE, {"value": SECRET}, "required field missing at $.id"),
    (CREATE, {"id": ["key_1"], "value": SECRET}, "expected text at $.id"),
    (CREATE, {"id": "key_1", "value": [SECRET]}, "expected text at $.value"),
    (CREATE_KEY, {"id": None, "value": SECRET}, "expected text at $.id"),
    (CREATE_ACCOUNT, {"api_key": {"id": "key_1", "value": SECRET}}, "missing at $.id"),
    (CREATE_ACCOUNT, {"id": "sa_1", "api_key": {"value": SECRET}}, "missing at $.api_key.id"),
    (
        CREATE_ACCOUNT,
        {"id": "sa_1", "api_key": [{"id": "key_1", "value": SECRET}]},
        "expected an object, not a list at $.api_key",
    ),
]


@pytest.mark.parametrize("creation", ANSWERS["creations"], ids=lambda c: c["odd"])
async def test_a_creations_secret_is_read(
    ask: Ask, server: Server, creation: dict[str, Any]
) -> None:
    server.answer = json.dumps(creation["answer"]).encode()
    created = await ask(creation["operation"], name="ci")
    assert created.value == SECRET
    assert created.owner is None
    assert to_dict(created, secrets=True) == creation["answer"]


@pytest.mark.parametrize(("call", "answer", "wrong"), UNREADABLE)
async def test_a_secret_outlasts_an_answer_that_cannot_be_read(
    ask: Ask, server: Server, call: tuple[str, dict[str, str]], answer: dict[str, Any], wrong: str
) -> None:
    name, arguments = call
    server.answer = json.dumps(answer).encode()
    with pytest.raises(OutcomeUnknownError) as caught:
        await ask(name, **arguments)
    error = caught.value
    assert error.secret is not None
    assert error.secret.value == SECRET
    assert f"{name} took effect, but its response cannot be read" in str(error)
    assert wrong in str(error)
    _shows_no_secret(error)


@pytest.mark.parametrize("answer", [b"{}", b'{"id":"key_1"}', b'{"id":"key_1","value":null}'])
async def test_an_answer_without_a_secret_is_in_doubt(
    ask: Ask, server: Server, answer: bytes
) -> None:
    server.answer = answer
    with pytest.raises(OutcomeUnknownError, match=r"cannot be read: .* at \$\.") as caught:
        await ask("admin_api_keys.create", name="ci")
    assert caught.value.secret is None
    _shows_no_secret(caught.value)


async def test_a_secret_outlasts_an_answer_that_was_cut_short(ask: Ask, server: Server) -> None:
    server.answer = b'{"id":"key_1","value":"%s","name' % SECRET.encode()
    with pytest.raises(OutcomeUnknownError, match="not valid JSON") as caught:
        await ask("admin_api_keys.create", name="ci")
    assert caught.value.secret is not None
    assert caught.value.secret.value == SECRET
    _shows_no_secret(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        b'{"id":"key_1","value":"sk-admin-SHO',
        b'{"id":"key_1","value":',
        b'{"id":"key_1","redacted_value":"sk-admin-SHOWN-ONCE","',
        b"sk-admin-SHOWN-ONCE",
    ],
)
async def test_half_a_secret_is_not_handed_over(ask: Ask, server: Server, answer: bytes) -> None:
    server.answer = answer
    with pytest.raises(OutcomeUnknownError, match="not valid JSON") as caught:
        await ask("admin_api_keys.create", name="ci")
    assert caught.value.secret is None
    _shows_no_secret(caught.value)


async def test_a_secret_beside_an_error_is_handed_over(ask: Ask, server: Server) -> None:
    server.answer = json.dumps({"error": "The log is full.", "value": SECRET}).encode()
    with pytest.raises(OutcomeUnknownError, match="The log is full") as caught:
        await ask("admin_api_keys.create", name="ci")
    assert caught.value.secret is not None
    assert caught.value.secret.value == SECRET
    _shows_no_secret(caught.value)


def _shows_no_secret(error: OutcomeUnknownError) -> None:
    """Neither its texts, nor a pickle, nor what an error report collects have the secret."""
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in f"{error!r} {error.secret} {error.secret!r} {vars(error)}"
    pickled = pickle.dumps(error)
    assert SECRET.encode() not in pickled
    assert pickle.loads(pickled).secret is None
    assert copy.copy(error).secret is None
    for each in _chain(error):
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if frame.f_globals.get("__name__", "").startswith("openai_admin"):
                for name, value in frame.f_locals.items():
                    assert SECRET not in "".join(_texts(value)), (frame, name)
        assert SECRET not in "".join(_texts(vars(each)))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _texts(value: Any, depth: int = 5) -> Iterator[str]:
    """The texts within what is plain data: a report would show them."""
    if isinstance(value, str | bytes):
        yield str(value)
    elif isinstance(value, OneTimeSecret) or not depth:
        return
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner, depth - 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, depth - 1)
    elif attrs.has(type(value)):
        for attribute in attrs.fields(type(value)):
            yield from _texts(getattr(value, attribute.name), depth - 1)
    elif isinstance(value, APIError):
        yield from _texts(vars(value), depth - 1)


async def test_the_command_line_writes_a_secret_whatever_else_is_wrong(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    server.answer = json.dumps({"value": SECRET}).encode()
    file = tmp_path / "secret"
    line = ["admin-api-keys", "create", "--name", "ci", "--secret-file", str(file)]
    assert await asyncio.to_thread(run, line) == 1
    assert file.read_text() == f"{SECRET}\n"
    out, err = capsys.readouterr()
    assert "took effect, but its response cannot be read" in err
    assert "missing at $.id" in err
    assert SECRET not in out + err


@pytest.mark.parametrize("odd", [rb'"\ud800"', b'"\xff"', b"NaN", b"[" * 2_000 + b"]" * 2_000])
async def test_what_the_strict_parser_refuses_costs_its_field(
    ask: Ask,
    server: Server,
    odd: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = b'{"id":"%s","type":"a.b","effective_at":1711471533,"x":%s}'
    events = b",".join(event % (id, odd) for id in (b"audit_log-1", b"audit_log-2"))
    server.answer = b'\xef\xbb\xbf{"data":[%s],"has_more":false}' % events
    page = await ask("audit_logs.list")
    assert [event.id for event in page.data] == ["audit_log-1", "audit_log-2"]
    assert [event.effective_at for event in page.data] == [ADDED, ADDED]
    assert page.unreadable == []
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    assert await asyncio.to_thread(run, ["audit-logs", "list", "--format", "json"]) == 0
    assert [event["id"] for event in json.loads(capsys.readouterr().out)] == [
        "audit_log-1",
        "audit_log-2",
    ]
