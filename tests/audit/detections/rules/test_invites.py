"""Invites to foreign domains."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.audit.detections.model import Directory

from .stream import Raw, at, event, find, keys, login, session

ACME = Directory(domains=frozenset({"acme.test"}))
KEY = ["foreign_invite"]


def invited(email: Any, days: float = 9) -> Raw:
    return event(
        "invite.sent", {"id": "i", "data": {"email": email, "role": "reader"}}, when=at(days)
    )


def staff(*names: str, domain: str = "acme.test") -> list[Raw]:
    return [login(name, at(), domain=domain) for name in names]


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("invite.sent", {"id": "i", "data": {"email": "Mallory@EVIL.test", "role": "reader"}}),
        ("invite.sent", {"email": "mallory@evil.test"}),
        ("invite.sent", [{"data": {"email": "mallory@evil.test"}}]),
        ("invite.sent", {"data": {"email": "mallory@acme.test.evil.test"}}),
        ("invite.sent", {"data": {"email": "mallory@notacme.test"}}),
        ("tenant.user.invited", {"emails": ["bob@acme.test", "mallory@evil.test"]}),
        ("tenant.api_organization_invite.upserted", {"email": "mallory@evil.test"}),
    ],
)
def test_an_invite_to_a_foreign_domain(type: str, payload: Any) -> None:
    for raw in (event(type, payload), event(type, payload, underscored=True)):
        (finding,) = find([raw], ACME, KEY)
        assert finding.about.startswith("mallory@")
        (learned,) = find([*staff("a", "b", "c"), raw], keys=KEY)
        assert learned.learned == "Own domains, by the people who act: acme.test."


@pytest.mark.parametrize("email", ["eve@acme.test", "eve@lab.acme.test", "", None, "nobody", 7, {}])
def test_an_invite_to_ones_own_domain(email: Any) -> None:
    assert not find([invited(email)], ACME, KEY)


def test_a_domain_that_many_members_have_is_not_foreign() -> None:
    partners = staff("x", "y", "z", domain="partner.test")
    assert not find([*partners, invited("new@partner.test")], ACME, KEY)
    emails = {f"user-{n}": f"n{n}@partner.test" for n in range(3)}
    directory = Directory(domains=ACME.domains, emails=emails)
    assert not find([invited("new@partner.test")], directory, KEY)
    (finding,) = find([*partners[:1], invited("new@partner.test")], ACME, KEY)
    assert "hardly anybody" in finding.summary


def test_where_nothing_is_known_of_domains_nothing_is_told() -> None:
    assert not find([*staff("a"), invited("mallory@evil.test")], keys=KEY)


def test_several_people_of_a_domain_at_once_are_one_finding() -> None:
    raws = [invited(f"m{n}@evil.test", 9 + n / 100) for n in range(9)]
    assert keys(find([*raws, invited("m@evil.test", 40)], ACME, KEY)) == KEY * 2


def test_a_partner_that_was_invited_on_two_days_before_is_no_news_but_as_an_owner() -> None:
    raws = [invited("m@partner.test", day) for day in (1, 9, 20)]
    assert keys(find(raws, ACME, KEY)) == KEY * 2
    owner = {"id": "i", "data": {"email": "m@partner.test", "role": "owner"}}
    assert keys(find([*raws, event("invite.sent", owner, when=at(30))], ACME, KEY)) == KEY * 3


def agency(*last: Raw) -> list[str]:
    """What is told where a foreign domain is invited every third day, after ten of them."""
    before = [invited(f"m@client{n}.test", n * 3) for n in range(10)]
    told = len(find(before, ACME, KEY))
    return keys(find([*before, *last], ACME, KEY))[told:]


def test_where_foreign_domains_are_usual_one_more_is_told_only_if_it_stands_out() -> None:
    assert not agency(invited("m@client99.test", 31))
    for address in ("m@gmail.com", "m@my-acme.test2", "m@acmee.test"):
        assert agency(invited(address, 31)) == KEY
    by_another = event("invite.sent", {"data": {"email": "m@x.test"}}, by=session("new"))
    assert agency({**by_another, "effective_at": at(31)}) == KEY


def test_five_foreign_domains_in_a_day_make_none_of_them_usual() -> None:
    raws = [invited(f"m@client{n}.test", 1 + n / 100) for n in range(9)]
    assert len(find([*raws, invited("m@evil.test", 1.5)], ACME, KEY)) == 10
