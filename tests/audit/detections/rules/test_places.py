"""Where people act from: new countries, new networks, impossible travel."""

from __future__ import annotations

from typing import Any

import pytest

from .stream import (
    AMSTERDAM,
    LAGOS,
    LONDON,
    NEW_YORK,
    Raw,
    at,
    event,
    failed,
    find,
    key_of,
    keys,
    login,
    session,
)

HERE = {**AMSTERDAM, "asn": "64500"}
PLACES = ["new_country", "new_network", "impossible_travel"]


def life(
    name: str = "eve", days: int = 20, ip: str = "203.0.113.9", details: Any = None
) -> list[Raw]:
    """A login each morning, from the office unless said."""
    place = HERE if details is None else details
    return [login(name, at(day), ip, place) for day in range(days)]


def place(raws: list[Raw]) -> list[str]:
    return keys(find(raws, keys=PLACES))


def test_a_new_country_is_told_once_and_as_nothing_else() -> None:
    away = {**LAGOS, "asn": 64511}
    raws = [*life(), *(login("eve", at(21, n), "198.51.100.7", away) for n in range(3))]
    (finding,) = find(raws, keys=PLACES)
    assert (finding.detection, finding.about) == ("new_country", "user-eve")
    assert "Lagos, NG (198.51.100.7)" in finding.summary
    assert finding.learned == (
        "In 20 events over 20 days they were in NL; of their colleagues, nobody was ever in NG."
    )


@pytest.mark.parametrize("details", [{"country": "NG"}, LAGOS, {**LAGOS, "latitude": "x"}])
def test_a_new_country_needs_neither_coordinates_nor_an_operator(details: Any) -> None:
    assert place([*life(), login("eve", at(21), "198.51.100.7", details)]) == ["new_country"]
    assert place([*life(), login("eve", at(21), None, details)]) == ["new_country"]


def test_the_code_of_a_country_is_the_same_in_small_letters() -> None:
    assert not place([*life(), login("eve", at(21), "192.0.2.9", {**HERE, "country": "nl"})])


def test_an_address_without_a_place_is_told_alone() -> None:
    raws = [*life(details={}), login("eve", at(21), "198.51.100.7")]
    (finding,) = find(raws, keys=PLACES)
    assert "acted from a new network, 198.51.100.7 (login.succeeded)." in finding.summary
    assert finding.learned is not None
    assert "In 20 events over 20 days they used 1 network. " in finding.learned


def test_an_action_in_a_browser_counts_and_a_failed_login_does_not() -> None:
    by = session("eve", "198.51.100.7", LAGOS)
    acted = event("project.created", {"id": "proj_1"}, when=at(21), by=by)
    assert place([*life(), acted]) == ["new_country"]
    assert not place([*life(), failed("eve", at(21), "198.51.100.7", LAGOS)])


def test_a_country_where_colleagues_are_is_not_new() -> None:
    offices = [*life("ann", details=LAGOS), *life("bob", details=LAGOS)]
    assert not place([*offices, *life(), login("eve", at(21), "198.51.100.7", LAGOS)])


def test_where_one_was_who_was_told_of_nobody_else_is_at_home() -> None:
    raws = [*life(), *life("bob")]
    raws += [login(name, at(21, n), "198.51.100.7", LAGOS) for n, name in enumerate(("eve", "bob"))]
    assert place(raws) == ["new_country"] * 2


def test_of_somebody_new_nothing_is_known() -> None:
    for days in (0, 1, 2):
        assert not place([*life(days=days), login("eve", at(21), "198.51.100.7", LAGOS)])


