"""A place that fails while a key is rotated, from the side of who runs the command.

Where it does not hold the new key, the old one is valid, the new one is deleted, and that is said.
Where that is not known, no key is deleted, and the same command goes on.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import attrs
import pytest
from aiohttp import web

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from tests.cli.conftest import Outcome, invoke
from tests.served import Served
from tests.workflows.sinks.programs import program


@attrs.frozen
class Account:
    """A service account that has one key.

    Attributes:
        secret: its key.
    """

    emulator: Emulator
    client: AsyncOpenAIAdmin
    project: str
    id: str
    secret: str

    async def keys(self) -> Sequence[str]:
        """The ids of its keys."""
        listing = self.client.projects.api_keys.list(self.project, owner_project_access="any")
        return [key.id async for key in listing]

    def accepts(self, secret: str | None) -> bool:
        """Whether the API accepts a key now."""
        return secret in self.emulator.store.keys._by_value

    def line(self, to: str) -> list[str]:
        """The command line that rotates its key."""
        named = ["service-account", self.id, "--project", self.project]
        return ["rotate", *named, "--to", to, "--finish", "--yes"]

    async def rotate(self, to: str) -> Outcome:
        """Run the command."""
        return await invoke(*self.line(to))


@pytest.fixture
async def account(
    emulator: Emulator, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Account]:
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
    monkeypatch.setenv("XDG_STATE_HOME", str(programs / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(programs / "config"))
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        project = await client.projects.create(name="Search")
        made = await client.projects.service_accounts.create(project.id, name="nightly")
        assert made.api_key is not None
        yield Account(emulator, client, project.id, made.id, made.api_key.value)


async def _is_as_before(account: Account, outcome: Outcome, why: str) -> None:
    """The sink has failed: the old key is the only one, and that was said."""
    assert outcome.code == 1
    assert outcome.err.count("Traceback") == 0
    (last,) = outcome.err.splitlines()[-1:]
    assert why in last
    assert "is valid as before, and the new key" in last
    assert last.endswith("was deleted again.")
    assert len(await account.keys()) == 1
    assert account.accepts(account.secret)


async def _is_in_doubt(account: Account, outcome: Outcome, why: str) -> None:
    """Whether the sink has it is not known: both keys are valid, and that was said."""
    assert outcome.code == 1
    (last,) = outcome.err.splitlines()[-1:]
    assert why in last
    assert last.endswith("is not known, so no key was deleted: run the same command again.")
    assert len(await account.keys()) == 2
    assert account.accepts(account.secret)


async def _is_rotated(account: Account, outcome: Outcome, held: Callable[[], str]) -> None:
    """The new key is the only one, and the sink has it."""
    assert outcome.code == 0, outcome.err
    assert len(await account.keys()) == 1
    assert held() != account.secret
    assert account.accepts(held())
    assert not account.accepts(account.secret)


async def test_a_file_that_others_can_read_costs_no_key(account: Account, programs: Path) -> None:
    env = programs / ".env"
    env.write_text(f"OPENAI_API_KEY={account.secret}\n")
    env.chmod(0o644)
    outcome = await account.rotate("file:.env")
    assert (outcome.code, outcome.err) == (
        1,
        f"{env} can be read or changed by others (mode 0644): run 'chmod 600 {env}'.\n",
    )
    assert len(await account.keys()) == 1
    assert account.accepts(account.secret)


async def test_a_disk_that_is_full(account: Account, programs: Path) -> None:
    env = programs / ".env"
    env.touch(0o600)
    env.write_text(f"{'# a long comment' * 2000}\nOPENAI_API_KEY={account.secret}\n")
    before = env.read_text()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # the journal is shorter
    try:
        outcome = await account.rotate("file:.env")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    await _is_as_before(account, outcome, f"{env} cannot be written: File too large. ")
    assert env.read_text() == before
    again = await account.rotate("file:.env")
    await _is_rotated(account, again, lambda: env.read_text().strip().rpartition("=")[2])


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("cat; echo >&2 'no such place'; exit 1", "failed (exit code 1): no such place. "),
        ("exit 0", "succeeded without reading the secret from its standard input"),
    ],
)
async def test_a_command_that_fails(
    script: str, why: str, account: Account, programs: Path
) -> None:
    program(programs, "store", script)
    outcome = await account.rotate("command:store")
    await _is_as_before(account, outcome, f"The command store {why}")
    assert ("It may have stored what it read" in outcome.err) == ("cat" in script)
    assert "sk-svcacct-emulated" not in outcome.err + outcome.out
    program(programs, "store", "cat > held")
    again = await account.rotate("command:store")
    await _is_rotated(account, again, (programs / "held").read_text)


async def test_a_command_that_is_killed(account: Account, programs: Path) -> None:
    program(programs, "store", "cat > held; kill -9 $$")
    outcome = await account.rotate("command:store")
    await _is_in_doubt(account, outcome, "The command store was ended by signal 9. ")
    assert account.accepts((programs / "held").read_text())
    program(programs, "store", "cat > held")
    again = await account.rotate("command:store")
    await _is_rotated(account, again, (programs / "held").read_text)


async def test_ctrl_c_while_a_command_runs(account: Account, programs: Path) -> None:
    program(programs, "store", "trap 'exit 130' INT; cat > held; echo > here; sleep 60 & wait")
    line = ["-m", "openai_admin", *account.line("command:store")]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *line, stderr=subprocess.PIPE, start_new_session=True
    )
    while not (programs / "here").exists():
        assert process.returncode is None
        await asyncio.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, told = await process.communicate()
    os.killpg(process.pid, signal.SIGKILL)  # what it left in the background
    assert process.returncode == 130
    assert b"Traceback" not in told
    assert len(await account.keys()) == 2
    assert account.accepts((programs / "held").read_text())
    program(programs, "store", "cat > held")
    again = await account.rotate("command:store")
    await _is_rotated(account, again, (programs / "held").read_text)


class _Gate(Served):
    """Passes on to moto what is not to fail.

    Attributes:
        denied: the operations that are refused.
        lost: those that are passed on, and whose answers are lost.
        then: what is denied from the first loss on.
    """

    def __init__(self, moto: str) -> None:
        self._moto = moto
        self.denied: set[str] = set()
        self.lost: set[str] = set()
        self.then: set[str] = set()

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/v1/", self._pass)
        return application

    async def _pass(self, request: web.Request) -> web.Response:
        name = request.headers["X-Amz-Target"].partition(".")[2]
        if name in self.denied:
            denial = {"__type": "AccessDeniedException", "Message": f"No {name}"}
            return web.json_response(denial, status=400)
        body = await request.read()
        async with aiohttp.request(
            "POST", self._moto, data=body, headers=request.headers
        ) as answer:
            answered = web.Response(body=await answer.read(), status=answer.status)
        if name in self.lost:
            self.denied |= self.then
            assert request.transport is not None
            request.transport.close()
        return answered


@pytest.fixture
async def gate(moto: Any, environment: pytest.MonkeyPatch) -> AsyncIterator[_Gate]:
    """A gate before moto's server."""
    async with _Gate(moto.meta.endpoint_url) as gate:
        environment.setenv("AWS_ENDPOINT_URL", f"{gate.base_url}/")
        yield gate


