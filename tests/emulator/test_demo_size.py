"""The demo organization grown to a size: as many of each, and as whole as the small one."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator, Size
from openai_admin.emulator.demo import ExpectedFindings, populate
from openai_admin.emulator.metering import ENDPOINTS
from openai_admin.emulator.metering.shape import DAY
from openai_admin.emulator.store import Store

NOW = 1_795_512_345
SIZE = Size(projects=42, users=250, keys=260, events=6_000)


def demo(size: Size | None) -> tuple[Store, ExpectedFindings]:
    store = Store(seed=0, now=lambda: NOW)
    return store, populate(store, size)


@pytest.fixture(scope="module")
def grown() -> tuple[Store, ExpectedFindings]:
    return demo(SIZE)


def test_it_has_as_many_of_each_as_it_was_given(grown: tuple[Store, ExpectedFindings]) -> None:
    store, _ = grown
    assert len(store.projects) == 42
    assert len(store.users) == 250
    assert sum(len(keys) for keys in store.project_api_keys.values()) == 260
    assert len(store.audit_logs) == 6_000
    emails = [user["email"] for user in store.users]
    names = [project["name"] for project in store.projects]
    assert len(set(emails)) == 250
    assert len(set(names)) == 42


def test_most_people_are_in_a_project_and_every_event_in_its_time(
    grown: tuple[Store, ExpectedFindings],
) -> None:
    store, _ = grown
    members = {m["id"] for table in store.project_users.values() for m in table}
    idle = [user["id"] for user in store.users if user["id"] not in members]
    assert len(idle) <= 25  # those of archived projects
    moments = [event["effective_at"] for event in store.audit_logs]
    assert moments == sorted(moments)
    assert moments[-1] <= NOW
    created = [project["created_at"] for project in store.projects]
    assert created == sorted(created)


def test_what_there_is_to_find_is_complete(grown: tuple[Store, ExpectedFindings]) -> None:
    store, expected = grown
    keys = [key for table in store.project_api_keys.values() for key in table]
    stale = {k["id"] for k in keys if k["last_used_at"] and k["last_used_at"] < NOW - 90 * DAY}
    assert stale == set(expected.stale_keys)
    assert len(stale) > 15
    unused = {k["id"] for k in keys if k["last_used_at"] is None}
    assert unused == set(expected.never_used_keys)
    gone = {
        k["id"]
        for k in keys
        if k["owner"]["type"] == "user" and k["owner"]["user"]["id"] not in store.users
    }
    assert gone == set(expected.keys_of_former_members)


def test_its_small_part_is_the_small_organization(grown: tuple[Store, ExpectedFindings]) -> None:
    """Projects, people and keys have the same ids, and the same usage."""
    small, found = demo(None)
    store, expected = grown
    for project in small.projects:
        assert store.projects.get(project["id"])["name"] == project["name"]
        keys = list(small.project_api_keys[project["id"]])
        assert list(store.project_api_keys[project["id"]]) == keys
    assert [*small.users.ids] == [*store.users.ids][: len(small.users)]
    assert expected.anomaly == found.anomaly
    edges = range(NOW // DAY * DAY - DAY, NOW // DAY * DAY + 1, 3600)
    wanted = {"project_id": [project["id"] for project in small.projects]}
    for endpoint in (ENDPOINTS["completions"], ENDPOINTS["embeddings"]):
        rows = store.meter.usage(endpoint, edges, filters=wanted, now=NOW)
        assert rows == small.meter.usage(endpoint, edges, now=NOW)


def test_a_size_is_of_the_demo_organization_and_known() -> None:
    with pytest.raises(ValueError, match="must be 'small', 'large' or a Size, not 'huge'"):
        Emulator(size="huge")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'empty' has none"):
        Emulator(state="empty", size="large")
