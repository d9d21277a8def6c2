"""Keys of people who have left."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.audit.detections.model import Directory

from .stream import Raw, account_key, at, event, find, key_of, keys, login, session

KEY = ["former_members_key_used"]


def left(days: float = 5, payload: Any = None, type: str = "user.deleted") -> Raw:
    return event(type, {"id": "user-eve"} if payload is None else payload, when=at(days))


def used(days: float, by: Any = None) -> Raw:
    by = key_of("eve") if by is None else by
    return event("project.created", {"id": "proj_1"}, when=at(days), by=by, project="proj_1")


@pytest.mark.parametrize(
    "gone",
    [
        left(),
        left(payload=[{"id": "user-eve"}]),
        left(payload="user-eve"),
        left(type="tenant.user.removed", payload={"user_id": "user-eve"}),
        left(type="tenant.user.removed", payload={"email": "Eve@acme.test"}),
    ],
)
def test_a_key_that_is_used_after_its_owner_left(gone: Raw) -> None:
    raws = [login("eve", at(1)), used(2), gone, used(9), used(10), used(30)]
    (finding,) = find(raws, keys=KEY)
    assert finding.about == "key-1"
    assert "eve@acme.test (user-eve), who left the organization on 2026-09-06" in finding.summary
    assert [one.id for one in finding.evidence] == [gone["id"], raws[3]["id"]]


def test_a_service_account_does_not_leave_but_is_deleted() -> None:
    gone = left(type="service_account.deleted", payload={"id": "sa-1"})
    (finding,) = find([used(2, account_key()), gone, used(9, account_key())], keys=KEY)
    assert finding.summary.endswith("the key key-sa of sa-1, which was deleted on 2026-09-06.")


def test_each_key_is_a_finding_and_so_is_a_session() -> None:
    raws = [left(), used(9), used(9, key_of("eve", "key-2")), login("eve", at(9))]
    assert [finding.about for finding in find(raws, keys=KEY)] == ["key-1", "key-2", "user-eve"]


def test_a_key_whose_owner_only_the_log_or_only_the_directory_tells() -> None:
    nameless = {"type": "api_key", "api_key": {"id": "key-1", "type": "user"}}
    assert keys(find([used(1), left(), used(9, nameless)], keys=KEY)) == KEY
    directory = Directory(key_owners={"key-1": "user-eve"})
    assert keys(find([left(), used(9, nameless)], directory, KEY)) == KEY
    assert not find([left(), used(9, nameless)], keys=KEY)


NAMELESS = {"type": "api_key", "api_key": {"id": "key-7", "type": "user"}}


def test_a_key_of_which_the_log_tells_who_made_it() -> None:
    made = event(
        "api_key.created", {"id": "key-7"}, when=at(1), by=session("eve"), project="proj_1"
    )
    (finding,) = find([made, left(), used(9, NAMELESS)], keys=KEY)
    assert "the key key-7 that was made by eve@acme.test (user-eve), who left" in finding.summary


@pytest.mark.parametrize("by", [key_of("eve"), session("eve")])
def test_a_key_that_was_made_for_a_service_account_is_not_its_makers(by: Any) -> None:
    account = event("service_account.created", {"id": "sa"}, when=at(1), by=by, project="proj_1")
    made = event("api_key.created", {"id": "key-7"}, when=at(1), by=by, project="proj_1")
    before = [made] if by["type"] == "api_key" else [account, made]
    assert not find([*before, left(), used(9, NAMELESS)], keys=KEY)


def test_a_key_of_a_deleted_service_account() -> None:
    gone = event("service_account.deleted", {"id": "sa-1"}, when=at(5), project="proj_1")
    assert keys(find([gone, used(9, account_key())], keys=KEY)) == KEY


@pytest.mark.parametrize(
    "raws",
    [
        [used(1), left(5)],
        [left(5), used(4.999)],
        [left(5), used(5)],
        [event("user.deleted", {"id": "user-eve"}, when=at(5), project="proj_1"), used(9)],
        [left(), event("user.added", {"id": "user-eve"}, when=at(6)), used(9)],
        [left(), event("login.failed", {}, when=at(9), by=session("eve"))],
        [left(), used(9, key_of("bob", "key-2"))],
    ],
    ids=["before", "late", "at once", "of a project", "came back", "not let in", "another"],
)
def test_what_is_no_use_of_a_former_members_key(raws: list[Raw]) -> None:
    assert not find(raws, keys=KEY)


def test_somebody_whom_nobody_knows() -> None:
    emails = {f"user-p{n}": f"p{n}@acme.test" for n in range(9)}
    people = [login(f"p{n}", at(n)) for n in range(9)]
    (finding,) = find([*people, used(9)], Directory(emails=emails), KEY)
    assert finding.severity == "medium"
    assert "is not in the organization" in finding.summary
    assert not find([*people, used(9)], Directory(), KEY)
    assert not find([*people[:2], used(9)], Directory(emails=emails), KEY)
    assert not find([*people, login("eve", at(8)), used(9)], Directory(emails=emails), KEY)


def test_who_leaves_later_in_the_log_was_a_member_until_then() -> None:
    emails = {f"user-p{n}": f"p{n}@acme.test" for n in range(9)}
    people = [login(f"p{n}", at(n)) for n in range(9)]
    directory = Directory(emails=emails, left=frozenset({"user-eve"}))
    assert not find([*people, used(9)], directory, KEY)
    (finding,) = find([*people, used(9), left(10), used(11)], directory, KEY)
    assert finding.severity == "high"
