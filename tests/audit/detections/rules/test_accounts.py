"""Service accounts that act from a new network."""

from __future__ import annotations

from typing import Any

import pytest

from .stream import AMSTERDAM, Raw, account_key, at, event, find, keys, login

KEY = ["service_account_new_network"]


def acted(when: float, ip: str, by: Any = None, asn: str | None = None) -> Raw:
    details: dict[str, Any] = {} if asn is None else {"ip_address_details": {"asn": asn}}
    by = account_key(**details, ip_address=ip) if by is None else by
    return event("rate_limit.updated", {"id": "rl"}, when=at(when), by=by, project="proj_1")


def life(days: int = 20) -> list[Raw]:
    return [acted(day, f"203.0.113.{day}") for day in range(days)]


def beside(ip: str) -> Raw:
    """The address beside the key, in a session or in the actor itself."""
    actor = account_key()
    return {**actor, "session": {"ip_address": ip}}


@pytest.mark.parametrize(
    "last",
    [
        acted(21, "198.51.100.7"),
        acted(21, "2001:db8::1"),
        acted(21, "", beside("198.51.100.7")),
    ],
)
def test_a_new_network_is_told_once(last: Raw) -> None:
    again = {**last, "effective_at": at(22)}
    (finding,) = find([*life(), last, again, acted(23, "203.0.113.7")], keys=KEY)
    assert finding.about == "sa-1"
    assert finding.evidence[-1].id == last["id"]
    assert "it used 203.0.113.0/24" in (finding.learned or "")


@pytest.mark.parametrize(
    "raws",
    [
        [*life(2), acted(21, "198.51.100.7")],
        [acted(1, "203.0.113.9"), acted(1, "203.0.113.9"), acted(1, "198.51.100.7")],
        [
            *life(),
            *(login("ann", at(day), "198.51.100.9") for day in (19, 20)),
            acted(21, "198.51.100.7"),
        ],
        [
            *life(),
            *(login(name, at(20), "198.51.100.9") for name in ("ann", "bob")),
            acted(21, "198.51.100.7"),
        ],
        [acted(day, f"198.51.{day}.7") for day in range(40)],
        [acted(day, f"198.51.{day}.7", asn="64500") for day in range(40)],
        [event("rate_limit.updated", {}, when=at(n), by=account_key()) for n in range(30)],
        [login("eve", at(n), f"198.51.{n}.7", AMSTERDAM) for n in range(30)],
    ],
    ids=[
        "new",
        "on one day",
        "an office",
        "of two people",
        "on the move",
        "one operator",
        "no address",
        "a person",
    ],
)
def test_what_is_usual_for_programs(raws: list[Raw]) -> None:
    assert not find(raws, keys=KEY)


def test_who_was_there_once_may_be_the_same_who_is_not_who_they_seem() -> None:
    raws = [*life(), login("ann", at(20), "198.51.100.9"), acted(21, "198.51.100.7")]
    assert keys(find(raws, keys=KEY)) == KEY


def test_accounts_are_told_apart() -> None:
    other = account_key("sa-2", ip_address="198.51.100.7")
    raws = [*life(), *(acted(day, "", other) for day in range(10))]
    assert not find(raws, keys=KEY)
    assert keys(find([*raws, acted(21, "192.0.2.1")], keys=KEY)) == KEY