def test_impossible_travel_is_told_once_and_as_nothing_else() -> None:
    far = {**LAGOS, "asn": "64511"}
    raws = [
        *life(),
        login("eve", at(21), "203.0.113.9", HERE),
        login("eve", at(21, minutes=40), "198.51.100.7", far),
        login("eve", at(21, minutes=50), "203.0.113.9", HERE),
        login("eve", at(21, minutes=60), "198.51.100.7", far),
        login("eve", at(22), "198.51.100.7", far),
        login("eve", at(24), "203.0.113.9", HERE),
    ]
    (finding,) = find(raws, keys=PLACES)
    assert (finding.detection, finding.severity) == ("impossible_travel", "high")
    assert "Amsterdam, NL (203.0.113.9) and then from Lagos, NG" in finding.summary
    assert "40 minutes later" in finding.summary
    assert [one.id for one in finding.evidence] == [raws[20]["id"], raws[21]["id"]]


def test_impossible_travel_is_found_whatever_came_first() -> None:
    late = login("eve", at(21), "203.0.113.9", HERE)
    far = login("eve", at(21, minutes=30), "198.51.100.7", LAGOS)
    assert place([*life(), far, late])[0] in PLACES
    assert place([*life(), late, far]) == ["impossible_travel"]


@pytest.mark.parametrize(
    ("there", "hours"),
    [(LONDON, 0.5), (NEW_YORK, 9), ({**HERE, "latitude": "53.2", "longitude": "6.6"}, 0.1)],
    ids=["near", "by plane", "within the country"],
)
def test_a_journey_that_can_be_is_no_impossible_travel(there: Any, hours: float) -> None:
    raws = [*life(), login("eve", at(21), "203.0.113.9", HERE)]
    assert "impossible_travel" not in place(
        [*raws, login("eve", at(21, hours), "198.51.100.7", there)]
    )


def test_a_traveller_whose_colleagues_are_there_is_not_told() -> None:
    offices = [*life("ann", details=NEW_YORK), *life("bob", details=NEW_YORK)]
    raws = [*life(), login("eve", at(21, 9), "198.51.100.7", NEW_YORK)]
    assert not place([*offices, *raws])


def test_an_exit_of_the_companys_vpn_far_away_is_no_journey() -> None:
    exit = {**NEW_YORK, "asn": "64999"}
    others = [*life("ann", details=exit), *life("bob", details=exit)]
    raws = [
        login("eve", at(day, hours), ip, details)
        for day in range(20)
        for hours, ip, details in ((0, "203.0.113.9", HERE), (0.2, "192.0.2.4", exit))
    ]
    assert not place([*others, *raws])
    assert len(place(raws)) <= 1  # one's own, unknown to the others, once


def test_a_new_network_in_the_same_country() -> None:
    there = {**AMSTERDAM, "asn": "AS64511"}
    raws = [*life(), login("eve", at(21), "198.51.100.7", there)]
    (finding,) = find([*raws, login("eve", at(22), "198.51.100.8", there)], keys=PLACES)
    assert (finding.detection, finding.severity) == ("new_network", "low")
    assert "AS64511" in finding.summary


def test_a_new_network_without_any_details() -> None:
    raws = [login("eve", at(day)) for day in range(20)]
    assert place([*raws, login("eve", at(21), "198.51.100.7")]) == ["new_network"]


@pytest.mark.parametrize(
    ("usual", "then"),
    [
        ("203.0.113.9", "203.0.113.200"),
        ("2001:db8:1:2:a::1", "2001:db8:1:2:b:c:d:e"),
        ("203.0.113.9", "::ffff:203.0.113.7"),
        ("not an address", "neither"),
    ],
)
def test_addresses_of_the_same_network(usual: str, then: str) -> None:
    raws = [login("eve", at(day), usual) for day in range(20)]
    assert not place([*raws, login("eve", at(21), then)])


def test_an_operator_whose_addresses_change_stays_the_same() -> None:
    mobile = {**AMSTERDAM, "asn": 64700}
    raws = [login("eve", at(day), f"100.64.{day}.1", mobile) for day in range(40)]
    assert not place(raws)


def test_a_network_that_colleagues_use_is_not_new() -> None:
    office = [*life("ann", ip="198.51.100.7", details={**AMSTERDAM, "asn": "1"})]
    office += life("bob", ip="198.51.100.7", details={**AMSTERDAM, "asn": "1"})
    there = {**AMSTERDAM, "asn": "1"}
    assert not place([*office, *life(), login("eve", at(21), "198.51.100.7", there)])


