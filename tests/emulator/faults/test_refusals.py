"""What the API refuses in one organization and not in another, each in every form it was seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from openai_admin.emulator import Emulator, parse_fault
from openai_admin.emulator.metering.shape import DAY
from tests.emulator.faults.raw_client import Answer, send
from tests.emulator.faults.time_machine import Time

NOW = 1_795_512_345
TODAY = NOW // DAY * DAY

COSTS, COMPLETIONS = "/organization/costs", "/organization/usage/completions"


@pytest.fixture
async def demo(time: Time) -> AsyncIterator[Emulator]:
    """The demo organization at a fixed time."""
    async with Emulator(now=lambda: NOW, sleep=time.sleep, clock=time.clock) as emulator:
        yield emulator


async def ask(emulator: Emulator, path: str, days: int, **query: object) -> Answer:
    """The answer to a query of usage that starts so many days before today."""
    pairs = [("start_time", TODAY - days * DAY), *query.items()]
    return await send(emulator, "GET", f"{path}?" + "&".join(f"{k}={v}" for k, v in pairs))


def error(answer: Answer) -> tuple[int, Any, Any]:
    """The status, and the error's `param` and `code`."""
    found = answer.json["error"]
    return answer.status, found["param"], found["code"]


async def test_an_endpoint_has_a_look_back_of_its_own(demo: Emulator) -> None:
    demo.faults.add(parse_fault("lookback:usage.costs:days=90"))
    assert (await ask(demo, COSTS, 90)).status == 200
    refused = await ask(demo, COSTS, 91)
    assert error(refused) == (400, "start_time", "reporting_lookback_exceeded")
    assert "2026-08-26" in refused.json["error"]["message"]
    assert (await ask(demo, COMPLETIONS, 91)).status == 200


async def test_a_look_back_may_leave_out_the_day(demo: Emulator) -> None:
    demo.faults.add(parse_fault("lookback::days=90,vague"))
    refused = await ask(demo, COMPLETIONS, 91)
    assert error(refused) == (400, "start_time", "reporting_lookback_exceeded")
    assert not any(character.isdigit() for character in refused.json["error"]["message"])


async def test_what_is_no_query_of_usage_has_no_look_back(demo: Emulator) -> None:
    demo.faults.add(parse_fault("lookback::days=0"))
    assert (await send(demo, "GET", "/organization/projects")).status == 200


async def test_a_wrong_key_stays_a_wrong_key(demo: Emulator) -> None:
    demo.faults.add(parse_fault("lookback::days=90"))
    target = f"{COSTS}?start_time={TODAY - 91 * DAY}"
    answer = await send(demo, "GET", target, headers={"Authorization": "Bearer wrong"})
    assert error(answer) == (401, None, "invalid_api_key")


@pytest.mark.parametrize(
    ("options", "param", "code"),
    [
        ("", "group_by", "invalid_value"),
        (",param=no", None, "invalid_value"),
        (",code=no", "group_by", None),
        (",param=no,code=no", None, None),
    ],
)
async def test_a_field_cannot_be_grouped_by(
    demo: Emulator, options: str, param: str | None, code: str | None
) -> None:
    demo.faults.add(parse_fault(f"grouping:usage.costs:fields=user_id+api_source{options}"))
    refused = await ask(demo, COSTS, 7, group_by="line_item,user_id")
    assert error(refused) == (400, param, code)
    assert "'user_id'" in refused.json["error"]["message"]
    assert (await ask(demo, COSTS, 7, group_by="line_item,project_id")).status == 200


async def test_a_refused_grouping_may_not_be_named(demo: Emulator) -> None:
    demo.faults.add(parse_fault("grouping::fields=model,vague"))
    refused = await ask(demo, COMPLETIONS, 7, group_by="model")
    assert "model" not in refused.json["error"]["message"]


async def test_fields_may_be_refused_together_alone_or_of_early_days_alone(demo: Emulator) -> None:
    demo.faults.add(parse_fault("grouping::fields=model+batch,together"))
    demo.faults.add(parse_fault("grouping::fields=user_id,before=30"))
    asked = [(7, "model,batch"), (7, "model"), (31, "user_id"), (30, "user_id")]
    statuses = [(await ask(demo, COMPLETIONS, d, group_by=g)).status for d, g in asked]
    assert statuses == [400, 200, 400, 200]


@pytest.mark.parametrize("status", [500, 504])
async def test_wide_pages_with_many_groups_fail(demo: Emulator, status: int) -> None:
    demo.faults.add(parse_fault(f"too-wide:usage.*:window=4d,groups=2,status={status}"))
    asked = [(5, "model,batch"), (4, "model,batch"), (5, "model")]
    answers = [await ask(demo, COMPLETIONS, 9, limit=n, group_by=g) for n, g in asked]
    assert [answer.status for answer in answers] == [status, 200, 200]
    assert answers[0].json["error"]["type"] == "server_error"


async def test_a_missing_scope_has_three_forms(demo: Emulator) -> None:
    forms: dict[str, Any] = {}
    for form in ("403", "401", "text"):
        fault = demo.faults.add(parse_fault(f"missing-scope:usage.*:form={form}"))
        forms[form] = await ask(demo, COSTS, 7)
        demo.faults.remove(fault)
        assert b"Missing scopes: api.usage.read" in forms[form].body
    assert error(forms["403"]) == (403, None, "missing_scope")
    assert error(forms["401"]) == (401, None, None)
    assert forms["text"].status == 403
    assert isinstance(forms["text"].json["error"], str)


async def test_a_missing_scope_is_that_of_the_operation(demo: Emulator) -> None:
    demo.faults.add(parse_fault("missing-scope"))
    answer = await send(demo, "POST", "/organization/projects", body=b'{"name":"x"}')
    assert b"api.management.write" in answer.body


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_feature_may_be_off(demo: Emulator, status: int) -> None:
    demo.faults.add(parse_fault(f"feature-off:audit_logs.*:status={status}"))
    answer = await send(demo, "GET", "/organization/audit_logs")
    assert error(answer) == (status, None, None)
    assert "audit logs" in answer.json["error"]["message"]


async def test_one_project_may_fail(demo: Emulator) -> None:
    first, second, *_ = [project["id"] for project in demo.store.projects]
    demo.faults.add(parse_fault(f"project-fails::project={first}"))
    targets = [f"/organization/projects/{id}/users" for id in (first, second)]
    assert [(await send(demo, "GET", target)).status for target in targets] == [500, 200]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_refusal_may_have_another_status(demo: Emulator, status: int) -> None:
    archived = next(p["id"] for p in demo.store.projects if p["status"] == "archived")
    demo.faults.add(parse_fault(f"other-refusal::code=project_archived,status={status}"))
    targets = [f"/organization/projects/{id}" for id in (archived, "proj_unknown")]
    answers = [await send(demo, "POST", target, body=b'{"name":"x"}') for target in targets]
    assert error(answers[0]) == (status, None, "project_archived")
    assert error(answers[1]) == (404, None, "not_found")


async def test_a_refusal_may_be_in_other_words(demo: Emulator) -> None:
    demo.faults.add(
        parse_fault("other-refusal:*.users.*:code=not_found,status=400,message=not a member")
    )
    project = next(iter(demo.store.projects))["id"]
    answer = await send(demo, "DELETE", f"/organization/projects/{project}/users/user-gone")
    assert (answer.status, answer.json["error"]["message"]) == (400, "not a member")
