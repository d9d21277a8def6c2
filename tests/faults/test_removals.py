"""What an answer says was removed or added, what it does not say, and errors under a status 200."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import to_dict
from openai_admin._wire.removal import is_confirmed
from openai_admin.cli.app import run
from openai_admin.errors import (
    APIStatusError,
    BadRequestError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
)
from openai_admin.resources import load
from tests.faults.scripted import KEY, LOST, Answer, Ask, Script, arguments_of, asking, running

load()
NAMES = sorted(OPERATIONS)
REMOVALS = [name for name in NAMES if OPERATIONS[name].method == "DELETE"]
ADDITIONS = [
    name for name in NAMES if (o := OPERATIONS[name]).effect is Effect.ADDS and o.repeatable
]


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with running(Script()) as script:
        yield script


@pytest.fixture(params=["async", "blocking"])
def ask(request: pytest.FixtureRequest, script: Script) -> Ask:
    return asking(request.param, script)


# --- an error in a success -----------------------------------------------------------------

ERRORS = [
    {"error": {"message": "The upstream is out of order.", "code": "upstream"}},
    {"error": "The upstream is out of order.", "id": "x", "data": [], "deleted": True},
]
SAYING_NOTHING: list[Any] = [{}, "", False, 0, []]


@pytest.mark.parametrize("empty", SAYING_NOTHING, ids=repr)
async def test_an_empty_error_alone_is_an_error_too(ask: Ask, script: Script, empty: Any) -> None:
    script.answers = {"DELETE": [(200, {"error": empty})]}
    with pytest.raises(APIStatusError, match="an error without a message"):
        await ask("users.delete", user_id="a")
    script.answers = {"DELETE": [(200, {"error": empty, "id": "a", "deleted": True})]}
    assert (await ask("users.delete", user_id="a")).deleted is True


@pytest.mark.parametrize("name", NAMES)
async def test_a_success_with_an_error_in_it_is_an_error(
    ask: Ask, script: Script, name: str
) -> None:
    operation = OPERATIONS[name]
    for body in ERRORS:
        script.answers = {method: [(200, body)] for method in ("GET", "POST", "DELETE")}
        script.requests.clear()
        with pytest.raises((APIStatusError, OutcomeUnknownError)) as caught:
            await ask(name, **arguments_of(name))
        error = caught.value
        assert "The upstream is out of order" in str(error)
        assert isinstance(error, OutcomeUnknownError) == (not operation.repeatable)
        status = error if operation.repeatable else error.__cause__
        assert isinstance(status, APIStatusError)
        assert status.status == 200
        assert len(script.requests) == 1


async def test_an_undeclared_call_has_it_too(ask: Ask, script: Script) -> None:
    for body in ({"error": {"message": "No."}}, {"error": "No."}, {"id": "x", "error": "No."}):
        script.answers = {"GET": [(200, body)]}
        with pytest.raises(APIStatusError, match="No"):
            await ask(lambda client: client.request("GET", "/anything"))


@pytest.mark.parametrize(
    "body",
    [
        {"error": None, "id": "x"},
        {"error": "", "id": "x"},
        {"object": "fine_tuning.job", "id": "x", "error": {"message": "It ended early."}},
        {"id": "x", "text": '"error"', "inner": {"error": "No."}},
    ],
)
async def test_a_field_error_is_not_always_one(
    ask: Ask, script: Script, body: dict[str, Any]
) -> None:
    script.answers = {"GET": [(200, body)]}
    assert await ask(lambda client: client.request("GET", "/anything")) == body


# --- what was removed ----------------------------------------------------------------------


@pytest.mark.parametrize("name", REMOVALS)
async def test_a_removal_that_says_nothing_is_not_confirmed(
    ask: Ask, script: Script, name: str
) -> None:
    *_, last = arguments_of(name).values() or [None]
    known = last if OPERATIONS[name].path.endswith("}") else None
    for status, body in ((200, b""), (200, b"{}"), (200, b" { }\n"), (204, b"")):
        script.answers = {"DELETE": [(status, body)]}
        result = await ask(name, **arguments_of(name))
        assert getattr(result, "id", None) == known
        assert getattr(result, "deleted", None) is None
        assert not is_confirmed(result)
        assert "deleted" not in str(result).replace("deleted=None", "")


async def test_deleted_is_what_the_answer_says(ask: Ask, script: Script) -> None:
    for answer, says in (
        ({"id": "a", "deleted": True}, True),
        ({"id": "a", "deleted": False}, False),
        ({"id": "a", "deleted": None}, None),
        ({"id": "a", "object": "organization.user.deleted"}, None),
        ({"deleted": True}, True),
        ({"id": None, "deleted": True}, True),
    ):
        script.answers = {"DELETE": [(200, answer)]}
        result = await ask("users.delete", user_id="a")
        assert (result.id, result.deleted) == ("a", says)
        assert is_confirmed(result) == (says is True)
    script.answers = {"DELETE": [(200, {"object": "certificate.deleted"})]}
    result = await ask("certificates.delete", certificate_id="cert_1")
    assert (result.id, result.deleted) == ("cert_1", True)


async def test_an_answer_about_another_thing_confirms_nothing(ask: Ask, script: Script) -> None:
    script.answers = {"DELETE": [(200, {"id": "other", "deleted": True})]}
    result = await ask("users.delete", user_id="a")
    assert (result.id, result.deleted) == ("other", None)
    script.answers = {"DELETE": [(200, {"id": "other", "object": "certificate.deleted"})]}
    result = await ask("certificates.delete", certificate_id="cert_1")
    assert is_confirmed(result, "other")
    assert not is_confirmed(result, "cert_1")


GONE: list[Answer] = [
    (404, {"error": {"message": "No user found with id 'x'."}}),
    (400, {"error": {"message": "User x is not a member of the project."}}),
    (400, {"error": {"message": "Refused.", "code": "user_not_found"}}),
]


@pytest.mark.parametrize("gone", GONE, ids=lambda answer: str(answer[0]))
@pytest.mark.parametrize("before", [LOST, (500, {}), (200, b'{"id":')], ids=["lost", "500", "cut"])
@pytest.mark.parametrize("name", REMOVALS)
async def test_what_is_gone_after_a_try_that_was_lost_may_have_been_removed_by_it(
    script: Script, name: str, before: Answer, gone: Answer
) -> None:
    script.answers = {"DELETE": [before, gone]}
    result = await asking("async", script)(name, **arguments_of(name))
    assert getattr(result, "deleted", None) is None
    assert not is_confirmed(result)
    assert len(script.requests) == 2


@pytest.mark.parametrize("before", [[], [(429, {})]], ids=["first", "after 429"])
@pytest.mark.parametrize(
    ("gone", "kind"),
    list(zip(GONE, (NotFoundError, BadRequestError, BadRequestError), strict=True)),
)
async def test_what_was_not_there_was_not_removed(
    ask: Ask, script: Script, before: list[Answer], gone: Answer, kind: type[Exception]
) -> None:
    script.answers = {"DELETE": [*before, gone]}
    with pytest.raises(kind):
        await ask("projects.users.delete", project_id="p", user_id="x")


async def test_another_refusal_of_a_second_try_is_an_error(ask: Ask, script: Script) -> None:
    script.answers = {"DELETE": [LOST, (400, {"error": {"message": "The project is archived."}})]}
    with pytest.raises(BadRequestError, match="archived"):
        await ask("projects.users.delete", project_id="p", user_id="x")


REFUSALS: list[Answer] = [
    (status, {"error": {"message": "No."}}) for status in (400, 401, 403, 404)
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda answer: str(answer[0]))
@pytest.mark.parametrize("name", ["projects.archive", "users.update", "projects.update"])
async def test_a_refused_second_try_says_that_the_first_may_have_taken_effect(
    ask: Ask, script: Script, name: str, refusal: Answer
) -> None:
    script.answers = {"POST": [LOST, refusal]}
    with pytest.raises(APIStatusError) as caught:
        await ask(name, **arguments_of(name))
    (note,) = caught.value.__notes__
    assert note.startswith(f"{name}(")
    assert "was sent and may have taken effect" in note
    script.answers = {"POST": [refusal]}
    with pytest.raises(APIStatusError) as caught:
        await ask(name, **arguments_of(name))
    assert not getattr(caught.value, "__notes__", [])


async def test_an_error_under_a_success_leaves_a_change_in_doubt(ask: Ask, script: Script) -> None:
    script.answers = {"POST": [(200, ERRORS[0])]}
    with pytest.raises(APIStatusError) as caught:
        await ask("users.update", user_id="a", role="reader")
    assert "may have taken effect" in caught.value.__notes__[0]


# --- what was added ------------------------------------------------------------------------

ALREADY: list[Answer] = [
    (400, {"error": {"message": "User already exists in project"}}),
    (409, {"error": {"message": "User already exists in project"}}),
    (409, {"error": {"message": "Conflict."}}),
]

MEMBER = {"id": "user-1", "name": "A", "email": "a@example.test", "role": "member"}
GROUP = {"project_id": "p", "group_id": "group_1", "group_name": "G"}
ROLE = {"id": "role_1", "name": "R", "permissions": []}

# Arguments, an entry of the listing, and what is read of the result.
THERE: dict[str, tuple[dict[str, str], dict[str, Any], dict[str, Any]]] = {
    "groups.roles.create": (
        {"group_id": "group_1", "role_id": "role_1"},
        ROLE,
        {"role": ROLE, "group": {"id": "group_1"}},
    ),
    "groups.users.create": (
        {"group_id": "group_1", "user_id": "user-1"},
        MEMBER,
        {"group_id": "group_1", "user_id": "user-1"},
    ),
    "projects.groups.roles.create": (
        {"project_id": "p", "group_id": "group_1", "role_id": "role_1"},
        ROLE,
        {"role": ROLE, "group": {"id": "group_1"}},
    ),
    "projects.users.create": (
        {"project_id": "p", "user_id": "user-1", "role": "member"},
        MEMBER,
        MEMBER,
    ),
    "projects.users.roles.create": (
        {"project_id": "p", "user_id": "user-1", "role_id": "role_1"},
        ROLE,
        {"role": ROLE, "user": {"id": "user-1"}},
    ),
    "users.roles.create": (
        {"user_id": "user-1", "role_id": "role_1"},
        ROLE,
        {"role": ROLE, "user": {"id": "user-1"}},
    ),
}


def _listed(*items: dict[str, Any]) -> Answer:
    return 200, {"object": "list", "data": list(items), "has_more": False}


@pytest.mark.parametrize("already", ALREADY, ids=["400 already", "409 already", "409"])
@pytest.mark.parametrize("name", sorted(THERE))
async def test_what_is_there_after_a_try_that_was_lost_is_read(
    ask: Ask, script: Script, name: str, already: Answer
) -> None:
    arguments, listed, read = THERE[name]
    other = {**listed, "id": "other"}
    script.answers = {"POST": [LOST, already], "GET": [_listed(other, listed)]}
    result = await ask(name, **arguments)
    assert type(result) is OPERATIONS[name].answer
    assert to_dict(result) == read
    assert [request.split()[0] for request in script.requests] == ["POST", "POST", "GET"]


async def test_a_member_is_known_by_the_address_too(ask: Ask, script: Script) -> None:
    script.answers = {"POST": [LOST, ALREADY[0]], "GET": [_listed(MEMBER)]}
    arguments = {"project_id": "p", "email": "A@example.test", "role": "member"}
    assert (await ask("projects.users.create", **arguments)).id == "user-1"


def test_every_addition_that_may_be_repeated_was_looked_at() -> None:
    assert {*THERE, "projects.groups.create"} == set(ADDITIONS)


NOT_AS_ASKED: list[tuple[str, dict[str, str], Answer, str]] = [
    (
        "projects.users.create",
        {"project_id": "p", "user_id": "user-1", "role": "owner"},
        _listed(MEMBER),
        "its role is 'member', not 'owner'",
    ),
    (
        "projects.users.create",
        {"project_id": "p", "user_id": "user-2", "role": "owner"},
        _listed(MEMBER),
        "it is not listed",
    ),
    (
        "projects.groups.create",
        {"project_id": "p", "group_id": "group_1", "role": "role_1"},
        _listed(GROUP),
        "its role cannot be seen",
    ),
    (
        "users.roles.create",
        {"user_id": "user-1", "role_id": "role_1"},
        (403, {"error": {"message": "Missing scopes"}}),
        "it cannot be read: 403: Missing scopes",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "listed", "why"), NOT_AS_ASKED)
@pytest.mark.parametrize("already", ALREADY[:2], ids=["400", "409"])
async def test_what_is_there_but_not_as_asked_is_a_conflict(
    ask: Ask,
    script: Script,
    name: str,
    arguments: dict[str, str],
    listed: Answer,
    why: str,
    already: Answer,
) -> None:
    script.answers = {"POST": [LOST, already], "GET": [listed]}
    with pytest.raises(ConflictError, match="already exists") as caught:
        await ask(name, **arguments)
    assert why in str(caught.value)
    assert caught.value.status == already[0]


@pytest.mark.parametrize("before", [[], [(429, {})]], ids=["first", "after 429"])
async def test_what_was_there_before_was_not_added(
    ask: Ask, script: Script, before: list[Answer]
) -> None:
    for already, kind in ((ALREADY[0], BadRequestError), (ALREADY[1], ConflictError)):
        script.answers = {"POST": [*before, already], "GET": [_listed(MEMBER)]}
        script.requests.clear()
        with pytest.raises(kind, match="already exists"):
            await ask("projects.users.create", project_id="p", user_id="user-1", role="member")
        assert not any(request.startswith("GET") for request in script.requests)


# --- the command line ----------------------------------------------------------------------


UNSAID = "The API did not confirm that this removed anything, and it may have been gone before"
SAYS_NO = "The API did not confirm that this removed anything, as its answer says that it did not"
OTHER = "The API's answer is about user-2, not user-1: it does not say what was removed"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", UNSAID),
        (b"{}", UNSAID),
        (b'{"id":"user-1"}', UNSAID),
        (b'{"deleted":false}', SAYS_NO),
        (b'{"id":"user-2","deleted":true}', OTHER),
    ],
)
async def test_the_command_line_does_not_call_it_deleted(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    answer: bytes,
    why: str,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", script.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    script.answers = {"DELETE": [(200, answer)]}
    assert await asyncio.to_thread(run, ["users", "delete", "user-1", "--yes"]) == 1
    out, err = capsys.readouterr()
    assert "true" not in out
    assert err == f"{why}; look in 'users list'.\n"
    script.answers = {"DELETE": [(200, {"id": "user-1", "deleted": True})]}
    assert await asyncio.to_thread(run, ["users", "delete", "user-1", "--yes"]) == 0


async def test_the_command_line_says_what_a_refused_second_try_leaves_in_doubt(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", script.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    script.answers = {"POST": [LOST, (400, {"error": {"message": "Project is archived."}})]}
    assert await asyncio.to_thread(run, ["projects", "archive", "proj_1", "--yes"]) == 1
    err = capsys.readouterr().err
    assert "Project is archived" in err
    assert "projects.archive(project_id='proj_1') was sent and may have taken effect" in err
