"""What type checkers see of both clients: read by mypy, never run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Generator
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.methods import operation_of
from openai_admin._declare.operation import Operation
from openai_admin._declare.pagination import AsyncPager, Pager
from openai_admin._declare.resource import (
    Async,
    AsyncResponse,
    Blocking,
    BlockingResponse,
)
from openai_admin._wire.models import Page
from openai_admin._wire.response import Response
from openai_admin.directory.check import KeyCheck
from openai_admin.resources.admin_api_keys import AdminAPIKey, AdminAPIKeyCreateResponse
from openai_admin.resources.audit_logs import AuditLog
from openai_admin.resources.common import Deleted
from openai_admin.resources.projects import Project, Projects
from openai_admin.resources.usage.results import CompletionsUsage, Cost, UsageBucket
from openai_admin.resources.users.model import OrganizationUser
from openai_admin.usage.table import UsageTable


async def asynchronous(client: AsyncOpenAIAdmin) -> None:
    """Every kind of operation, awaited."""
    # read
    project = await assert_type(client.projects.retrieve("p"), Coroutine[Any, Any, Project])
    assert_type(project, Project)
    assert_type(project.created_at, datetime | None)
    assert_type(project.archived_at, datetime | None)

    # create, change, archive, delete
    assert_type(await client.projects.create(name="x", geography="EU"), Project)
    assert_type(await client.projects.update("p", external_key_id=None), Project)
    assert_type(await client.projects.archive("p"), Project)
    assert_type(await client.users.delete("u"), Deleted)
    key = await client.admin_api_keys.create(name="x")
    assert_type(key, AdminAPIKeyCreateResponse)
    assert_type(key.value, str)

    # listing: the first page, every item, every page
    assert_type(client.users.list(limit=5), AsyncPager[OrganizationUser])
    assert_type(await client.users.list(), Page[OrganizationUser])
    async for user in client.users.list(emails=["a@b.example"]):
        assert_type(user, OrganizationUser)
    async for user in await client.users.list():
        assert_type(user, OrganizationUser)
    async for page in client.admin_api_keys.list(order="asc").pages():
        assert_type(page, Page[AdminAPIKey])
        assert_type(page.data, list[AdminAPIKey])
    async for event in client.audit_logs.list(project_ids=["p"]):
        assert_type(event, AuditLog)

    # usage and costs
    usage = client.usage.completions(start_time=0, group_by=["model", "batch"])
    assert_type(usage, AsyncPager[UsageBucket[CompletionsUsage]])
    async for bucket in client.usage.costs(start_time="2026-01-01", bucket_width="1d"):
        assert_type(bucket, UsageBucket[Cost])
        for cost in bucket.results:
            if cost.amount is not None:
                assert_type(cost.amount.value, Decimal | None)

    # several requests at once
    stream = client.usage.stream("completions", start_time=0, group_by={"model"}, batch=False)
    assert_type(stream, AsyncGenerator[UsageBucket[CompletionsUsage], None])
    assert_type(
        client.usage.stream("costs", start_time=0, project_ids=(id for id in ["p"])),
        AsyncGenerator[UsageBucket[Cost], None],
    )
    assert_type(client.audit_logs.tail(), AsyncGenerator[AuditLog, None])
    await client.usage.collect(["costs", "images"], start_time=0, group_by=["line_item", "size"])
    table = await client.usage.collect("all", start_time=0)
    assert_type(table, UsageTable)
    assert_type(await client.usage.name(table), UsageTable)
    assert_type(await client.check(), KeyCheck)
    assert_type(await table.with_names(client), UsageTable)
    for row in table:
        assert_type(row, dict[str, Any])

    # with what came beside the result
    response = await client.with_response.projects.retrieve("p")
    assert_type(response, Response[Project])
    assert_type(response.value, Project)
    assert_type(response.headers["x-request-id"], str)
    assert_type(response.request_id, str | None)
    assert_type(response.value.request_id, str | None)
    assert_type(await client.with_response.users.list(limit=5), Response[Page[OrganizationUser]])
    assert_type(
        await client.with_options(timeout=5).with_response.usage.costs(start_time=0),
        Response[Page[UsageBucket[Cost]]],
    )
    assert_type(client.with_response.projects, Projects[AsyncResponse])
    assert_type(await client.with_response.request("GET", "/organization/new"), Response[Any])

    # nested resources, the client itself
    assert_type(client.projects, Projects[Async])
    assert_type(client.with_options(timeout=5), AsyncOpenAIAdmin)
    assert_type(client.with_options(max_retries=0).projects, Projects[Async])
    await client.request("GET", "/organization/new", query={"a": [1]})
    await client.projects.users.delete("p", "u")


def blocking(client: OpenAIAdmin) -> None:
    """The same operations, blocking."""
    # read
    assert_type(client.projects.retrieve("p"), Project)

    # create, change, archive, delete
    assert_type(client.projects.create(name="x", geography="EU"), Project)
    assert_type(client.projects.update("p", external_key_id=None), Project)
    assert_type(client.projects.archive("p"), Project)
    assert_type(client.users.delete("u"), Deleted)
    assert_type(client.admin_api_keys.create(name="x"), AdminAPIKeyCreateResponse)

    # listing: the first page, every item, every page
    users = client.users.list(limit=5)
    assert_type(users, Pager[OrganizationUser])
    assert_type(users.data, list[OrganizationUser])
    assert_type(users.has_more, bool)
    for user in users:
        assert_type(user, OrganizationUser)
    for page in client.admin_api_keys.list(order="asc").pages():
        assert_type(page, Page[AdminAPIKey])
    for event in client.audit_logs.list(project_ids=["p"]):
        assert_type(event, AuditLog)

    # usage and costs
    usage = client.usage.completions(start_time=0, group_by=["model", "batch"])
    assert_type(usage, Pager[UsageBucket[CompletionsUsage]])
    for bucket in client.usage.costs(start_time="2026-01-01", bucket_width="1d"):
        assert_type(bucket, UsageBucket[Cost])

    # several requests at once
    stream = client.usage.stream("completions", start_time=0, group_by={"model"}, batch=False)
    assert_type(stream, Generator[UsageBucket[CompletionsUsage], None, None])
    assert_type(
        client.usage.stream("costs", start_time=0, project_ids=(id for id in ["p"])),
        Generator[UsageBucket[Cost], None, None],
    )
    assert_type(client.audit_logs.tail(), Generator[AuditLog, None, None])
    table = client.usage.collect("all", start_time=0)
    assert_type(table, UsageTable)
    assert_type(client.usage.name(table), UsageTable)
    assert_type(client.check(), KeyCheck)
    assert_type(table.with_names(client), UsageTable)

    # with what came beside the result
    assert_type(client.with_response.projects.retrieve("p"), Response[Project])
    assert_type(client.with_response.users.list(limit=5), Response[Page[OrganizationUser]])
    assert_type(
        client.with_options(timeout=5).with_response.usage.costs(start_time=0),
        Response[Page[UsageBucket[Cost]]],
    )
    assert_type(client.with_response.projects, Projects[BlockingResponse])
    assert_type(client.with_response.request("GET", "/organization/new"), Response[Any])

    # nested resources, the client itself
    assert_type(client.projects, Projects[Blocking])
    assert_type(client.with_options(timeout=5), OpenAIAdmin)
    client.request("GET", "/organization/new", query={"a": [1]})
    client.projects.users.delete("p", "u")


def declared() -> None:
    """A method read from the class knows its operation."""
    assert_type(operation_of(Projects.create), Operation)
    assert_type(operation_of(Projects.list), Operation)
