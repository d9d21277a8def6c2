"""The asynchronous client: its settings, and the requests that its calls become."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import aiohttp
import pytest
from aioresponses import aioresponses
from yarl import URL

from openai_admin import AsyncOpenAIAdmin
from openai_admin._transport.connection import Timeout
from openai_admin._wire.http import USER_AGENT
from openai_admin.errors import (
    APIStatusError,
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    InternalServerError,
    InvalidInputError,
    NotFoundError,
    OpenAIAdminError,
    OutcomeUnknownError,
)
from openai_admin.resources.projects import Project

KEY = "sk-admin-canary0123456789abcdWXYZ"
BASE = "https://api.openai.com/v1"
LOCAL = "http://127.0.0.1:8000/v1"
ANYWHERE = re.compile(".*")

PROJECT = {"id": "proj_1", "created_at": 1_700_000_000, "name": "One", "status": "active"}
DELETED = {"id": "x", "deleted": True, "object": "organization.user.deleted"}
PAGE = {"object": "list", "data": [], "has_more": False}

Work = Callable[[AsyncOpenAIAdmin], Awaitable[Any]]


def sent(wire: aioresponses) -> list[tuple[str, str, list[tuple[str, str]], dict[str, Any]]]:
    """Every request: its method, address, query (in the alphabet's order) and the rest."""
    return [
        (method, str(url.with_query(None)), list(url.query.items()), call.kwargs)
        for (method, url), calls in wire.requests.items()
        for call in calls
    ]


# --- what calls become ----------------------------------------------------------------------

CALLS: dict[str, tuple[Work, str, str, list[tuple[str, str]], object, dict[str, Any]]] = {
    "a listing": (
        lambda c: c.projects.list(limit=2, after="proj_0", include_archived=True),
        "GET",
        "/organization/projects",
        [("after", "proj_0"), ("include_archived", "true"), ("limit", "2")],
        None,
        PAGE,
    ),
    "a bare listing": (
        lambda c: c.users.list(),
        "GET",
        "/organization/users",
        [],
        None,
        PAGE,
    ),
    "a read": (
        lambda c: c.projects.retrieve("proj_1"),
        "GET",
        "/organization/projects/proj_1",
        [],
        None,
        PROJECT,
    ),
    "a creation": (
        lambda c: c.projects.create(name="Öne"),
        "POST",
        "/organization/projects",
        [],
        {"name": "Öne"},
        PROJECT,
    ),
    "a change": (
        lambda c: c.projects.update("proj_1", name="x", external_key_id=None),
        "POST",
        "/organization/projects/proj_1",
        [],
        {"name": "x", "external_key_id": None},
        PROJECT,
    ),
    "a change without a body": (
        lambda c: c.projects.archive("proj_1"),
        "POST",
        "/organization/projects/proj_1/archive",
        [],
        None,
        PROJECT,
    ),
    "a removal": (
        lambda c: c.projects.users.delete("proj_1", "user-1"),
        "DELETE",
        "/organization/projects/proj_1/users/user-1",
        [],
        None,
        DELETED,
    ),
    "a list of texts": (
        lambda c: c.users.list(emails=["a+b@c.example", "d@e.example"]),
        "GET",
        "/organization/users",
        [("emails", "a+b@c.example"), ("emails", "d@e.example")],
        None,
        PAGE,
    ),
    "bracketed names": (
        lambda c: c.audit_logs.list(
            effective_at={"gte": date(2026, 1, 1), "lt": 1_767_312_000},
            event_types=["project.created"],
            project_ids=["proj_1", "proj_2"],
        ),
        "GET",
        "/organization/audit_logs",
        [
            ("effective_at[gte]", "1767225600"),
            ("effective_at[lt]", "1767312000"),
            ("event_types[]", "project.created"),
            ("project_ids[]", "proj_1"),
            ("project_ids[]", "proj_2"),
        ],
        None,
        PAGE,
    ),
    "usage": (
        lambda c: c.usage.completions(
            start_time=datetime(2026, 1, 1, tzinfo=UTC),
            end_time="2026-01-02",
            bucket_width="1h",
            group_by=["project_id", "model"],
            models=["gpt-5-mini"],
            batch=False,
            limit=24,
        ),
        "GET",
        "/organization/usage/completions",
        [
            ("batch", "false"),
            ("bucket_width", "1h"),
            ("end_time", "1767312000"),
            ("group_by", "model"),
            ("group_by", "project_id"),
            ("limit", "24"),
            ("models", "gpt-5-mini"),
            ("start_time", "1767225600"),
        ],
        None,
        PAGE,
    ),
    "costs": (
        lambda c: c.usage.costs(start_time=1_767_225_600, limit=180, page="page_AA=="),
        "GET",
        "/organization/costs",
        [("limit", "180"), ("page", "page_AA=="), ("start_time", "1767225600")],
        None,
        PAGE,
    ),
    "an id that is not plain text": (
        lambda c: c.projects.retrieve("../users?x=1"),
        "GET",
        "/organization/projects/..%2Fusers%3Fx%3D1",
        [],
        None,
        PROJECT,
    ),
    "what is not declared": (
        lambda c: c.request("GET", "/organization/new", query={"a": [1, True], "b": None}),
        "GET",
        "/organization/new",
        [("a", "1"), ("a", "true")],
        None,
        {"anything": 1},
    ),
    "what is not declared, with a body": (
        lambda c: c.request("post", "/organization/new?x=y", body={"a": [None]}),
        "POST",
        "/organization/new",
        [("x", "y")],
        {"a": [None]},
        {"anything": 1},
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_becomes_its_request(wire: aioresponses, name: str) -> None:
    work, method, path, query, body, answer = CALLS[name]
    wire.add(ANYWHERE, method=method, payload=answer)
    async with AsyncOpenAIAdmin(KEY) as client:
        await work(client)
    [(sent_method, address, sent_query, rest)] = sent(wire)
    assert (sent_method, address) == (method, BASE + path)
    assert sent_query == query
    assert rest["allow_redirects"] is False
    if body is None:
        assert rest["data"] is None
        assert "Content-Type" not in rest["headers"]
    else:
        assert json.loads(rest["data"]) == body
        assert rest["headers"]["Content-Type"] == "application/json"


async def test_every_request_has_the_clients_headers(wire: aioresponses) -> None:
    wire.get(ANYWHERE, payload=PROJECT)
    async with AsyncOpenAIAdmin(KEY, organization="org-1") as client:
        await client.projects.retrieve("proj_1")
    [(_, _, _, rest)] = sent(wire)
    assert dict(rest["headers"]) == {
        "Authorization": f"Bearer {KEY}",
        "OpenAI-Organization": "org-1",
        "Accept": "application/json",
        "User-Agent": USER_AGENT,
    }


async def test_no_organization_is_sent_unless_named(wire: aioresponses) -> None:
    wire.get(ANYWHERE, payload=PROJECT)
    async with AsyncOpenAIAdmin(KEY) as client:
        await client.projects.retrieve("proj_1")
    assert "OpenAI-Organization" not in sent(wire)[0][3]["headers"]


async def test_answers_become_models(wire: aioresponses) -> None:
    wire.get(ANYWHERE, payload=PROJECT | {"new_field": 1})
    async with AsyncOpenAIAdmin(KEY) as client:
        project = await client.projects.retrieve("proj_1")
    assert project == Project(
        id="proj_1",
        created_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        name="One",
        status="active",
        extra={"new_field": 1},
    )


async def test_a_listing_is_iterated_over_its_pages(wire: aioresponses) -> None:
    def page(number: int, *, more: bool) -> dict[str, Any]:
        project = PROJECT | {"id": f"proj_{number}"}
        return {"data": [project], "has_more": more, "last_id": f"proj_{number}"}

    wire.get(f"{BASE}/organization/projects?limit=1", payload=page(1, more=True))
    wire.get(f"{BASE}/organization/projects?limit=1&after=proj_1", payload=page(2, more=True))
    wire.get(f"{BASE}/organization/projects?limit=1&after=proj_2", payload=page(3, more=False))
    async with AsyncOpenAIAdmin(KEY) as client:
        ids = [project.id async for project in client.projects.list(limit=1)]
    assert ids == ["proj_1", "proj_2", "proj_3"]


async def test_errors_are_those_of_the_api(wire: aioresponses) -> None:
    error = {"message": f"Incorrect API key: {KEY}", "code": "invalid_api_key", "type": "auth"}
    wire.get(ANYWHERE, status=401, payload={"error": error}, headers={"X-Request-ID": "req_1"})
    async with AsyncOpenAIAdmin(KEY) as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.projects.list()
    assert caught.value.code == "invalid_api_key"
    assert caught.value.request_id == caught.value.headers["x-request-id"] == "req_1"
    assert KEY not in f"{caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_errors(wire: aioresponses, status: int) -> None:
    wire.add(ANYWHERE, method="POST", status=status, headers={"Location": "https://evil.example/"})
    async with AsyncOpenAIAdmin(KEY) as client:
        with pytest.raises(APIStatusError, match=r"to https://evil\.example, which is not"):
            await client.projects.create(name="x")
    assert [address for _, address, _, _ in sent(wire)] == [f"{BASE}/organization/projects"]


class Extended(AsyncOpenAIAdmin):
    """A client that somebody extended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = "platform"


def test_a_client_with_other_settings_keeps_what_a_subclass_added() -> None:
    client = Extended(KEY)
    before = client.projects
    other = client.with_options(timeout=3)
    assert (type(other), other.team) == (Extended, "platform")
    assert other.projects is not before
    assert other.projects == other.projects


async def test_refused_arguments_send_nothing(wire: aioresponses) -> None:
    async with AsyncOpenAIAdmin(KEY) as client:
        refused: list[Callable[[], Any]] = [
            lambda: client.projects.list(limit=101),
            lambda: client.projects.create(name=""),
            lambda: client.projects.retrieve(".."),
            lambda: client.usage.completions(start_time=2, end_time=1),
            lambda: client.usage.completions(start_time=1, limit=32),
            lambda: client.usage.completions(start_time=1, limit=169, bucket_width="1h"),
            lambda: client.usage.completions(start_time=1, limit=1441, bucket_width="1m"),
            lambda: client.usage.costs(start_time=1, limit=181),
            lambda: client.usage.costs(start_time=1, bucket_width="1h"),  # type: ignore[arg-type]
            lambda: client.usage.vector_stores(start_time=1, group_by=["model"]),  # type: ignore[list-item]
            lambda: client.usage.costs(start_time=datetime(2026, 1, 1)),  # noqa: DTZ001
        ]
        for call in refused:
            with pytest.raises(InvalidInputError):
                await call()
    assert sent(wire) == []


# --- settings -------------------------------------------------------------------------------


async def test_settings_come_from_the_environment(
    wire: aioresponses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example/openai/")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-env")
    wire.get(ANYWHERE, payload=PROJECT)
    async with AsyncOpenAIAdmin() as client:
        await client.projects.retrieve("proj_1")
    [(_, address, _, rest)] = sent(wire)
    assert address == "https://proxy.example/openai/organization/projects/proj_1"
    assert rest["headers"]["Authorization"] == f"Bearer {KEY}"
    assert rest["headers"]["OpenAI-Organization"] == "org-env"


async def test_arguments_come_before_the_environment(
    wire: aioresponses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-env")
    wire.get(ANYWHERE, payload=PROJECT)
    async with AsyncOpenAIAdmin(KEY, base_url=BASE, organization="org-1") as client:
        await client.projects.retrieve("proj_1")
    [(_, address, _, rest)] = sent(wire)
    assert address == f"{BASE}/organization/projects/proj_1"
    assert rest["headers"]["Authorization"] == f"Bearer {KEY}"
    assert rest["headers"]["OpenAI-Organization"] == "org-1"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, "No admin key: pass admin_key=… or set OPENAI_ADMIN_KEY"),
        ("", "No admin key"),
        ("sk-proj-abcdefghijklmnop", "it begins with 'sk-proj-'"),
        ("sk-svcacct-abcdefghijklmnop", "it begins with 'sk-svcacct-'"),
        (KEY + "\n", "without spaces or line breaks"),
        (f" {KEY}", "without spaces or line breaks"),
        (f"{KEY}\r\nX: y", "without spaces or line breaks"),
        ("sk-admin-ключ", "plain ASCII text"),
        ("sk-admin-\x00", "plain ASCII text"),
    ],
)
def test_a_key_that_cannot_be_one_is_explained(key: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncOpenAIAdmin(key)
    assert message in str(caught.value)
    assert not key or key.strip() not in str(caught.value)


@pytest.mark.parametrize("address", [
    "http://localhost:8000/v1", "http://127.0.0.1:1", "http://127.8.9.1/", "http://[::1]:80/v1",
    "https://proxy.example/a/b/", "HTTPS://API.OPENAI.COM/v1", "https://10.0.0.1",
])  # fmt: skip
def test_an_address_is_https_or_this_machine(address: str) -> None:
    AsyncOpenAIAdmin(KEY, base_url=address)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://api.openai.com/v1", "must be https"),
        ("http://10.0.0.1", "must be https"),
        ("http://0.0.0.0:80", "must be https"),
        ("http://localhost.evil.example", "must be https"),
        ("http://127.0.0.1.evil.example", "must be https"),
        ("https://user:secret@api.openai.com", "must not carry a user name"),
        ("https://localhost@evil.example", "must not carry a user name"),
        ("ftp://api.openai.com", "base_url must be like 'https://"),
        ("api.openai.com/v1", "base_url must be like 'https://"),
        ("https://", "base_url must be like 'https://"),
        ("https:///v1", "base_url must be like 'https://"),
        ("https://api.openai.com/v1?x=1", "base_url must be like 'https://"),
        ("https://api.openai.com/v1#x", "base_url must be like 'https://"),
        ("https://api.openai.com:port", "base_url is not a valid URL"),
        ("https://[::1", "base_url is not a valid URL"),
        ("https://api.openai.com/v1\r\nX: y", "without spaces or line breaks"),
        ("https://api.openai.com/v1 ", "without spaces or line breaks"),
        ("https://api.öpenai.example", "plain ASCII text"),
    ],
)
def test_another_address_is_refused(address: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncOpenAIAdmin(KEY, base_url=address)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"organization": "org 1"},
        {"organization": "org\r\nX: y"},
        {"organization": 5},
        {"base_url": 5},
        {"base_url": b"https://api.openai.com/v1"},
        {"proxy": 5},
        {"max_response_bytes": 0},
        {"max_response_bytes": 1.5},
        {"max_concurrency": 0},
        {"max_concurrency": 1.5},
        {"max_concurrency": True},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"timeout": None},
        {"timeout": "5"},
    ],
    ids=str,
)
def test_other_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(OpenAIAdminError) as caught:
        AsyncOpenAIAdmin(KEY, **settings)
    assert next(iter(settings)) in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "base_url", "proxy"),
    [
        ({"HTTPS_PROXY": "http://proxy.example:8080"}, BASE, "http://proxy.example:8080"),
        ({"ALL_PROXY": "http://proxy.example:1"}, BASE, "http://proxy.example:1"),
        ({"HTTPS_PROXY": "http://a.example:1", "NO_PROXY": "api.openai.com"}, BASE, None),
        ({"HTTP_PROXY": "http://a.example:1"}, BASE, None),
        ({"HTTP_PROXY": "http://a.example:1", "ALL_PROXY": "http://a.example:1"}, LOCAL, None),
        ({}, BASE, None),
    ],
    ids=str,
)
async def test_the_environments_proxy_is_used_where_it_is_trusted(
    wire: aioresponses,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    base_url: str,
    proxy: str | None,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    wire.get(ANYWHERE, payload=PROJECT, repeat=True)
    for trusted in (True, False):
        async with AsyncOpenAIAdmin(KEY, base_url=base_url, trust_env=trusted) as client:
            await client.projects.retrieve("proj_1")
    found = [rest["proxy"] for *_, rest in sent(wire)]
    assert found == [None if proxy is None else URL(proxy), None]


async def test_a_proxy_that_is_named_comes_before_the_environments(
    wire: aioresponses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://environment.example:1")
    wire.get(ANYWHERE, payload=PROJECT)
    proxy = "http://named.example:2"
    async with AsyncOpenAIAdmin(KEY, proxy=proxy, trust_env=True) as client:
        await client.projects.retrieve("proj_1")
    assert [rest["proxy"] for *_, rest in sent(wire)] == [URL(proxy)]


# --- with_options ---------------------------------------------------------------------------


async def test_checks_can_be_left_to_the_api(wire: aioresponses) -> None:
    wire.get(ANYWHERE, payload=PAGE)
    async with AsyncOpenAIAdmin(KEY) as client:
        await client.with_options(check_inputs=False).projects.list(limit=1000)
        with pytest.raises(InvalidInputError):
            client.projects.list(limit=1000)
    assert sent(wire)[0][2] == [("limit", "1000")]


async def test_retries_can_be_set_for_one_call(wire: aioresponses) -> None:
    wire.get(ANYWHERE, status=503, headers={"Retry-After": "0"}, repeat=True)
    async with AsyncOpenAIAdmin(KEY, max_retries=2) as client:
        with pytest.raises(InternalServerError):
            await client.with_options(max_retries=0).projects.retrieve("proj_1")
        assert len(sent(wire)) == 1
        with pytest.raises(InternalServerError):
            await client.projects.retrieve("proj_1")
        assert len(sent(wire)) == 4


async def test_time_limits_reach_the_request(wire: aioresponses) -> None:
    wire.get(ANYWHERE, payload=PROJECT, repeat=True)
    limits = Timeout(attempt=9, connect=2, read=3)
    async with AsyncOpenAIAdmin(KEY, timeout=limits) as client:
        await client.projects.retrieve("proj_1")
        await client.with_options(timeout=5).projects.retrieve("proj_1")
    assert [rest["timeout"] for *_, rest in sent(wire)] == [
        aiohttp.ClientTimeout(total=9, connect=2, sock_connect=2, sock_read=3),
        aiohttp.ClientTimeout(total=5, connect=2, sock_connect=2, sock_read=3),
    ]


async def test_a_client_made_from_another_shares_its_connections() -> None:
    client = AsyncOpenAIAdmin(KEY)
    other = client.with_options(max_retries=0)
    assert type(other) is AsyncOpenAIAdmin
    await client.close()
    with pytest.raises(ClientClosedError):
        await other.projects.list()


# --- request --------------------------------------------------------------------------------


async def test_what_is_not_declared_gives_decoded_json(wire: aioresponses) -> None:
    wire.get(ANYWHERE, payload={"a": [1, {"b": None}]})
    wire.delete(ANYWHERE, status=204)
    async with AsyncOpenAIAdmin(KEY) as client:
        assert await client.request("GET", "/organization/new") == {"a": [1, {"b": None}]}
        assert await client.request("DELETE", "/organization/new/1") is None


async def test_what_is_not_declared_is_repeated_only_where_that_does_no_harm(
    wire: aioresponses,
) -> None:
    for method in ("POST", "PATCH"):
        wire.add(ANYWHERE, method=method, status=500, headers={"Retry-After": "0"}, repeat=True)
    wire.put(ANYWHERE, status=500, headers={"Retry-After": "0"})
    wire.put(ANYWHERE, payload={})
    async with AsyncOpenAIAdmin(KEY) as client:
        for method in ("POST", "PATCH"):
            with pytest.raises(OutcomeUnknownError, match=f"^{method} /organization/new was sent"):
                await client.request(method, "/organization/new", body={})
        assert await client.request("PUT", "/organization/new", body={}) == {}
    assert [method for method, *_ in sent(wire)] == ["POST", "PATCH", "PUT", "PUT"]


async def test_what_is_not_declared_has_the_same_errors(wire: aioresponses) -> None:
    wire.get(ANYWHERE, status=404, body="<html>")
    async with AsyncOpenAIAdmin(KEY) as client:
        with pytest.raises(NotFoundError):
            await client.request("GET", "/organization/new")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("FETCH", "/organization/new"),
        ("GET\r\nX: y", "/organization/new"),
        ("", "/organization/new"),
        ("GET", "organization/new"),
        ("GET", ""),
        ("GET", "/a b"),
        ("GET", "/a\r\nX: y"),
        ("GET", "/a#b"),
        ("GET", "/ü"),
        ("GET", "https://evil.example/"),
        (None, "/organization/new"),
        ("GET", None),
        ("GET", b"/organization/new"),
    ],
)
async def test_an_unusable_method_or_path_is_refused(
    wire: aioresponses, method: Any, path: Any
) -> None:
    async with AsyncOpenAIAdmin(KEY) as client:
        with pytest.raises(InvalidInputError, match=r"^(method|path) must be "):
            await client.request(method, path)
    assert sent(wire) == []


@pytest.mark.parametrize(
    ("query", "body"),
    [({"a": {1, 2}}, None), ({"a": object()}, None), (None, {"a": object()}), (None, "\ud800")],
)
async def test_a_query_or_body_that_cannot_be_sent_is_refused(
    wire: aioresponses, query: dict[str, Any] | None, body: object
) -> None:
    async with AsyncOpenAIAdmin(KEY) as client:
        with pytest.raises(InvalidInputError):
            await client.request("POST", "/organization/new", query=query, body=body)
    assert sent(wire) == []


# --- secrets and the end --------------------------------------------------------------------


async def test_the_key_shows_nowhere(wire: aioresponses) -> None:
    wire.get(ANYWHERE, payload=PROJECT)
    async with AsyncOpenAIAdmin(KEY) as client:
        await client.projects.retrieve("proj_1")
        seen: list[object] = [client, client.projects, client.projects.list, client.usage]
        known: set[int] = set()
        while seen:
            thing = seen.pop()
            if id(thing) in known or type(thing).__module__.split(".")[0] != "openai_admin":
                continue
            known.add(id(thing))
            inner = getattr(thing, "__dict__", {})
            assert KEY not in f"{thing!r} {inner!r}"
            seen += inner.values()
        assert repr(client) == f"<AsyncOpenAIAdmin {BASE} with key sk-admin-…WXYZ>"
    assert len(known) > 5


def test_what_is_bound_to_a_client_is_neither_pickled_nor_copied() -> None:
    client = AsyncOpenAIAdmin(KEY)
    for bound in (client, client.projects, client.projects.users.list, client.with_response):
        with pytest.raises(TypeError, match="neither pickled nor copied; create a new client"):
            pickle.dumps(bound)
    with pytest.raises(TypeError, match="neither pickled nor copied; create a new client"):
        copy.deepcopy(client.usage)
    with pytest.raises(TypeError, match="the page that awaiting it gives can"):
        pickle.dumps(client.projects.list())


async def test_a_closed_client_says_so(wire: aioresponses) -> None:
    async with AsyncOpenAIAdmin(KEY) as client:
        pager = client.projects.list()
    with pytest.raises(ClientClosedError, match="closed; create a new one"):
        await pager
    with pytest.raises(ClientClosedError):
        await client.request("GET", "/organization/new")
    await client.close()
    assert sent(wire) == []
