"""Detections over a stretch of a real log: what is read, learned from, found, and not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError, OpenAIAdmin, PermissionDeniedError
from openai_admin.audit.detections.detecting import Detected, detect
from openai_admin.audit.detections.exceptions import AcceptedRisk
from openai_admin.audit.detections.model import Context, Hit
from openai_admin.audit.detections.settings import Settings
from openai_admin.audit.event import AuditEvent
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from tests.audit.detections.examples import BUSY, EXAMPLES, PROJECT_ARCHIVED
from tests.audit.detections.test_watching import failing

DAY = timedelta(days=1)
ACTOR = {
    "type": "session",
    "session": {
        "user": {"id": "user-1", "email": "jo@acme.example"},
        "ip_address": "203.0.113.7",
        "ip_address_details": {"country": "NL"},
    },
}


def archived(emulator: Emulator, project: str, *, ago: timedelta) -> str:
    """An event of the log."""
    at = emulator.store.now() - int(ago.total_seconds())
    event = emulator.store.audit("project.archived", {"id": project}, actor=ACTOR, effective_at=at)
    return str(event["id"])


def client_of(emulator: Emulator) -> AsyncOpenAIAdmin:
    """A client that gives up at once."""
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, max_retries=0)


async def found(emulator: Emulator, **given: Any) -> Detected:
    """What the examples find."""
    async with client_of(emulator) as client:
        return await detect(client, given.pop("detections", EXAMPLES), **given)


async def test_only_what_is_in_the_stretch_is_told_and_the_rest_is_learned_from(
    emulator: Emulator,
) -> None:
    archived(emulator, "proj_0", ago=61 * DAY)  # neither
    archived(emulator, "proj_1", ago=45 * DAY)  # learned from
    archived(emulator, "proj_2", ago=31 * DAY)
    archived(emulator, "proj_3", ago=20 * DAY)
    archived(emulator, "proj_4", ago=DAY)
    result = await found(emulator)
    assert [(each.detection, each.about) for each in result.findings] == [
        ("project_archived", "proj_3"),
        ("busy", "user-1"),  # the third thing: two were before
        ("project_archived", "proj_4"),
    ]
    assert result.learned_from == 2
    assert result.events == len(emulator.store.audit_logs) - 3
    assert result.since - result.learned_since == 30 * DAY
    assert result.not_known == ()


async def test_no_history_is_no_history(emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=45 * DAY)
    archived(emulator, "proj_2", ago=DAY)
    result = await found(emulator, history=timedelta())
    assert result.learned_from == 0
    assert [each.about for each in result.findings] == ["proj_2"]


async def test_a_stretch_has_an_end_that_is_not_included(emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=3 * DAY)
    archived(emulator, "proj_2", ago=2 * DAY)
    archived(emulator, "proj_3", ago=DAY)
    now = datetime.fromtimestamp(emulator.store.now(), UTC)
    result = await found(emulator, since=now - 3 * DAY, until=now - DAY, detections=EXAMPLES[:1])
    assert [each.about for each in result.findings] == ["proj_1", "proj_2"]


async def test_an_event_of_the_future_is_looked_at(emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=-DAY)
    assert [each.about for each in (await found(emulator)).findings] == ["proj_1"]


async def test_names_are_looked_up_for_what_findings_mention(demo: Emulator) -> None:
    project = next(iter(demo.store.projects))
    at = demo.store.now() - 60
    demo.store.audit(
        "project.archived",
        {"id": project["id"]},
        actor=ACTOR,
        project=project,
        effective_at=at,
    )
    result = await found(demo, detections=EXAMPLES[:1])
    summary = f"The project {project['name']} ({project['id']}) was archived."
    assert [each.summary for each in result.findings][-1] == summary
    assert result.names[project["id"]] == project["name"]
    bare = await found(demo, detections=EXAMPLES[:1], with_lookups=False)
    assert [each.summary for each in bare.findings][-1] == (
        f"The project {project['id']} was archived."
    )


async def test_quiet_or_without_names_it_takes_three_requests_beside_the_log(
    demo: Emulator,
) -> None:
    await found(demo, detections=())
    asked = [each.operation for each in demo.requests if each.operation != "audit_logs.list"]
    assert sorted(map(str, asked)) == ["admin_api_keys.list", "roles.list", "users.list"]


async def test_what_an_exception_covers_by_a_name_that_is_looked_up_is_accepted(
    demo: Emulator,
) -> None:
    project = next(iter(demo.store.projects))
    archived(demo, project["id"], ago=timedelta(minutes=1))
    risk = AcceptedRisk(
        detections=frozenset({"project_archived"}),
        reason="Known",
        until=datetime.now(UTC).date() + DAY,
        persons=frozenset({"jo@acme.example"}),
    )
    result = await found(demo, detections=EXAMPLES[:1], settings=Settings(exceptions=(risk,)))
    assert [each.about for each in result.accepted] == [project["id"]]
    assert project["id"] not in [each.about for each in result.findings]


async def test_what_a_detection_could_not_look_at_is_not_known(emulator: Emulator) -> None:
    id = archived(emulator, "proj_1", ago=DAY)
    result = await found(emulator, detections=[failing(PROJECT_ARCHIVED, at=id), BUSY])
    assert result.findings == ()
    assert result.not_known == (
        f"project_archived could not look at 1 event ({id}): KeyError: 'actor'",
    )


@attrs.frozen(kw_only=True)
class Odd(JSONFault):
    """Each event has a time that is none, or an id that is none."""

    field: str

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for event in value["data"]:
            event[self.field] = {"odd": True}
        return value


async def test_an_event_that_cannot_be_read_is_looked_at_and_counted(emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=DAY)
    emulator.faults.add(Odd(match="audit_logs.list", field="id"))
    result = await found(emulator, detections=EXAMPLES[:1])
    assert [each.about for each in result.findings] == ["proj_1"]
    assert result.odd_events == result.events > 0


async def test_detections_know_who_leaves_within_the_stretch(emulator: Emulator) -> None:
    def look(event: AuditEvent, state: None, context: Context) -> list[Hit]:
        return [Hit(about=",".join(context.directory.left), summary="", evidence=(event,))]

    gone = emulator.store.now() - 86_400
    emulator.store.audit("user.deleted", {"id": "user-7"}, actor=ACTOR, effective_at=gone)
    project: Any = {"id": "proj_1", "name": "One"}
    emulator.store.audit(
        "user.deleted", {"id": "user-8"}, actor=ACTOR, effective_at=gone, project=project
    )
    told = attrs.evolve(PROJECT_ARCHIVED, look=look, types=None, state=lambda: None)
    result = await found(emulator, detections=[told])
    assert {each.about for each in result.findings} == {"user-7"}


@pytest.mark.parametrize(
    ("match", "told"),
    [("roles.list", "roles"), ("users.list", "people"), ("admin_api_keys.list", "admin keys")],
)
async def test_what_is_refused_costs_itself(match: str, told: str, emulator: Emulator) -> None:
    archived(emulator, "proj_1", ago=DAY)
    emulator.faults.add(Status(match=match, status=403))
    result = await found(emulator, detections=EXAMPLES[:1])
    assert [each.about for each in result.findings] == ["proj_1"]
    (lacks,) = result.not_known
    assert lacks.startswith(f"{told}: ")


async def test_people_who_could_not_be_read_are_told_once(emulator: Emulator) -> None:
    emulator.store.audit(
        "project.archived",
        {"id": "proj_1"},
        actor={"type": "api_key", "api_key": {"id": "key_1", "service_account": {"id": "sa-1"}}},
        project={"id": "proj_1", "name": "One"},
        effective_at=emulator.store.now() - 3600,
    )
    emulator.faults.add(Status(match="users.list", status=403))
    result = await found(emulator, detections=EXAMPLES[:1])
    (lacks,) = [each for each in result.not_known if "people" in each]
    assert lacks.startswith("people: ")
    assert len([each for each in emulator.requests if each.path.endswith("/users")]) == 1


async def test_the_scope_that_a_refusal_of_the_log_names_is_the_only_one(
    emulator: Emulator,
) -> None:
    told = "You have insufficient permissions for this operation. Missing scopes: api.x.read."
    body = {"error": {"message": told, "type": "invalid_request_error"}}
    emulator.faults.add(Status(match="audit_logs.list", status=403, body=body))
    with pytest.raises(PermissionDeniedError) as raised:
        await found(emulator)
    assert raised.value.missing_scopes == ("api.x.read",)
    assert raised.value.__notes__ == [
        "The audit log must be switched on in the organization's settings."
    ]


async def test_a_log_that_is_refused_is_an_error_with_what_it_takes(emulator: Emulator) -> None:
    emulator.faults.add(Status(match="audit_logs.list", status=403))
    with pytest.raises(PermissionDeniedError) as raised:
        await found(emulator)
    (note,) = raised.value.__notes__
    assert note.startswith("The audit log must be switched on in the organization's settings, and")


async def test_both_clients_have_it(emulator: Emulator, tmp_path: Any) -> None:
    import anyio.to_thread

    file = tmp_path / "detect.toml"
    file.write_text("[detections.owner_granted]\nenabled = false\n")
    user = emulator.store.users.add(
        {
            "object": "organization.user",
            "id": "user-2",
            "name": "Two",
            "email": "two@example.com",
            "role": "reader",
            "added_at": 1,
        }
    )

    def blocking() -> Detected:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            client.users.update(user["id"], role="owner")
            return client.audit.detect(only=["owner_granted"])

    result = await anyio.to_thread.run_sync(blocking)
    assert [(each.detection, each.about) for each in result.findings] == [
        ("owner_granted", "user-2")
    ]
    async with client_of(emulator) as client:
        again = await client.audit.detect(only=["owner_granted"])
        assert [each.id for each in again.findings] == [each.id for each in result.findings]
        off = await client.audit.detect(only=["owner_granted"], settings=file)
        assert off.findings == ()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"only": ["owner_grant"]}, "did you mean 'owner_granted'?"),
        ({"only": "owner_granted"}, "only must be a list of detections, as ['owner_granted']"),
        ({"only": []}, "only names no detection: leave it out for all of them."),
        (
            {"only": ["nosuch", "owner_grantd"]},
            "did you mean 'owner_granted'? There is no detection 'nosuch'; there are owner_granted",
        ),
        ({"since": datetime(2026, 11, 1)}, "since must have a time zone, such as UTC"),  # noqa: DTZ001
        ({"until": datetime(2026, 11, 1)}, "until must have a time zone, such as UTC"),  # noqa: DTZ001
        ({"since": "2026-11-01"}, "since must be a datetime with a time zone, not '2026-11-01'."),
        (
            {
                "since": datetime(2026, 11, 2, tzinfo=UTC),
                "until": datetime(2026, 11, 1, tzinfo=UTC),
            },
            "since must be before until",
        ),
        ({"history": -DAY}, "history must not be less than nothing"),
        ({"settings": "/nowhere/detect.toml"}, "/nowhere/detect.toml cannot be read"),
    ],
)
async def test_bad_input_is_refused_before_anything_is_sent(
    given: dict[str, Any], told: str, emulator: Emulator
) -> None:
    async with client_of(emulator) as client:
        with pytest.raises(InvalidInputError) as raised:
            await client.audit.detect(**given)
    assert told in str(raised.value)
    assert not emulator.requests


async def test_an_empty_stretch_is_refused(emulator: Emulator) -> None:
    now = datetime.now(UTC)
    with pytest.raises(InvalidInputError, match="since must be before until"):
        await found(emulator, since=now, until=now - DAY)
