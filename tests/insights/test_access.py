"""Keys, owners, invites and certificates that somebody should look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from openai_admin import (
    AdminAPIKey,
    AdminAPIKeyOwner,
    Certificate,
    CertificateDetails,
    Invite,
    OrganizationUser,
    ProjectAPIKey,
    ProjectAPIKeyOwner,
    ProjectAPIKeyOwnerServiceAccount,
    ProjectAPIKeyOwnerUser,
)
from openai_admin._wire.structure import structure
from openai_admin.errors import InvalidInputError
from openai_admin.insights import (
    ending_certificates,
    inactive_owners,
    keys_of_former_members,
    never_used_keys,
    non_expiring_admin_keys,
    pending_invites,
    stale_admin_keys,
    stale_keys,
)
from openai_admin.insights.keys import admin_keys_among

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANNA = ProjectAPIKeyOwner(type="user", user=ProjectAPIKeyOwnerUser(id="user-anna", name="Anna"))
ROBOT = ProjectAPIKeyOwner(
    type="service_account",
    service_account=ProjectAPIKeyOwnerServiceAccount(id="svc_acct_1", name="robot"),
)


def _ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def _key(
    id: str,
    *,
    made: float,
    used: float | None = None,
    expires: float | None = None,
    owner: ProjectAPIKeyOwner = ANNA,
) -> ProjectAPIKey:
    return ProjectAPIKey(
        id=id,
        name=f"name of {id}",
        created_at=_ago(made),
        last_used_at=None if used is None else _ago(used),
        expires_at=None if expires is None else _ago(-expires),
        owner=owner,
    )


KEYS = {
    "proj_1": [
        _key("fresh", made=200, used=1),
        _key("on-the-day", made=200, used=90),
        _key("stale", made=200, used=90.01),
        _key("never", made=30.01),
        _key("new", made=30),
    ],
    "proj_2": [
        _key("stalest", made=300, used=250.5, owner=ROBOT),
        _key("expired", made=300, used=250, expires=-1),
        _key("expired-unused", made=300, expires=0),
        _key("expiring", made=300, used=200, expires=1),
    ],
}


def test_stale_keys_idle_longest_first() -> None:
    found = stale_keys(KEYS, now=NOW)
    assert [f.key_id for f in found] == ["stalest", "expiring", "stale"]
    first = found[0]
    assert (first.project_id, first.owner_id, first.owner_name) == ("proj_2", "svc_acct_1", "robot")
    assert (first.name, first.idle_days) == ("name of stalest", 250)
    assert (first.created_at, first.last_used_at) == (_ago(300), _ago(250.5))
    assert [f.key_id for f in stale_keys(KEYS, now=NOW, days=220)] == ["stalest"]


def test_never_used_keys() -> None:
    (found,) = never_used_keys(KEYS, now=NOW)
    assert (found.key_id, found.idle_days, found.last_used_at) == ("never", 30, None)
    assert [f.key_id for f in never_used_keys(KEYS, now=NOW, days=0)] == ["never", "new"]


def test_keys_of_people_who_left_but_not_those_of_service_accounts() -> None:
    keys = {"p": [_key("hers", made=50, used=1), _key("its", made=50, used=1, owner=ROBOT)]}
    (found,) = keys_of_former_members(keys, [_user("user-ben")], now=NOW)
    assert (found.key_id, found.owner_name) == ("hers", "Anna")
    assert keys_of_former_members(keys, [_user("user-anna")], now=NOW) == ()


def test_expired_keys_of_people_who_left_do_no_harm() -> None:
    assert keys_of_former_members({"p": [_key("k", made=50, expires=-3)]}, [], now=NOW) == ()


def _admin_key(id: str, owner: str, *, made: float, used: float | None) -> AdminAPIKey:
    return AdminAPIKey(
        id=id,
        created_at=_ago(made),
        owner=AdminAPIKeyOwner(id=owner, name="Anna"),
        redacted_value="sk-admin-...abc",
        last_used_at=None if used is None else _ago(used),
    )


def test_stale_admin_keys() -> None:
    keys = [
        _admin_key("used", "user-anna", made=400, used=2),
        _admin_key("stale", "user-anna", made=400, used=131),
        _admin_key("never", "user-anna", made=31, used=None),
        _admin_key("new", "user-anna", made=0, used=None),
    ]
    found = stale_admin_keys(keys, now=NOW)
    assert [(f.key_id, f.project_id, f.idle_days) for f in found] == [
        ("stale", None, 131),
        ("never", None, 31),
    ]


def test_admin_keys_that_never_expire() -> None:
    value = {"redacted_value": "sk-admin-...abc"}
    answers: list[dict[str, object]] = [
        {"id": "newer", "created_at": 20, "expires_at": None},
        {"id": "older", "created_at": 10},
        {"id": "undated", "expires_at": None},
        {"id": "ends", "created_at": 0, "expires_at": int(NOW.timestamp()) + 60},
        {"id": "ended", "created_at": 0, "expires_at": 1},
        {"id": "odd", "created_at": 0, "expires_at": ODD},
        {"id": "of-project", "created_at": 0, "redacted_value": "sk-proj-...abc"},
    ]
    keys = [structure(value | answer, AdminAPIKey) for answer in answers]
    found = non_expiring_admin_keys(keys, now=NOW)
    assert [f.key_id for f in found] == ["older", "newer", "undated"]


_SHOWS_NOTHING = (
    *("", "sk-...abcd", "********abcd", "...abcd", "sk-adm...abcd", "sk-…abcd", "admin-abcd"),
    None,
)


@pytest.mark.parametrize(
    ("redacted_value", "is_admin_key"),
    [
        ("sk-admin-...abc", True),
        ("sk-admin...abc", True),
        ("SK-ADMIN-...abc", True),
        ("sk-proj-...abc", False),
        ("sk-svcacct-...abc", False),
        *((shown, None) for shown in _SHOWS_NOTHING),
    ],
)
@pytest.mark.parametrize("owner", ["user", "service_account", None])
def test_admin_keys_are_known_by_their_value_never_by_their_owner_alone(
    redacted_value: str | None, is_admin_key: bool | None, owner: str | None
) -> None:
    """What is not known to be a project's is not taken for one."""
    answer = {
        "id": "key_1",
        "created_at": 0,
        "last_used_at": None,
        "owner": owner and {"type": owner, "id": "x"},
        "redacted_value": redacted_value,
    }
    key = structure(answer, AdminAPIKey)
    assert key.is_admin_key() is is_admin_key
    assert key.is_admin_key({"key_1"}) is False
    assert bool(stale_admin_keys([key], now=NOW)) is (is_admin_key is True)
    of_project = {"proj_1": [structure({"id": "key_1"}, ProjectAPIKey)]}
    assert stale_admin_keys([key], now=NOW, project_keys=of_project) == ()
    undecided = [key] if is_admin_key is None else []
    assert admin_keys_among([key], {})[1] == undecided
    assert admin_keys_among([key], of_project) == ([], [])
    assert key.is_admin_key({"key_2"}, are_all=True) is (is_admin_key is not False)