@pytest.mark.parametrize("denied", ["PutSecretValue", "UpdateSecretVersionStage"])
async def test_aws_that_denies_a_step(
    denied: str, account: Account, gate: _Gate, moto: Any
) -> None:
    name, held = _secret(moto, account)
    gate.denied = {denied}
    outcome = await account.rotate(f"aws-secretsmanager:{name}")
    why = f"{name} cannot be changed, since AWS denies access: No {denied}. "
    await _is_as_before(account, outcome, why)
    assert held() == account.secret
    gate.denied = set()
    await _is_rotated(account, await account.rotate(f"aws-secretsmanager:{name}"), held)


async def test_aws_whose_answers_are_lost(account: Account, gate: _Gate, moto: Any) -> None:
    name, held = _secret(moto, account)
    gate.lost = {"UpdateSecretVersionStage"}
    await _is_rotated(account, await account.rotate(f"aws-secretsmanager:{name}"), held)


async def test_aws_that_is_lost_altogether(account: Account, gate: _Gate, moto: Any) -> None:
    name, held = _secret(moto, account)
    gate.lost, gate.then = {"UpdateSecretVersionStage"}, {"GetSecretValue"}
    outcome = await account.rotate(f"aws-secretsmanager:{name}")
    await _is_in_doubt(account, outcome, f"{name} cannot be changed: Connection was closed")
    gate.lost, gate.denied = set(), set()
    await _is_rotated(account, await account.rotate(f"aws-secretsmanager:{name}"), held)


def _secret(moto: Any, account: Account) -> tuple[str, Callable[[], str]]:
    """The name of a new secret that holds the account's key, and how to look into it."""
    name = f"app/{uuid4()}"
    moto.create_secret(Name=name, SecretString=account.secret)

    def held() -> str:
        found = moto.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
        return str(found["SecretString"])

    return name, held
