"""The demo organization: its size, its consistency, and what is expected to be found in it."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from statistics import median
from typing import Any

import pytest

from openai_admin.emulator.demo import ExpectedFindings, access, populate
from openai_admin.emulator.demo.keys import REPLACED
from openai_admin.emulator.demo.people import MANAGED, email
from openai_admin.emulator.metering import ENDPOINTS
from openai_admin.emulator.metering.shape import DAY
from openai_admin.emulator.rate_limits import LIMITS
from openai_admin.emulator.store import Store
from openai_admin.emulator.table import Record

NOW = 1_795_512_345
TODAY = NOW // DAY


class Demo:
    """A demo organization and shortcuts into it."""

    def __init__(self, *, seed: int = 0, now: int = NOW) -> None:
        self.store = Store(seed=seed, now=lambda: now)
        self.expected_findings: ExpectedFindings = populate(self.store)

    @property
    def keys(self) -> list[Record]:
        return [key for table in self.store.project_api_keys.values() for key in table]

    def project(self, name: str) -> Record:
        return next(project for project in self.store.projects if project["name"] == name)

    @cached_property
    def last_usage(self) -> dict[str, int]:
        """By key, the last day on which any endpoint counts something for it, by midnight."""
        today = self.store.now() // DAY
        days = range((today - 395) * DAY, (today + 2) * DAY, DAY)
        last: dict[str, int] = {}
        for endpoint in ENDPOINTS.values():
            if "api_key_id" in endpoint.dimensions:
                buckets = self.store.meter.usage(
                    endpoint, days, group_by=["api_key_id"], now=self.store.now()
                )
                for start, rows in zip(days, buckets, strict=False):
                    for row in rows:
                        last[row["api_key_id"]] = max(last.get(row["api_key_id"], 0), start)
        return last


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo()


@pytest.fixture(scope="module", params=[0, 1, 77])
def any_demo(request: pytest.FixtureRequest) -> Demo:
    """Demo organizations of several seeds, one at another hour and on a weekend."""
    seed: int = request.param
    return Demo(seed=seed, now=NOW if seed == 0 else NOW + 5 * DAY - seed * 431)


def test_listings_show_projects_and_users_in_the_order_of_their_coming(any_demo: Demo) -> None:
    created = [project["created_at"] for project in any_demo.store.projects]
    added = [user["added_at"] for user in any_demo.store.users]
    assert created == sorted(created)
    assert added == sorted(added)
    assert max(*created, *added) < any_demo.store.now() - 90 * DAY


def test_it_has_the_size_that_is_promised(any_demo: Demo) -> None:
    store = any_demo.store
    assert Counter(p["status"] for p in store.projects) == {"active": 10, "archived": 2}
    assert Counter(user["role"] for user in store.users) == {"owner": 3, "reader": 37}
    assert len(any_demo.keys) == 92
    assert len({stream.dimensions.get("model") for stream in store.meter.streams} - {None}) == 10
    assert {s.endpoint for s in store.meter.streams} == set(ENDPOINTS)
    assert Counter(invite["status"] for invite in store.invites) == {
        "accepted": 6,
        "expired": 3,
        "pending": 6,
    }


def test_the_same_seed_and_time_make_the_same_organization() -> None:
    first, second, other = Demo(seed=4), Demo(seed=4), Demo(seed=5)
    assert first.expected_findings == second.expected_findings != other.expected_findings
    assert first.keys == second.keys
    days = range(TODAY - 30, TODAY)
    costs = [demo.store.meter.costs(days, now=NOW) for demo in (first, second, other)]
    assert costs[0] == costs[1] != costs[2]


def test_ids_and_addresses_are_unique(any_demo: Demo) -> None:
    store = any_demo.store
    ids = [
        record["id"] for table in (store.projects, store.users, store.invites) for record in table
    ]
    ids += [key["id"] for key in any_demo.keys]
    ids += [a["id"] for table in store.project_service_accounts.values() for a in table]
    assert len(set(ids)) == len(ids)
    addresses = [user["email"] for user in store.users]
    assert len(set(addresses)) == 40
    assert all(address.isascii() for address in addresses)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Zoë Lindqvist", "zoe.lindqvist@example.com"),
        ("Liam O'Connor", "liam.oconnor@example.com"),
        ("Tomasz Łukasik", "tomasz.lukasik@example.com"),
        ("Fatima Zahra El Idrissi", "fatima.idrissi@example.com"),
    ],
)
def test_addresses_are_plain(name: str, address: str) -> None:
    assert email(name) == address


def test_members_and_owners_of_projects_are_members_of_the_organization(any_demo: Demo) -> None:
    store = any_demo.store
    for project in store.projects:
        members = list(store.project_users[project["id"]])
        owners = sum(member["role"] == "owner" for member in members)
        alone = project["name"] == access.PROJECT
        assert owners == ((1 if alone else 2) if project["status"] == "active" else 0)
        for member in members:
            user = store.users.get(member["id"])
            assert (member["email"], member["name"]) == (user["email"], user["name"])
            assert user["added_at"] <= member["added_at"] <= store.now()
            assert project["created_at"] <= member["added_at"]


def test_everybody_but_the_inactive_owner_is_in_a_project_that_goes_on(any_demo: Demo) -> None:
    store = any_demo.store
    active = [project["id"] for project in store.projects if project["status"] == "active"]
    members = {member["id"] for id in active for member in store.project_users[id]}
    outside = [user["id"] for user in store.users if user["id"] not in members]
    assert tuple(outside) == any_demo.expected_findings.inactive_owners


def test_keys_belong_to_members_service_accounts_or_former_members(any_demo: Demo) -> None:
    store = any_demo.store
    former = []
    for project_id, table in store.project_api_keys.items():
        for key in table:
            owner = key["owner"]
            if owner["type"] == "service_account":
                assert owner["service_account"]["id"] in store.project_service_accounts[project_id]
            elif owner["user"]["id"] not in store.project_users[project_id]:
                former.append(key["id"])
                assert owner["user"]["id"] not in store.users
                assert owner["user"]["id"] in any_demo.expected_findings.former_members
            access = "inactive" if key["id"] in former else "active"
            assert key["owner_project_access"] == access
    assert tuple(former) == any_demo.expected_findings.keys_of_former_members
    assert len(former) == 4


def test_no_secret_is_in_the_tables(any_demo: Demo) -> None:
    for key in [*any_demo.keys, *any_demo.store.admin_api_keys]:
        assert len(key["redacted_value"]) < 20
        assert "..." in key["redacted_value"]


def test_keys_say_truly_when_they_were_last_used(demo: Demo) -> None:
    for key in demo.keys:
        day = demo.last_usage.get(key["id"])
        if day is None:
            assert key["last_used_at"] is None
        else:
            assert day <= key["last_used_at"] < min(day + DAY, NOW + 1)
            assert key["created_at"] < key["last_used_at"]


def test_users_used_a_key_when_their_latest_was_used(demo: Demo) -> None:
    latest: dict[str, int] = {}
    for key in demo.keys:
        if key["owner"]["type"] == "user" and key["last_used_at"] is not None:
            id = key["owner"]["user"]["id"]
            latest[id] = max(latest.get(id, 0), key["last_used_at"])
    for user in demo.store.users:
        if user["id"] not in demo.expected_findings.inactive_owners:
            assert user["api_key_last_used_at"] == latest.get(user["id"])


def test_stale_and_never_used_keys_are_those_expected(any_demo: Demo) -> None:
    used = [key for key in any_demo.keys if key["last_used_at"] is not None]
    now = any_demo.store.now()
    stale = [key["id"] for key in used if key["last_used_at"] < now - 90 * DAY]
    unused = [key["id"] for key in any_demo.keys if key["last_used_at"] is None]
    assert tuple(stale) == any_demo.expected_findings.stale_keys
    assert tuple(unused) == any_demo.expected_findings.never_used_keys
    assert (len(stale), len(unused)) == (9, 6)
    assert all(key["created_at"] < now - 30 * DAY for key in any_demo.keys)
    # Between the two there is a gap, so that neither 60 days nor 90 draws a doubtful line.
    assert all(key["last_used_at"] > now - 14 * DAY for key in used if key["id"] not in set(stale))


def test_deleted_keys_are_in_no_table_and_keep_their_usage(any_demo: Demo) -> None:
    existing = {key["id"] for key in any_demo.keys}
    assert len(any_demo.expected_findings.deleted_keys) == 3
    for key_id in any_demo.expected_findings.deleted_keys:
        assert key_id not in existing
        assert key_id in any_demo.last_usage


def test_one_owner_is_inactive_and_has_the_stale_admin_key(any_demo: Demo) -> None:
    now = any_demo.store.now()
    inactive = [
        user["id"]
        for user in any_demo.store.users
        if user["role"] == "owner" and (user["api_key_last_used_at"] or 0) < now - 90 * DAY
    ]
    assert tuple(inactive) == any_demo.expected_findings.inactive_owners
    stale = [
        key["id"] for key in any_demo.store.admin_api_keys if key["last_used_at"] < now - 90 * DAY
    ]
    assert tuple(stale) == any_demo.expected_findings.stale_admin_keys
    assert len(stale) == 1


def test_pending_invites_are_those_expected(any_demo: Demo) -> None:
    store, now = any_demo.store, any_demo.store.now()
    members = {user["email"] for user in store.users}
    invited_again = list(store.users)[access.PERSON]["email"]
    assert {i["status"] for i in store.invites if i["email"] == invited_again} == {"pending"}
    pending = []
    for invite in store.invites:
        if invite["email"] != invited_again:
            assert (invite["email"] in members) == (invite["status"] == "accepted")
        assert (invite["accepted_at"] is not None) == (invite["status"] == "accepted")
        assert (invite["expires_at"] < now) or invite["status"] == "pending"
        assert all(granted["id"] in store.projects for granted in invite["projects"])
        if invite["status"] == "pending" and invite["created_at"] < now - 14 * DAY:
            pending.append(invite["id"])
    assert tuple(pending) == any_demo.expected_findings.pending_invites
    assert len(pending) == 3


def test_archived_projects_are_empty_and_have_no_usage_after_their_end(any_demo: Demo) -> None:
    store = any_demo.store
    archived = [project for project in store.projects if project["status"] == "archived"]
    for project in archived:
        for table in (
            store.project_api_keys,
            store.project_users,
            store.project_service_accounts,
        ):
            assert len(table[project["id"]]) == 0
        today = store.now() // DAY
        days = range(today - 395, today)
        filters = {"project_id": [project["id"]]}
        costs = store.meter.costs(days, filters=filters, now=store.now())
        spent = [day for day, rows in zip(days, costs, strict=True) if rows]
        assert project["created_at"] // DAY < spent[0]
        assert spent[-1] < project["archived_at"] // DAY


def test_every_project_has_a_limit_for_each_model(any_demo: Demo) -> None:
    for project in any_demo.store.projects:
        table = any_demo.store.project_rate_limits[project["id"]]
        assert [limit["model"] for limit in table] == list(LIMITS)
        assert len(table) == 10


def test_one_project_came_near_its_rate_limit_and_no_other(any_demo: Demo) -> None:
    store, now = any_demo.store, any_demo.store.now()
    minutes = range(now // 60 * 60 - 7 * DAY, now, 60)
    peaks: dict[tuple[str, str], dict[str, int]] = {}
    for name in ("completions", "decisions", "embeddings", "moderations", "images"):
        for project in store.projects:
            buckets = store.meter.usage(
                ENDPOINTS[name],
                minutes,
                group_by=["model"],
                filters={"project_id": [project["id"]]},
                now=now,
            )
            for row in (row for rows in buckets for row in rows):
                peak = peaks.setdefault((project["id"], row["model"]), Counter())
                for metric in ("num_model_requests", "input_tokens"):
                    peak[metric] = max(peak[metric], row.get(metric, 0))
    near = []
    for (project_id, model), peak in peaks.items():
        limit = store.project_rate_limits[project_id].get(f"rl-{model}")
        shares = (
            peak["num_model_requests"] / limit["max_requests_per_1_minute"],
            peak["input_tokens"] / limit["max_tokens_per_1_minute"],
        )
        assert max(shares) <= 1
        if max(shares) > 0.8:
            near.append((project_id, model))
    assert near == [any_demo.expected_findings.near_limit]


def daily_costs(demo: Demo, days: range) -> dict[tuple[str, str], list[float]]:
    """What each project spent on each model, day by day."""
    costs: dict[tuple[str, str], list[float]] = {}
    rows: list[dict[str, Any]]
    for place, rows in enumerate(
        demo.store.meter.costs(days, group_by=["project_id", "line_item"], now=demo.store.now())
    ):
        for row in rows:
            key = (row["project_id"], row["line_item"].partition(",")[0])
            costs.setdefault(key, [0.0] * len(days))[place] += float(row["amount"]["value"])
    return costs


def test_the_anomaly_stands_out_and_nothing_else_does(any_demo: Demo) -> None:
    """Against the same weekday of the weeks around it, a day is far off or nearly the same."""
    expected = any_demo.expected_findings.anomaly
    today = any_demo.store.now() // DAY
    days = range(today - 84, today)
    found = []
    for (project_id, model), series in daily_costs(any_demo, days).items():
        for place, day in enumerate(days):
            same = [
                series[p]
                for p in range(place % 7, len(days), 7)
                if abs(p - place) in (7, 14, 21, 28)
            ]
            usual = median(same)
            if not usual / 1.6 < series[place] < usual * 1.6:
                found.append((project_id, model, day * DAY))
    assert found == [(expected.project_id, expected.model, expected.day)]
    assert expected.factor == 7
    assert any_demo.project("Document Intake")["id"] == expected.project_id


def test_the_busiest_day_of_the_last_month_is_the_anomaly(any_demo: Demo) -> None:
    today = any_demo.store.now() // DAY
    days = range(today - 30, today)
    costs = any_demo.store.meter.costs(days, now=any_demo.store.now())
    spent = [rows[0]["amount"]["value"] for rows in costs]
    assert days[spent.index(max(spent))] * DAY == any_demo.expected_findings.anomaly.day
    assert 10_000 < sum(spent) < 40_000


def test_spending_grew_over_thirteen_months(any_demo: Demo) -> None:
    def month(last_day: int) -> float:
        rows = any_demo.store.meter.costs(range(last_day - 28, last_day), now=any_demo.store.now())
        return float(sum(row["amount"]["value"] for day in rows for row in day))

    today = any_demo.store.now() // DAY
    assert 0 < month(today - 365) < month(today - 180) < month(today - 20)


def test_one_person_holds_something_of_every_kind(any_demo: Demo) -> None:
    store, project = any_demo.store, any_demo.project(access.PROJECT)
    person = list(store.users)[access.PERSON]["id"]
    owners = [m["id"] for m in store.project_users[project["id"]] if m["role"] == "owner"]
    assert owners == [person]
    assert len(store.project_users.scopes_of(person)) == 2
    groups = {store.groups.get(id)["name"] for id in store.group_users.scopes_of(person)}
    assert groups == {"Data Science", "All Staff", access.GROUP}
    assert [store.roles.get(r["id"])["name"] for r in store.user_roles[person]] == ["Deputy"]
    assert len(store.project_user_roles[project["id"], person]) == 1
    in_projects = {
        project_id
        for project_id, keys in store.project_api_keys.items()
        for key in keys
        if (key["owner"].get("user") or {}).get("id") == person
    }
    assert in_projects == set(store.project_users.scopes_of(person))
    owned = [key for key in store.admin_api_keys if key["owner"]["id"] == person]
    assert [(key["name"], key["expires_at"]) for key in owned] == [("fraud-export", None)]
    uploaded = [
        event["certificate.created"]["name"]
        for event in store.audit_logs.walk(
            "asc", having={"event_types": {"certificate.created"}, "actor_ids": {person}}
        )
    ]
    assert uploaded == ["fraud-review-egress"]


def test_a_group_manages_a_project_and_some_admin_keys_end(any_demo: Demo) -> None:
    store, project = any_demo.store, any_demo.project(access.MANAGED_PROJECT)
    (granted,) = store.project_groups[project["id"]]
    group = store.groups.get(granted["id"])
    assert group["name"] == access.GROUP
    (role,) = store.project_group_roles[project["id"], group["id"]]
    permissions = store.project_roles[project["id"]].get(role["id"])["permissions"]
    assert permissions == ["api.project.read", "api.project.write"]
    ends = [key["expires_at"] for key in store.admin_api_keys]
    assert sum(end is not None for end in ends) == 1
    assert len(ends) == 6


def test_two_accounts_have_a_newer_key_beside_the_older(any_demo: Demo) -> None:
    keys: dict[str, list[Record]] = {}
    for key in any_demo.keys:
        account = key["owner"].get("service_account")
        if account is not None:
            keys.setdefault(account["name"], []).append(key)
    several = {name: found for name, found in keys.items() if len(found) > 1}
    assert set(several) == set(REPLACED)
    for older, newer in several.values():
        assert older["created_at"] < newer["created_at"] < older["last_used_at"]
        assert older["last_used_at"] < newer["last_used_at"]


def test_the_audit_log_is_in_the_order_of_time(any_demo: Demo) -> None:
    times = [event["effective_at"] for event in any_demo.store.audit_logs]
    assert times == sorted(times)
    assert times[-1] <= any_demo.store.now()


def test_the_last_who_came_are_managed_by_the_identity_provider(any_demo: Demo) -> None:
    managed = [user["is_scim_managed"] for user in any_demo.store.users]
    assert managed == [False] * (40 - MANAGED) + [True] * MANAGED
