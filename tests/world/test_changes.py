"""Odd answers to deletions and creations on every surface that changes things.

``pytest -s tests/world/test_changes.py`` prints the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openai_admin._declare.operation import OPERATIONS
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Odd
from openai_admin.errors import APIStatusError, OutcomeUnknownError
from tests.world.surfaces import CLIENTS, Done, called
from tests.world.table import Table

NOT_CLIENTS = ("cli", "mcp")
SURFACES = (*CLIENTS, *NOT_CLIENTS)

DELETIONS: list[tuple[str, bool | None]] = [
    ("empty", None),
    ("braces", None),
    ("deleted_absent", None),
    ("deleted_without_id", True),
    ("deleted_false", False),
]
"""Odd answers to a deletion, each with what is then known of it."""

CREATIONS = ("created_owner_absent", "created_at_absent")
"""Answers that lack something beside the secret."""

CREATED = [
    ("admin_api_keys.create", {"name": "ci"}),
    ("projects.service_accounts.create", {"name": "bot"}),
]


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[Table]:
    """How each case went; printed at the end."""
    made = Table("odd answers to changes", SURFACES)
    yield made
    made.print()


def _someone(org: Emulator) -> str:
    return next(str(user["id"]) for user in org.store.users if user["role"] != "owner")


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("name", "deleted"), DELETIONS, ids=[name for name, _ in DELETIONS])
async def test_a_deletion_says_what_is_known(
    org: Emulator, table: Table, surface: str, name: str, deleted: bool | None
) -> None:
    with table.tried(f"users.delete:{name}", surface):
        user_id = _someone(org)
        org.faults.add(Odd(match="users.delete", names=(name,)))
        done = await called(surface, org, "users.delete", {"user_id": user_id})
        assert user_id not in org.store.users
        # Whoever runs a command sees by its exit code whether the removal was confirmed.
        assert done.failed is (surface == "cli" and deleted is not True), done.text
        assert ("did not confirm" in done.text) is (surface in NOT_CLIENTS and deleted is not True)
        assert done.result.get("deleted") is deleted
        assert len([r for r in org.requests if r.operation == "users.delete"]) == 1


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("users.delete", {"user_id": ""}),
        ("users.update", {"user_id": "", "role": "owner"}),
        ("projects.create", {"name": "Odd"}),
        ("spend_limit.delete", {}),
    ],
)
async def test_an_error_with_the_status_200_is_an_error(
    org: Emulator, table: Table, surface: str, operation: str, arguments: dict[str, Any]
) -> None:
    with table.tried(f"{operation}:error", surface):
        if "user_id" in arguments:
            arguments = {**arguments, "user_id": _someone(org)}
        org.faults.add(Odd(match=operation, names=("error",)))
        done = await called(surface, org, operation, arguments)
        assert done.failed
        assert "The gateway could not reach the service" in done.text
        if surface in CLIENTS:
            error: BaseException | None = done.error
            if not OPERATIONS[operation].repeatable:  # the gateway may have passed it on
                assert isinstance(error, OutcomeUnknownError)
                error = error.__cause__
            assert isinstance(error, APIStatusError)


def _arguments(org: Emulator, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    if not operation.startswith("projects."):
        return arguments
    return {**arguments, "project_id": max(org.store.project_api_keys)}


async def _create(
    org: Emulator, surface: str, operation: str, arguments: dict[str, Any], file: Path
) -> Done:
    given = _arguments(org, operation, arguments)
    if surface == "cli":
        given["secret_file"] = file
    return await called(surface, org, operation, given)


def _handed_over(surface: str, done: Done, file: Path) -> str:
    """The secret, where this surface hands it over."""
    if surface == "cli":
        return file.read_text().strip()
    if surface == "mcp":
        return str(done.result["secret"])
    if done.error is None:
        key = done.result.get("api_key")
        return str(done.result["value"] if key is None else key.value)
    assert isinstance(done.error, OutcomeUnknownError)
    assert done.error.secret is not None
    return done.error.secret.value


def _is_a_secret(text: str) -> bool:
    return text.startswith("sk-") and len(text) > 20


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", CREATIONS)
@pytest.mark.parametrize(("operation", "arguments"), CREATED, ids=[name for name, _ in CREATED])
async def test_a_secret_is_handed_over_whatever_is_missing(
    org: Emulator,
    table: Table,
    tmp_path: Path,
    surface: str,
    operation: str,
    arguments: dict[str, Any],
    name: str,
) -> None:
    with table.tried(f"{operation}:{name}", surface):
        org.faults.add(Odd(match=operation, names=(name,)))
        done = await _create(org, surface, operation, dict(arguments), tmp_path / "secret")
        assert not done.failed, done.text
        assert _is_a_secret(_handed_over(surface, done, tmp_path / "secret"))


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("operation", "arguments"), CREATED, ids=[name for name, _ in CREATED])
async def test_a_secret_outlasts_an_answer_without_an_identity(
    org: Emulator,
    table: Table,
    tmp_path: Path,
    surface: str,
    operation: str,
    arguments: dict[str, Any],
) -> None:
    with table.tried(f"{operation}:created_id_absent", surface):
        org.faults.add(Odd(match=operation, names=("created_id_absent",)))
        done = await _create(org, surface, operation, dict(arguments), tmp_path / "secret")
        assert "took effect" in done.text
        secret = _handed_over(surface, done, tmp_path / "secret")
        assert _is_a_secret(secret)
        if surface != "mcp":  # whose result is how the secret is handed over
            assert done.failed
            assert secret not in done.text
