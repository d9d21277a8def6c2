"""Safeguards: provisioning and sign-on, lists of addresses, mutual TLS."""

from __future__ import annotations

from typing import Any

import pytest

from .stream import Raw, at, event, find, keys


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("scim.disabled", {"id": "org-1"}),
        ("scim.disabled", None),
        ("scim.disabled", "org-1"),
        ("scim.disabled", [{"id": "org-1"}]),
        ("tenant.scim.deletion.requested", {"id": "dir-1"}),
        ("tenant.sso_connection.deleted", {"id": "sso-1"}),
        ("tenant.policy.deleted", {"id": "pol-1"}),
        ("organization.updated", {"changes_requested": {"settings": {"scim_enabled": False}}}),
        ("organization.updated", {"changes_requested": {"sso": {"required": "off"}}}),
        ("organization.updated", {"changes_requested": {"mfa_enforcement": "disabled"}}),
        ("organization.updated", {"changes_requested": [{"scim_enabled": False}]}),
        (
            "organization.updated",
            {"changes_requested": [{"field": "scim_enabled", "old": True, "new": False}]},
        ),
        (
            "organization.updated",
            {"changes_requested": {"scim_enabled": {"from": True, "to": False}}},
        ),
    ],
)
def test_provisioning_and_sign_on_that_are_switched_off(type: str, payload: Any) -> None:
    for raw in (event(type, payload), event(type, payload, underscored=True)):
        assert keys(find([raw])) == ["scim_disabled"]


def test_an_actor_that_is_a_text_does_it_too() -> None:
    (finding,) = find([event("scim.disabled", {"id": "org-1"}, by="system")])
    assert finding.summary == "“system” switched provisioning (SCIM) off."


def test_switching_it_off_in_two_steps_is_told_once() -> None:
    raws = [
        event("tenant.scim.deletion.requested", {"id": "dir-1"}, when=at(1)),
        event("scim.disabled", {"id": "org-1"}, when=at(1, minutes=2)),
        event("scim.disabled", {"id": "org-1"}, when=at(9)),
    ]
    assert keys(find(raws)) == ["scim_disabled"] * 2


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("scim.enabled", {"id": "org-1"}),
        ("tenant.sso.migrated", {"id": "sso-1"}),
        ("tenant.sso_connection.updated", {"id": "sso-1"}),
        ("organization.updated", {"changes_requested": {"scim_enabled": True}}),
        (
            "organization.updated",
            {"changes_requested": [{"field": "scim_enabled", "old": False, "new": True}]},
        ),
        (
            "organization.updated",
            {"changes_requested": {"scim_enabled": {"old": False, "new": True}}},
        ),
        ("organization.updated", {"changes_requested": {"sso_name": "none"}}),
        ("organization.updated", {"changes_requested": {"description": "sso is off"}}),
    ],
)
def test_other_changes_of_sign_on_are_not_told(type: str, payload: Any) -> None:
    assert not find([event(type, payload)])


def listed(
    ips: Any, *, type: str = "ip_allowlist.updated", days: float = 0, id: str = "al-1"
) -> Raw:
    return event(type, {"id": id, "allowed_ips": ips}, when=at(days))


OPEN = [
    *("0.0.0.0/0", ["0.0.0.0/0"], ["::/0"], ["203.0.113.0/24", "0.0.0.0/0"], "0.0.0.0/0,::/0"),
    *(["0.0.0.0/1", "128.0.0.0/1"], ["64.0.0.0/8"], ["2000::/3"], ["*"], "any"),
    *("0.0.0.0-255.255.255.255", [{"id": "1", "name": "0.0.0.0/0"}]),
    *([{"cidr": "0.0.0.0/0"}], ["::ffff:0.0.0.0/96"], ["::ffff:0.0.0.0/97", "::ffff:128.0.0.0/97"]),
    *({"added": ["0.0.0.0/0"]}, {"added": [{"cidr": "0.0.0.0/0"}]}, {"to": ["0.0.0.0/0"]}),
    [f"{first}.{second}.0.0/9" for first in (44, 45) for second in (0, 128)],
]


@pytest.mark.parametrize("ips", OPEN, ids=str)
@pytest.mark.parametrize("type", ["ip_allowlist.updated", "ip_allowlist.created"])
def test_a_list_that_lets_the_world_in(ips: Any, type: str) -> None:
    for raw in (listed(ips, type=type), {**listed(ips, type=type)}):
        assert keys(find([raw])) == ["ip_allowlist_weakened"]


@pytest.mark.parametrize(
    "ips",
    [
        *(["203.0.113.0/24"], ["203.0.113.9"], ["10.0.0.0/8"], ["fc00::/7"], ["2001:db8::/32"]),
        *(["198.51.0.0/16", "203.0.113.0/24"], "203.0.113.0/24", None, ["not an address"], 7),
        *(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], ["::ffff:203.0.113.0/120"]),
        *([{"cidr": "203.0.113.0/24", "name": "all"}], {"removed": ["0.0.0.0/0"]}),
        {"from": ["0.0.0.0/0"], "to": ["203.0.113.0/24"]},
    ],
    ids=str,
)
def test_a_list_that_keeps_the_world_out(ips: Any) -> None:
    assert not find([listed(ips)])