def test_who_is_often_on_the_move_is_not_told_of() -> None:
    raws = [
        login("eve", at(day), f"198.51.{day}.7", {**AMSTERDAM, "asn": str(100 + day // 2)})
        for day in range(60)
    ]
    assert not place(raws)


CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0.0.0"
NEXT_CHROME = CHROME.replace("150", "151")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def at_work(name: str = "eve", details: Any = HERE) -> list[Raw]:
    return [login(name, at(day), "203.0.113.9", details, user_agent=CHROME) for day in range(20)]


def then(details: Any, user_agent: str | None, ip: str = "198.51.100.7") -> list[str]:
    known = {} if user_agent is None else {"user_agent": user_agent}
    return place([*at_work(), login("eve", at(21), ip, details, **known)])


@pytest.mark.parametrize("user_agent", [FIREFOX, "python-requests/2.32.3", None])
def test_a_new_network_with_another_device_is_told(user_agent: str | None) -> None:
    assert then({**AMSTERDAM, "asn": "777"}, user_agent) == ["new_network"]


@pytest.mark.parametrize("user_agent", [CHROME, NEXT_CHROME])
def test_a_new_network_with_ones_own_device_is_a_hotel_unless_it_is_rented(user_agent: str) -> None:
    assert not then({**AMSTERDAM, "asn": "777"}, user_agent)
    assert then({**AMSTERDAM, "asn": "14061"}, user_agent) == ["new_network"]


def test_an_address_of_which_nothing_is_told_is_told_only_with_another_device() -> None:
    assert not then(None, CHROME)
    assert then(None, FIREFOX) == ["new_network"]
    assert not then(None, FIREFOX, "203.0.113.77")  # near where they always are


def test_a_country_where_colleagues_are_is_told_with_another_device_or_from_a_rented_machine() -> (
    None
):
    office = [*at_work("ann", LAGOS), *at_work("bob", LAGOS), *at_work()]
    for asn, user_agent, found in (
        ("777", CHROME, []),
        ("777", FIREFOX, ["new_country"]),
        ("14061", CHROME, ["new_country"]),
    ):
        away = {**LAGOS, "asn": asn}
        raws = [*office, login("eve", at(21), "198.51.100.7", away, user_agent=user_agent)]
        assert place(raws) == found


def test_where_people_travel_a_new_country_is_told_only_with_another_device() -> None:
    people = [f"p{n}" for n in range(4)]
    raws = [raw for name in people for raw in at_work(name)]
    raws.sort(key=lambda raw: raw["effective_at"])
    for n, name in enumerate(people):
        away = {"country": f"X{n}", "asn": "777"}
        raws.append(login(name, at(22, n), "198.51.100.7", away, user_agent=CHROME))
    assert place(raws) == ["new_country"] * 2
    away = {"country": "YY", "asn": "777"}
    raws.append(login("p3", at(23), "198.51.100.7", away, user_agent=FIREFOX))
    assert place(raws) == ["new_country"] * 3


def test_an_operator_that_one_uses_at_home_is_another_network_in_another_country() -> None:
    assert then({**LAGOS, "asn": HERE["asn"]}, CHROME) == ["new_country"]


def test_programs_and_what_has_no_place_are_left_to_others() -> None:
    nowhere = login("eve", at(21), None, None)
    program = event("project.created", {}, when=at(21), by=key_of("eve", ip_address="192.0.2.1"))
    assert not place([*life(), nowhere, program])


def test_dates_of_the_future_and_none_break_nothing() -> None:
    odd = [login("eve", at(9_000), "203.0.113.9", HERE), login("eve", -1, "203.0.113.9", HERE)]
    raws = life()
    raws[5:5] = odd
    assert place([*raws, login("eve", at(21), "198.51.100.7", LAGOS)]) == ["new_country"]