@pytest.mark.parametrize(
    ("owner", "is_admin_key"), [("user", None), (None, None), ("service_account", False)]
)
def test_an_old_key_of_a_service_account_is_a_projects(
    owner: str | None, is_admin_key: bool | None
) -> None:
    answer = {
        "id": "key_1",
        "owner": owner and {"type": owner, "id": "x"},
        "redacted_value": "sk-abc...def",
    }
    assert structure(answer, AdminAPIKey).is_admin_key() is is_admin_key


def test_days_must_not_be_negative() -> None:
    with pytest.raises(InvalidInputError, match="at least 0"):
        stale_keys(KEYS, now=NOW, days=-1)


def _user(
    id: str, *, role: str = "owner", joined: float = 400, used: float | None = None
) -> OrganizationUser:
    return OrganizationUser(
        id=id,
        role=role,
        added_at=_ago(joined),
        api_key_last_used_at=None if used is None else _ago(used),
    )


def test_inactive_owners() -> None:
    users = [
        _user("busy", used=3),
        _user("inactive", used=120),
        _user("silent"),
        _user("new", joined=5),
        _user("reader", role="reader"),
        _user("administers"),
        _user("seen"),
    ]
    found = inactive_owners(
        users,
        now=NOW,
        admin_keys=[
            _admin_key("k1", "administers", made=100, used=1),
            _admin_key("k2", "administers", made=300, used=200),
            _admin_key("k3", "silent", made=300, used=None),
        ],
        last_seen={"seen": _ago(10), "inactive": _ago(150)},
    )
    assert [(o.user_id, o.inactive_days, o.last_seen_at) for o in found] == [
        ("silent", 400, None),
        ("inactive", 120, _ago(120)),
    ]


def test_pending_invites() -> None:
    def invite(id: str, status: str, sent: float) -> Invite:
        return Invite(
            id=id,
            email=f"{id}@example.com",
            status=status,
            created_at=_ago(sent),
            expires_at=_ago(sent - 60),
        )

    invites = [
        invite("late", "pending", 15),
        invite("later", "pending", 44.7),
        invite("recent", "pending", 14),
        invite("accepted", "accepted", 100),
        invite("expired", "expired", 100),
    ]
    found = pending_invites(invites, now=NOW)
    assert [(i.invite_id, i.pending_days, i.expires_at) for i in found] == [
        ("later", 44, _ago(-15.3)),
        ("late", 15, _ago(-45)),
    ]