def test_a_list_that_stays_open_is_told_once_and_again_when_it_was_closed_between() -> None:
    is_open, closed = ["0.0.0.0/0"], ["203.0.113.0/24"]
    days = enumerate((closed, is_open, [*is_open, *closed], closed, is_open))
    found = find([listed(ips, days=2 * day) for day, ips in days])
    assert [finding.at.day for finding in found if finding.at] == [3, 9]


@pytest.mark.parametrize(
    "raw",
    [
        event("ip_allowlist.deleted", {"id": "al-1", "allowed_ips": ["203.0.113.0/24"]}),
        event("ip_allowlist.deleted", "al-1"),
        event("ip_allowlist.config.deactivated", {"configs": [{"id": "al-1", "name": "Offices"}]}),
        event("ip_allowlist.config.deactivated", {"configs": ["al-1"]}),
        event("ip_allowlist.config.deactivated", {"configs": {"id": "al-1"}}),
        event("ip_allowlist.config.deactivated"),
        event("ip_allowlist.updated", {"id": "al-1", "allowed_ips": []}),
        event("organization.updated", {"changes_requested": {"ip_allowlist": {"enabled": False}}}),
        event("project.updated", {"changes_requested": {"allowed_ips": "0.0.0.0/0"}}),
    ],
)
def test_a_list_that_is_taken_out_of_force(raw: Raw) -> None:
    assert keys(find([raw])) == ["ip_allowlist_weakened"]


def test_deleting_a_list_that_was_taken_out_of_force_is_the_same_incident() -> None:
    configs = {"configs": [{"id": "al-1"}]}
    off = event("ip_allowlist.config.deactivated", configs, when=at(1))
    gone = event("ip_allowlist.deleted", {"id": "al-1"}, when=at(30))
    on = event("ip_allowlist.config.activated", configs, when=at(15))
    assert len(find([off, gone])) == 1
    assert len(find([off, on, gone])) == 2


def test_a_list_that_was_replaced_is_not_told() -> None:
    def switched(way: str, id: str, days: float) -> Raw:
        return event(f"ip_allowlist.config.{way}", {"configs": [{"id": id}]}, when=at(days))

    swapped = [switched("activated", "al-2", 1), switched("deactivated", "al-1", 2)]
    assert not find([*swapped, event("ip_allowlist.deleted", {"id": "al-1"}, when=at(3))])
    (finding,) = find([*swapped, switched("deactivated", "al-2", 4)])
    assert finding.about == "al-2"


def certificates(type: str, *ids: str, days: float = 0, project: str | None = None) -> Raw:
    named = [{"id": id, "name": id} for id in ids]
    return event(f"certificates.{type}", {"certificates": named}, when=at(days), project=project)


@pytest.mark.parametrize(
    "payload",
    [
        {"certificates": [{"id": "cert-1"}]},
        {"certificates": {"id": "cert-1"}},
        {"certificates": ["cert-1"]},
        {"certificates": "cert-1"},
        [{"id": "cert-1"}],
        "cert-1",
        None,
    ],
)
def test_certificates_that_are_deactivated(payload: Any) -> None:
    (finding,) = find([event("certificates.deactivated", payload)])
    assert (finding.detection, finding.severity) == ("mtls_weakened", "high")


def test_a_certificate_that_was_replaced_is_not_told() -> None:
    raws = [
        certificates("activated", "cert-1"),
        certificates("activated", "cert-2", days=80),
        certificates("deactivated", "cert-1", days=82),
    ]
    assert not find(raws)
    (finding,) = find([*raws, certificates("deactivated", "cert-2", days=83)])
    assert "cert-2" in finding.summary


def test_a_replacement_in_another_place_replaces_nothing() -> None:
    raws = [
        certificates("activated", "cert-2", days=80, project="proj_1"),
        certificates("deactivated", "cert-1", days=82),
    ]
    (finding,) = find(raws)
    assert finding.about == "organization"


def test_what_stays_active_is_said_and_makes_it_less_severe() -> None:
    raws = [
        certificates("activated", "cert-1", "cert-2"),
        certificates("deactivated", "cert-1", days=90),
    ]
    (finding,) = find(raws)
    assert finding.severity == "medium"
    assert "1 that were activated before stay" in finding.summary


@pytest.mark.parametrize(
    "changes", [{"mtls_enabled": False}, {"settings": {"mutual_tls": {"enforced": "off"}}}]
)
def test_mutual_tls_that_is_switched_off_in_the_settings(changes: Any) -> None:
    raw = event("organization.updated", {"changes_requested": changes})
    assert keys(find([raw])) == ["mtls_weakened"]
