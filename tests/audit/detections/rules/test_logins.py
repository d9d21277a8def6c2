"""Failed logins and then a success."""

from __future__ import annotations

from random import Random

import pytest

from .stream import Raw, at, event, failed, find, keys, login, session

KEY = ["failed_logins_then_success"]


def guessed(number: int, apart: float = 1, ip: str = "198.51.100.7") -> list[Raw]:
    tries = [failed("eve", at(1, minutes=apart * n), ip) for n in range(number)]
    return [*tries, login("eve", at(1, minutes=apart * number), ip)]


@pytest.mark.parametrize("number", [5, 6, 40])
def test_a_guessed_password(number: int) -> None:
    (finding,) = find(guessed(number, apart=0.5), keys=KEY)
    assert finding.about == "user-eve"
    assert len(finding.evidence) == number + 1
    assert finding.evidence[-1].type == "login.succeeded"
    assert f"after {number} failed logins within 30 minutes" in finding.summary


def test_a_password_that_is_guessed_slowly() -> None:
    (finding,) = find(guessed(12, apart=60), keys=KEY)
    assert "within 24 hours" in finding.summary


@pytest.mark.parametrize(
    "raws",
    [
        guessed(4),
        [raw for n in range(9) for raw in (failed("eve", at(n)), login("eve", at(n, 0, 1)))],
        guessed(5, apart=40),
        guessed(20)[:-1],
        [*(failed("bob", at(1)) for _ in range(9)), login("eve", at(1))],
        [*guessed(20)[:-1], login("eve", at(3))],
    ],
    ids=["mistyped", "now and then", "far apart", "never in", "somebody else", "much later"],
)
def test_mistyped_passwords_are_not_told(raws: list[Raw]) -> None:
    assert not find(raws, keys=KEY)


CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0.0.0"


def own(number: int, ip: str = "203.0.113.9", user_agent: str = CHROME) -> list[Raw]:
    """Failures after which somebody gets in, of whom it is known where they are."""
    session_of = {"user_agent": user_agent}
    tries = [failed("eve", at(9, minutes=n), ip) for n in range(number)]
    for raw in tries:
        raw["actor"]["session"].update(session_of)
    before = [login("eve", at(day), "203.0.113.9", user_agent=CHROME) for day in range(3)]
    return [*before, *tries, login("eve", at(9, minutes=number), ip, **session_of)]


def test_who_forgot_a_password_at_home_is_told_only_after_ten() -> None:
    assert not find(own(9), keys=KEY)
    assert keys(find(own(10), keys=KEY)) == KEY


def test_the_same_from_elsewhere_or_with_another_device_is_told_after_five() -> None:
    assert keys(find(own(5, "198.51.100.7"), keys=KEY)) == KEY
    assert keys(find(own(5, user_agent="curl/8"), keys=KEY)) == KEY


def test_failures_from_elsewhere_are_told_though_the_success_is_at_home() -> None:
    raws = own(5)
    for raw in raws[3:-1]:
        raw["actor"]["session"]["ip_address"] = "198.51.100.7"
    assert keys(find(raws, keys=KEY)) == KEY


def test_it_is_told_once_however_often_they_log_in_after() -> None:
    more = [login("eve", at(1, minutes=20 + n)) for n in range(9)]
    assert len(find([*guessed(9), *more], keys=KEY)) == 1


def test_failures_that_tell_only_the_address_or_only_the_id_are_the_same_persons() -> None:
    raws = guessed(6)
    for number, raw in enumerate(raws[:-1]):
        del raw["actor"]["session"]["user"]["email" if number % 2 else "id"]
    raws[-1]["actor"]["session"]["user"]["email"] = "EVE@acme.test"
    assert len(find(raws, keys=KEY)) == 1


def test_failures_whose_payload_tells_whose_they_are() -> None:
    payload = {"error_code": "x", "email": "eve@acme.test"}
    raws = [event("login.failed", payload, when=at(1, minutes=n), by=None) for n in range(6)]
    for raw in raws:
        raw["actor"] = None
    assert len(find([*raws, login("eve", at(1, minutes=7))], keys=KEY)) == 1


def test_failures_that_come_late_and_mixed() -> None:
    *tries, success = guessed(9)
    Random(3).shuffle(tries)
    assert len(find([*tries, success], keys=KEY)) == 1


def test_one_password_that_is_tried_on_many_people() -> None:
    people = [f"p{n}" for n in range(12)]
    tries = [failed(name, at(1, minutes=n), "198.51.100.7") for n, name in enumerate(people)]
    (finding,) = find([*tries, login("p3", at(1, minutes=20), "198.51.100.7")], keys=KEY)
    assert "12 people, all from 198.51.100.7" in finding.summary


def test_many_who_mistype_in_the_office_are_not_told() -> None:
    before = login("ann", at(0))
    tries = [failed(f"p{n}", at(1, minutes=n)) for n in range(30)]
    assert not find([before, *tries, login("p3", at(1, minutes=40))], keys=KEY)


def test_failures_without_a_time_or_anybody_do_no_harm() -> None:
    raws = [event("login.failed", None, when=-1, by=session("eve")) for _ in range(9)]
    nobody = [event("login.failed", [], by="system") for _ in range(9)]
    assert keys(find([*raws, *nobody, *guessed(5)], keys=KEY)) == KEY
