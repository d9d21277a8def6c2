"""`create_autospec` of a client's class has its resources, with the methods of that client."""

from __future__ import annotations

import inspect
from functools import reduce
from typing import Any
from unittest.mock import AsyncMock, create_autospec

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.operation import OPERATIONS
from openai_admin.resources import load

load()


@pytest.mark.parametrize("kind", [AsyncOpenAIAdmin, OpenAIAdmin])
def test_a_double_has_each_operation_as_the_client_has_it(kind: Any) -> None:
    double, client = create_autospec(kind, instance=True), kind("sk-admin-canary0123456789abcdWXYZ")
    for root in ("", "with_response."):
        for name in OPERATIONS:
            path = (root + name).split(".")
            method, real = reduce(getattr, path, double), reduce(getattr, path, client)
            assert inspect.signature(method) == inspect.signature(real)
            assert isinstance(method, AsyncMock) == inspect.iscoroutinefunction(real)


async def test_a_double_of_the_asynchronous_client_is_used_as_the_client() -> None:
    double = create_autospec(AsyncOpenAIAdmin, instance=True)
    double.usage.collect.return_value = "a table"
    double.projects.users.retrieve.return_value = "someone"
    assert await double.usage.collect("costs", start_time="2026-01-01") == "a table"
    assert await double.projects.users.retrieve("proj_1", "user_1") == "someone"
    double.projects.list(limit=2)
    double.projects.list.assert_called_once_with(limit=2)
    with pytest.raises(TypeError, match="limits"):
        double.projects.list(limits=2)
    for unknown in ("projekts", "projects.lists", "projects.users.nobody"):
        with pytest.raises(AttributeError):
            reduce(getattr, unknown.split("."), double)


def test_a_class_has_the_classes_of_its_resources() -> None:
    key = "sk-admin-canary0123456789abcdWXYZ"
    with OpenAIAdmin(key) as client:
        for kind, made in ((OpenAIAdmin, client), (AsyncOpenAIAdmin, AsyncOpenAIAdmin(key))):
            for path in ("projects.users.roles", "fine_tuning.checkpoints.permissions", "usage"):
                for root in ("", "with_response."):
                    resource = reduce(getattr, (root + path).split("."), made)
                    assert type(resource) is reduce(getattr, (root + path).split("."), kind)
    assert inspect.getattr_static(AsyncOpenAIAdmin, "groups").__doc__ == (
        "Groups of people, their members and roles."
    )
