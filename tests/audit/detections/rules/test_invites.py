"""Invites to foreign domains."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.audit.detections.model import Directory

from .stream import Raw, at, event, find, keys, login

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
