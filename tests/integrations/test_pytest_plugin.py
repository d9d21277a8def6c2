"""The fixtures that users' own tests have, in a pytest run of their own."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

THEIRS = """
import pytest
from openai_admin import AsyncOpenAIAdmin

def invite_everybody(client, addresses):
    return [client.invites.create(email=a, role="reader") for a in addresses]

def test_a_blocking_job(openai_admin_client, openai_admin_emulator):
    invite_everybody(openai_admin_client, ["a@example.com", "b@example.com"])
    invites = list(openai_admin_client.invites.list())
    assert {i.email for i in invites} == {"a@example.com", "b@example.com"}
    assert openai_admin_emulator.requests[0].operation == "invites.create"

def test_each_test_begins_anew(openai_admin_client):
    assert list(openai_admin_client.invites.list()) == []

@pytest.mark.openai_admin(state="demo", seed=7)
def test_the_demo_organization(openai_admin_client):
    assert len(list(openai_admin_client.projects.list(limit=100))) == 10

async def test_an_asynchronous_job(openai_admin_emulator):
    emulator = openai_admin_emulator
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        assert (await client.projects.create(name="mine")).name == "mine"
"""


def test_users_tests_run_on_the_emulator(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(THEIRS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-o", "asyncio_mode=auto")
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'demo'", "The mark openai_admin takes names: openai_admin(state='demo')."),
        ("state='full'", "state must be 'demo' or 'empty', not 'full'."),
    ],
)
def test_a_mark_of_no_organization_is_an_error(
    pytester: pytest.Pytester, arguments: str, message: str
) -> None:
    pytester.makepyfile(
        f"""
import pytest

@pytest.mark.openai_admin({arguments})
def test_theirs(openai_admin_client):
    pass
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    assert message in result.stdout.str()
