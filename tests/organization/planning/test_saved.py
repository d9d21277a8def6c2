"""A plan as JSON: written, described by a schema, and read back only as it was written."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest

from openai_admin.directory.not_known import NotKnown
from openai_admin.errors import InvalidInputError
from openai_admin.organization.canonical import digest_of
from openai_admin.organization.document.model import (
    Document,
    ExternalStorage,
    FederationRule,
    IdentityProvider,
    Member,
    Project,
    ServiceTiers,
    Settings,
    SpendAlert,
)
from openai_admin.organization.planning import saved
from openai_admin.organization.planning.model import (
    Exceeded,
    FieldChange,
    From,
    Impossible,
    Plan,
    Step,
    Untouched,
)
from openai_admin.organization.planning.schema import plan_schema

PLAN = Plan(
    organization="org-acme",
    made_at=datetime(2026, 11, 27, 9, 30, tzinfo=UTC),
    state="sha256:1",
    sections={"projects": "sha256:2"},
    file="sha256:3",
    document=Document(
        prune=("projects",),
        projects={
            "Search": Project(
                members={"Ana@example.com": Member(role="owner")},
                spend_limit=Decimal("1250.50"),
                spend_alerts=(SpendAlert(amount=Decimal(900), emails=("ana@example.com",)),),
                models="none",
                service_tiers=ServiceTiers(enabled="all"),
                external_storage=(ExternalStorage(provider={"type": "s3", "bucket": "b"}),),
            )
        },
        settings=Settings(spend_limit="none"),
        identity_providers={
            "CI": IdentityProvider(
                issuer="https://ci.example.com",
                audience="openai",
                rules={
                    "deploy": FederationRule(
                        project="Search",
                        service_account="ci",
                        attributes={"branch": "main", "protected": True, "level": 3, "load": 0.5},
                        permissions=("api.model.read",),
                    )
                },
            )
        },
    ),
    steps=(
        Step(
            id="projects/Search",
            section="projects",
            action="create",
            subject="Search",
            operation="projects.create",
            arguments={"name": "Search"},
        ),
        Step(
            id="projects/Search/spend_limit",
            section="projects.spend_limit",
            action="change",
            subject="Search",
            project="Search",
            changes=(FieldChange(field="spend_limit", old=Decimal("99.5"), new=Decimal(1250)),),
            operation="projects.spend_limit.update",
            arguments={
                "project_id": From(step="projects/Search"),
                "threshold_amount": 125000,
                "odd": [{"id": From(step="projects/Search")}, {"$from": "a text"}, 0.5],
            },
            needs=("projects/Search",),
            power="none",
        ),
    ),
    impossible=(Impossible(section="projects", subject="Old", reason="It is archived."),),
    exceeded=(Exceeded(kind="owners", reason="An owner would be removed."),),
    untouched=(
        Untouched(section="people", subject="x", reason="It is protected.", kind="protected"),
    ),
    not_known=(NotKnown(kind="groups", reason="the API refused it", status=403),),
)


def test_a_plan_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    saved.save(PLAN, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert saved.is_plan(path.read_text())
    again = saved.read(path)
    assert again == PLAN
    assert saved.text_of(again) == path.read_text()


def test_numbers_are_numbers_for_policies_and_a_step_is_named_where_it_makes_an_id() -> None:
    data = saved.as_json(PLAN)
    step = data["steps"][1]
    assert step["changes"] == [{"field": "spend_limit", "old": 99.5, "new": 1250}]
    assert step["arguments"]["project_id"] == {"$from": "projects/Search"}
    assert step["project"] == "Search"
    assert data["steps"][0]["project"] is None
    assert data["document"]["settings"] == {"spend_limit": "none"}


def test_the_schema_describes_what_is_written_and_nothing_else() -> None:
    schema = plan_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    data = json.loads(saved.text_of(PLAN))
    validator.validate(data)
    data["steps"][0]["action"] = "destroy"
    del data["steps"][1]["power"]
    told = " ".join(error.message for error in validator.iter_errors(data))
    assert "'destroy' is not one of" in told
    assert "'power' is a required property" in told
    other = json.loads(saved.text_of(PLAN))
    other["document"]["projects"]["Search"]["colour"] = "red"
    assert not validator.is_valid(other)


def _signed(data: dict[str, Any]) -> dict[str, Any]:
    """A plan as somebody would forge it who computes the digest anew."""
    del data["digest"]
    return data | {"digest": digest_of(data, is_sorted=False)}


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: {n: each for n, each in data.items() if n != name}


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda d: d | {"organization": "org-other"}, "was changed after it was made"),
        (lambda d: d | {"exceeded": []}, "was changed after it was made"),
        (_without("digest"), "was changed after it was made"),
        (lambda d: d | {"format": 2}, "is a plan of format 2, and this version reads 1"),
        (lambda d: d | {"format": True}, "is a plan of format True"),
        (_without("kind"), "is not a saved plan"),
        (lambda d: _signed(d | {"colour": "red"}), "has a field that is not known: colour"),
        (lambda d: _signed(d | {"steps": {}}), "steps must be a list, not an object"),
        (lambda d: _signed(d | {"steps": [{"id": 1}]}), r"steps\[0\] lacks section"),
        (lambda d: _signed(d | {"made_at": "yesterday"}), "made_at is not a time"),
        (lambda d: _signed(d | {"state": 5}), "state must be text"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(
    edit: Callable[[dict[str, Any]], dict[str, Any]], told: str
) -> None:
    with pytest.raises(InvalidInputError, match=f"^plan.json .*{told}"):
        saved.plan_of(json.dumps(edit(json.loads(saved.text_of(PLAN)))), "plan.json")


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": NaN}', "version: 1", "[" * 100_000])
def test_what_is_no_plan_at_all_is_refused(text: str) -> None:
    assert not saved.is_plan(text)
    with pytest.raises(InvalidInputError, match=r"^plan\.json is not a saved plan"):
        saved.plan_of(text, "plan.json")


def test_a_plan_is_not_read_from_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(InvalidInputError, match="it is not text"):
        saved.read(path)


def test_an_empty_plan_is_written_too() -> None:
    assert saved.plan_of(saved.text_of(Plan())) == Plan()
    assert attrs.evolve(Plan(), organization="org-a") != Plan()
