"""Admin keys by somebody new to it, and keys that may do everything."""

from __future__ import annotations

from typing import Any

import pytest

from .stream import Raw, at, event, find, key_of, keys, login, session

EARLIER = login("bob", at(-30))


def admin_key(id: str, days: float, by: Any = None, type: str = "api_key.created") -> Raw:
    return event(type, {"id": id, "data": {"scopes": []}}, when=at(days), by=by)


def test_an_admin_key_is_told_by_whom_it_never_was_before() -> None:
    raws = [admin_key("key_1", 1), admin_key("key_2", 9), admin_key("key_3", 20, session("eve"))]
    first, second = find([EARLIER, *raws])
    assert (first.about, second.about) == ("user-ann", "user-eve")
    assert "key_3" in second.summary
    assert second.learned == ("Who made or deleted admin keys in the 50 days of the log before: 1.")


@pytest.mark.parametrize("type", ["api_key.created", "tenant.admin_api_key.created"])
@pytest.mark.parametrize("payload", [{"id": "key_1"}, [{"id": "key_1"}], "key_1", None])
def test_it_is_found_in_any_shape(type: str, payload: Any) -> None:
    for raw in (event(type, payload), event(type, payload, underscored=True)):
        assert keys(find([EARLIER, raw])) == ["admin_key_created"]


def test_a_key_that_two_events_tell_of_is_told_once() -> None:
    raws = [admin_key("key_1", 1), admin_key("key_1", 1, type="tenant.admin_api_key.created")]
    assert keys(find([EARLIER, *raws])) == ["admin_key_created"]


def test_in_the_first_days_it_is_learned_whose_work_that_is() -> None:
    raws = [admin_key("key_1", -29), admin_key("key_2", 1), admin_key("key_3", 2, session("eve"))]
    (finding,) = find([EARLIER, *raws])
    assert finding.about == "user-eve"


def test_who_rotates_admin_keys_as_always_is_not_told_again() -> None:
    raws: list[Raw] = []
    for month in range(6):
        raws.append(admin_key(f"key_{month}", 30 * month))
        raws.append(event("api_key.deleted", {"id": f"key_{month - 1}"}, when=at(30 * month, 1)))
    assert keys(find([EARLIER, *raws])) == ["admin_key_created"]
    assert not find(
        [EARLIER, *raws[1:]], keys=["admin_key_created"]
    )  # who deletes them is known as well


def test_keys_of_projects_are_no_admin_keys() -> None:
    raw = event("api_key.created", {"id": "key_1", "data": {"scopes": []}}, project="proj_1")
    assert not find([EARLIER, raw])


SCOPES = ["*", ["*"], "all", ["all"], ["api.all"], ["API.ALL"], "api.usage.read, *", ["api.*"]]


@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize("type", ["api_key.created", "tenant.project_api_key.created"])
def test_all_scopes_are_found_in_any_shape(scopes: Any, type: str) -> None:
    for payload in ({"data": {"scopes": scopes}}, {"scopes": scopes}, [{"scopes": scopes}]):
        raw = event(type, payload, project="proj_1")
        assert keys(find([raw])) == ["key_with_all_scopes"]


EVERY = [
    *("api.audit_logs.read", "api.management.read", "api.management.write", "api.mtls.read"),
    *("api.mtls.write", "api.usage.read"),
]


def test_a_list_that_has_every_scope_there_is_has_all() -> None:
    def admin(scopes: list[str]) -> list[str]:
        raw = event("api_key.created", {"id": "key_1", "data": {"scopes": scopes}})
        return keys(find([raw], keys=["key_with_all_scopes"]))

    assert admin(EVERY) == ["key_with_all_scopes"]
    assert not admin(EVERY[1:])


def with_all_scopes(number: int, name: str, days: float, project: str | None = "proj_1") -> Raw:
    payload = {"id": f"key_{number}", "data": {"scopes": ["api.all"]}}
    return event("api_key.created", payload, when=at(days), by=session(name), project=project)


def test_where_several_people_make_keys_so_it_is_told_once_in_thirty_days() -> None:
    raws = [with_all_scopes(n, f"p{n % 3}", n) for n in range(40)]
    found = find(raws, keys=["key_with_all_scopes"])
    assert len(found) == 3 + 2
    assert found[0].learned is None
    assert found[3].learned == (
        "3 of the last 3 keys of projects with scopes were made so, by 3 people: it is usual here, "
        "and told once in 30 days."
    )
    admin = with_all_scopes(99, "p1", 41, None)
    assert len(find([*raws, admin], keys=["key_with_all_scopes"])) == 6


def test_what_one_or_two_people_do_is_not_usual() -> None:
    raws = [with_all_scopes(n, f"p{n % 2}", n) for n in range(20)]
    assert len(find(raws, keys=["key_with_all_scopes"])) == 20


def test_a_change_that_lifts_every_restriction_is_told() -> None:
    def changed(scopes: Any) -> Raw:
        payload = {"id": "key_1", "changes_requested": {"scopes": scopes}}
        return event("api_key.updated", payload, project="proj_1")

    (finding,) = find([changed([])])
    assert "lifted every restriction" in finding.summary
    assert keys(find([changed("all")])) == ["key_with_all_scopes"]
    assert not find([changed(["api.files.read"]), changed(None)])


@pytest.mark.parametrize("scopes", [[], None, ["api.all.read"], ["api.files.write"], {}, 7, ""])
def test_what_every_key_has_says_nothing(scopes: Any) -> None:
    raw = event("api_key.created", {"id": "key_1", "data": {"scopes": scopes}}, project="proj_1")
    assert not find([raw])


def test_the_program_that_makes_such_keys_as_always_is_told_of_once() -> None:
    def made(number: int, by: Any) -> Raw:
        payload = {"id": f"key_{number}", "data": {"scopes": ["*"]}}
        return event("api_key.created", payload, when=at(number), by=by, project="proj_1")

    by_program = [made(number, key_of("ann", "key-terraform")) for number in range(9, 20)]
    assert not find(by_program)  # as it does from the first day on
    (finding,) = find([made(0, session("bob")), *by_program], keys=["key_with_all_scopes"])[1:]
    assert "key-terraform" in finding.summary
    assert len(find([made(number, session("ann")) for number in range(3)])) == 3
