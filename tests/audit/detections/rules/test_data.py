"""Retention, logging of calls, external storage, keys of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from .stream import Raw, at, event, find, key_of, keys

AWS = {"type": "aws", "account_id": "1", "bucket": "b", "region": "eu-west-1"}


def changed(changes: Any, days: float = 0, project: str | None = None, by: Any = None) -> Raw:
    type = "organization.updated" if project is None else "project.updated"
    payload = {"id": project or "org-1", "changes_requested": changes}
    return event(type, payload, when=at(days), project=project, by=by)


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"data_retention": {"type": "none"}}, "high"),
        ({"data_retention": "none"}, "high"),
        ({"data_retention": None}, "high"),
        ({"retention_type": "modified_abuse_monitoring"}, "medium"),
        ({"settings": {"data_retention": {"type": "organization_default"}}}, "medium"),
        ({"data_retention": {"type": "zero_data_retention"}}, "low"),
        ({"data_retention_days": 365}, "medium"),
        ({"api_call_logging": "disabled"}, "high"),
        ({"settings": {"api_call_logging": "disabled"}}, "high"),
        ({"api_call_logging": False}, "high"),
        ({"api_call_logging": None}, "high"),
    ],
)
@pytest.mark.parametrize("project", [None, "proj_1"])
def test_a_change_of_what_is_kept(changes: Any, severity: str, project: str | None) -> None:
    (finding,) = find([changed(changes, project=project)])
    assert (finding.detection, finding.severity) == ("retention_changed", severity)
    assert finding.about == (project or "organization")


def test_a_weaker_retention_is_worse_than_a_stricter_one() -> None:
    kinds = ("zero_data_retention", "modified_abuse_monitoring", "zero_data_retention")
    raws = [changed({"data_retention": {"type": kind}}, n) for n, kind in enumerate(kinds)]
    _, weaker, stricter = find(raws)
    assert (weaker.severity, stricter.severity) == ("high", "low")
    assert "from “zero_data_retention” to “modified_abuse_monitoring”" in weaker.summary


def test_logging_that_is_reduced_is_told_and_logging_that_grows_is_not() -> None:
    steps = ("enabled_per_call", "enabled_for_all_projects", "enabled_for_selected_projects")
    raws = [changed({"api_call_logging": step}, days) for days, step in enumerate(steps)]
    (finding,) = find(raws)
    assert finding.evidence[-1].id == raws[-1]["id"]


@pytest.mark.parametrize(
    "changes", [{"title": "retention"}, {"description": "none"}, {"retention_notes": {}}, [], 7]
)
def test_other_changes_are_not_told(changes: Any) -> None:
    assert not find([changed(changes)])


def test_the_same_again_is_no_change() -> None:
    value = {"object": "data_retention", "type": "none", "days": 30}
    raws = [changed({"data_retention": value}, days) for days in range(5)]
    assert len(find(raws)) == 1


def test_a_project_is_set_up_in_its_first_days() -> None:
    made = event("project.created", {"id": "proj_1"}, when=at(0), project="proj_1")
    raw = changed({"data_retention": "none"}, 2, "proj_1")
    assert not find([made, raw])
    assert len(find([made, changed({"data_retention": "none"}, 20, "proj_1")])) == 1


def test_a_program_that_sets_every_project_alike_is_told_of_once() -> None:
    by = key_of("ann", "key-terraform")
    kind = {"data_retention": {"type": "zero_data_retention"}}
    raws = [changed(kind, days, f"proj_{days}", by) for days in range(9)]
    assert len(find(raws)) == 1


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("external_storage.registered", {"id": "es-1", "data": {"provider": AWS}}),
        ("external_storage.registered", {"id": "es-1", "provider": AWS}),
        ("external_storage.registered", "es-1"),
        ("external_storage.registered", None),
        ("external_storage.removed", {"id": "es-1"}),
        ("external_storage.removed", [{"id": "es-1"}]),
        ("external_key.removed", {"id": "ek-1"}),
    ],
)
def test_storage_and_keys_that_come_or_go(type: str, payload: Any) -> None:
    for raw in (event(type, payload), event(type, payload, underscored=True)):
        assert keys(find([raw])) == ["external_storage_changed"]


def test_a_storage_in_an_account_where_others_are_is_less_severe() -> None:
    def registered(id: str, account: str) -> Raw:
        data = {"provider": {**AWS, "account_id": account}}
        return event("external_storage.registered", {"id": id, "data": data}, project="proj_1")

    found = find([registered("es-1", "1"), registered("es-2", "1"), registered("es-3", "666")])
    assert [finding.severity for finding in found] == ["high", "medium", "high"]
    assert "aws account 666" in found[-1].summary
