"""What the API refuses or cannot be read is told; no table is empty in its place."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from openai_admin._causes import chain
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults.refusals import Grouping, MissingScope, ProjectFails
from openai_admin.errors import AuthenticationError, InvalidInputError
from openai_admin.integrations.dlt import NotKnownError, openai_admin_source
from tests.integrations.dlt.warehouses import Warehouse
from tests.odd import KEY, OddServer

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)


def test_a_refusal_ends_the_run_unless_it_is_allowed(
    organization: Emulator, database: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes three runs; the key comes from the environment, and stays out of all files."""
    key = organization.admin_key
    monkeypatch.setenv("SOURCES__OPENAI_ADMIN__ADMIN_KEY", key)
    monkeypatch.setenv("SOURCES__OPENAI_ADMIN__BASE_URL", organization.base_url)
    monkeypatch.setenv("SOURCES__OPENAI_ADMIN__SINCE", str(TODAY - DAY))
    loaded = ("users", "audit_logs", "project_users")
    database.load("project_users")
    project = database.rows("project_users")[0]["project_id"]
    before = [row["id"] for row in database.rows("project_users")]

    organization.faults.add(MissingScope(match="audit_logs.list"))
    organization.faults.add(ProjectFails(project=project, status=403))
    with pytest.raises(PipelineStepFailed) as failed:
        database.load(*loaded, allow_missing=["project_users"])
    (error,) = (e for e in chain(failed.value) if isinstance(e, NotKnownError))
    assert str(error).startswith("audit_logs cannot be loaded: the key lacks `api.")
    assert database.tables == {"project_users", "not_known"}  # nothing of the run was loaded

    database.load(*loaded, allow_missing=True)
    assert database.tables == {"users", "project_users", "not_known"}
    lacks = sorted(database.rows("not_known"), key=lambda row: row["resource"])
    assert [(row["resource"], row["what"], row["project_id"]) for row in lacks] == [
        ("audit_logs", "refused", None),
        ("project_users", "refused", project),
    ]
    assert "api." in lacks[0]["reason"]
    # What the warehouse has of the project stays.
    assert sorted(row["id"] for row in database.rows("project_users")) == sorted(before)

    organization.faults.clear()
    database.load(*loaded)
    assert database.tables == {*loaded, "not_known"}
    assert database.rows("not_known") == []

    files = [path for path in database.folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path for path in files if key.encode() in path.read_bytes()]
    assert key not in repr(database.pipeline().last_trace)