def _certificate(id: str, *, left: float, active: bool | None = False) -> Certificate:
    return Certificate(
        id=id,
        created_at=_ago(300),
        active=active,
        certificate_details=CertificateDetails(expires_at=_ago(-left)),
    )


def test_ending_certificates_that_are_in_use() -> None:
    certificates = [
        _certificate("soon", left=12.5, active=True),
        _certificate("ended", left=-3, active=True),
        _certificate("later", left=30, active=True),
        _certificate("unused", left=12),
        _certificate("in a project", left=20),
        Certificate(
            id="undated", created_at=NOW, active=True, certificate_details=CertificateDetails()
        ),
    ]
    by_project = {
        "proj_1": [_certificate("in a project", left=20, active=True)],
        "proj_2": [_certificate("in a project", left=20), _certificate("unused", left=12)],
    }
    found = ending_certificates(certificates, now=NOW, by_project=by_project)
    assert [(c.certificate_id, c.days_left, c.organization, c.project_ids) for c in found] == [
        ("ended", -3, True, ()),
        ("soon", 12, True, ()),
        ("in a project", 20, False, ("proj_1",)),
    ]
    alone = ending_certificates(certificates, now=NOW, days=13)
    assert [c.certificate_id for c in alone] == ["ended", "soon"]


# --- what is not known ------------------------------------------------------------------------

ODD = "not a time"


def test_a_key_of_which_too_little_is_known_is_not_found() -> None:
    """Not "never used" where the time of its use cannot be read, nor old where it has no age."""
    of_project = [
        structure({"id": "a"}, ProjectAPIKey),
        structure({"id": "b", "created_at": ODD, "owner": None}, ProjectAPIKey),
        structure({"id": "c", "created_at": 0, "last_used_at": ODD}, ProjectAPIKey),
        structure({"id": "d", "created_at": 0}, ProjectAPIKey),
    ]
    keys = {"proj_1": of_project}
    assert never_used_keys(keys, now=NOW) == stale_keys(keys, now=NOW) == ()
    assert keys_of_former_members(keys, [], now=NOW) == ()
    value = {"redacted_value": "sk-admin-...abc"}
    of_organization = [
        structure({"id": "a", **value}, AdminAPIKey),
        structure({"id": "c", "created_at": 0, "last_used_at": ODD, **value}, AdminAPIKey),
        structure({"id": "d", "created_at": 0, **value}, AdminAPIKey),
    ]
    assert stale_admin_keys(of_organization, now=NOW) == ()


def test_how_long_a_key_was_idle_is_not_known_without_its_age() -> None:
    owner = {"type": "user", "user": {"id": "user-gone"}}
    keys = [
        structure({"id": "a", "owner": owner}, ProjectAPIKey),
        structure({"id": "b", "owner": owner, "last_used_at": ODD, "created_at": 0}, ProjectAPIKey),
    ]
    found = keys_of_former_members({"proj_1": keys}, [], now=NOW)
    assert [(f.key_id, f.idle_days) for f in found] == [("a", None), ("b", None)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"added_at": ODD},
        {"added_at": 0, "api_key_last_used_at": ODD},
        {"added_at": 0, "role": None},
    ],
)
def test_an_owner_of_whom_too_little_is_known_is_not_inactive(fields: dict[str, object]) -> None:
    user = structure({"id": "user-1", "role": "owner", **fields}, OrganizationUser)
    assert inactive_owners([user], now=NOW) == ()


def test_an_owner_whose_admin_keys_use_cannot_be_read_is_not_inactive() -> None:
    user = structure({"id": "user-1", "role": "owner", "added_at": 0}, OrganizationUser)
    key = {"id": "key_1", "owner": {"id": "user-1"}}
    for unknown in ({"last_used_at": ODD}, {}):
        unread = structure({**key, **unknown}, AdminAPIKey)
        assert inactive_owners([user], now=NOW, admin_keys=[unread]) == ()
    unused = structure({**key, "last_used_at": None}, AdminAPIKey)
    (found,) = inactive_owners([user], now=NOW, admin_keys=[unused])
    assert found.user_id == "user-1"


def test_an_invite_without_its_time_is_not_old() -> None:
    invite = structure({"id": "invite-1", "status": "pending"}, Invite)
    assert pending_invites([invite], now=NOW) == ()