def test_what_cannot_be_read_and_what_is_not_declared(
    server: OddServer, database: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    odd = {"input_tokens": "many", "color": "red", "amount": 3}
    server.rows = lambda endpoint, start: [{"input_tokens": 2, "model": "gpt-4o"}, odd, "odd"]
    server.listings["users"] = [{"id": "user-1", "added_at": "soon"}, {"name": "without an id"}]
    source: dict[str, Any] = {"admin_key": KEY, "base_url": server.base_url}
    with caplog.at_level(logging.WARNING, logger="openai_admin.integrations.dlt"):
        database.load("completions", "users", since=TODAY - 9 * DAY, until=TODAY, **source)
    rows = [row for row in database.rows("completions") if row["date"] == TODAY - 9 * DAY]
    found = {row["row_id"].partition("#")[2]: row for row in rows}
    assert [found[n]["input_tokens"] for n in "012"] == [2, None, None]
    assert json.loads(found["1"]["extra"]) == {"color": "red", "amount": "3"}
    assert found["0"]["extra"] is found["0"]["unreadable"] is None
    assert json.loads(found["2"]["unreadable"]) == "odd"
    assert not any(row["complete"] for row in rows)
    users = sorted(database.rows("users"), key=lambda row: row["row_id"])
    assert [user["id"] for user in users] == ["user-1", None]
    assert json.loads(users[0]["extra"]) == {"added_at_raw": "soon"}
    assert json.loads(users[1]["unreadable"]) == {"name": "without an id"}
    assert "of 2 rows something could not be read" in caplog.text

    # Days that are long settled, but were not read as a whole, are fetched again.
    server.rows = lambda endpoint, start: [{"input_tokens": 3}]
    database.load("completions", since=TODAY - 9 * DAY, until=TODAY, **source)
    again = database.rows("completions")
    assert [row["input_tokens"] for row in again] == [3] * 9
    server.asked.clear()
    database.load("completions", since=TODAY - 9 * DAY, until=TODAY - 6 * DAY, **source)
    assert "usage/completions" not in server.asked


def test_another_organization_is_refused(server: OddServer, database: Warehouse) -> None:
    source: dict[str, Any] = {"admin_key": KEY, "base_url": server.base_url, "since": TODAY - DAY}
    server.rows = lambda endpoint, start: [{"organization_id": "org-one"}]
    database.load("costs", **source)
    server.rows = lambda endpoint, start: [{"organization_id": "org-two"}]
    with pytest.raises(PipelineStepFailed, match="org-one, and the key belongs to org-two"):
        database.load("costs", **source)
    assert {row["organization_id"] for row in database.rows("costs")} == {"org-one"}


def test_files_that_cannot_replace_days_are_refused(server: OddServer, database: Warehouse) -> None:
    pipeline = dlt.pipeline(
        "plain",
        pipelines_dir=str(database.folder),
        destination=dlt.destinations.filesystem(f"file://{database.folder}/plain"),
    )
    source = openai_admin_source(KEY, base_url=server.base_url).with_resources("users")
    with pytest.raises(PipelineStepFailed, match="pass table_format='delta'"):
        pipeline.run(source)
    assert server.asked == []


def test_a_wrong_key_is_no_refusal_that_may_be_allowed(
    organization: Emulator, database: Warehouse
) -> None:
    source: dict[str, Any] = {"base_url": organization.base_url, "allow_missing": True}
    with pytest.raises(PipelineStepFailed) as failed:
        database.load("users", "groups", admin_key="sk-admin-wrong", **source)
    assert any(isinstance(error, AuthenticationError) for error in chain(failed.value))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"since": "September"}, "since must be a date as 2026-09-01, not 'September'"),
        ({"until": 20260901}, "until must be a date as 2026-09-01, not 20260901"),
        ({"bucket_width": "2d"}, "bucket_width must be '1m', '1h' or '1d', not '2d'"),
        ({"restate_days": -1}, "restate_days must be at least 0, not -1"),
        ({"allow_missing": ["cost"]}, "there is no resource 'cost'.*did you mean 'costs'"),
    ],
)
def test_arguments_that_make_no_sense(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        openai_admin_source(KEY, **arguments)


def test_another_width_than_the_warehouse_has(server: OddServer, database: Warehouse) -> None:
    source: dict[str, Any] = {"admin_key": KEY, "base_url": server.base_url, "since": TODAY - DAY}
    server.rows = lambda endpoint, start: [{"num_sessions": 1}]
    database.load("code_interpreter_sessions", **source)
    with pytest.raises(PipelineStepFailed, match="with bucket_width '1d': go on with that"):
        database.load("code_interpreter_sessions", bucket_width="1h", **source)


def test_a_field_that_is_refused_later_ends_no_run(
    organization: Emulator, database: Warehouse
) -> None:
    source: dict[str, Any] = {
        "admin_key": organization.admin_key,
        "base_url": organization.base_url,
        "since": str(TODAY - DAY),
        "until": str(TODAY),
    }
    database.load("costs", **source)
    before = database.rows("costs")
    assert any(row["api_key_id"] for row in before)
    organization.faults.add(Grouping(fields=["api_key_id"]))
    database.load("costs", **source)
    assert database.rows("costs") == before  # a day that has a field keeps it
    assert {row["what"] for row in database.rows("not_known")} == {"left_out"}
    reasons = [row["reason"] for row in database.rows("not_known")]
    assert any("the days are kept as they were fetched before" in reason for reason in reasons)
