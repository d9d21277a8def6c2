"""What an error says of the keys that there are by then; and tests where there are no models."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from openai_admin import InvalidInputError, RotationError, SinkError
from openai_admin.emulator.faults import Status
from openai_admin.workflows.journal import Journal
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place


@pytest.fixture
def full_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that the disk has no room for."""
    lines: list[str] = []
    append = Journal.append

    def appended(self: Journal, entry: Any) -> None:
        if entry["what"] in lines:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, entry)

    monkeypatch.setattr(Journal, "append", appended)
    return lines


@pytest.mark.parametrize(
    ("line", "stands"),
    [
        ("begun", "No key was made or deleted."),
        ("created", "is valid as before. A new key was made, which memory does not hold: run"),
        ("putting", "is valid as before, and memory does not hold the new key key_"),
        ("set", "is valid as before; whether memory holds the new key key_"),
        ("deleting", "memory was given the new key key_"),
    ],
)
async def test_a_full_disk(
    line: str, stands: str, organization: Organization, full_at: list[str]
) -> None:
    place = Place(organization.secret)
    full_at.append(line)
    with pytest.raises(RotationError, match="cannot be written: No space left") as caught:
        await organization.rotate(place, finish=True)
    assert stands in str(caught.value)
    assert organization.accepts(organization.secret)
    assert organization.accepts(place.secret)
    full_at.clear()
    assert (await organization.rotate(place, finish=True)).is_finished
    assert len(await organization.keys()) == 1


async def test_a_deletion_that_fails(organization: Organization) -> None:
    place = Place(organization.secret)
    fault = organization.emulator.faults.add(Status(status=403, match="projects.api_keys.delete"))
    with pytest.raises(
        RotationError,
        match=r"memory was given the new key key_\w+, which is valid; whether the old key"
        rf" {organization.key} is deleted is not known. Run the same command again",
    ):
        await organization.rotate(place, finish=True)
    assert place.secret != organization.secret
    organization.emulator.faults.remove(fault)
    assert (await organization.rotate(place)).is_finished


async def test_a_place_that_can_no_longer_be_read(organization: Organization) -> None:
    place = Place(organization.secret)
    first = await organization.rotate(place)

    async def get() -> str | None:
        raise SinkError("It is locked.")

    place.get = get  # type: ignore[method-assign]
    with pytest.raises(
        RotationError, match=f"It is locked. memory was given the new key {first.new_key}; that one"
    ):
        await organization.rotate(place)


async def test_a_gateway_without_models(organization: Organization) -> None:
    place = Place(organization.secret)
    organization.emulator.faults.add(Status(status=404, match="models.list"))
    with pytest.raises(RotationError, match=r"could not be tested.*--test names another test"):
        await organization.rotate(place)
    for bad in ("models", "/a b", "//x", "nothing", ""):
        with pytest.raises(InvalidInputError, match="must be a path"):
            await organization.rotate(place, test=bad)
    planned = await organization.rotate(place, test="none", plan=True)
    assert planned.left[1].startswith("Do not test it, but put it into memory")
    first = await organization.rotate(place, test="none")
    assert "whether the API accepts it is not known" in first.notes[-1]
    assert not any("Tested" in sentence for sentence in first.done)
    last = await organization.rotate(place, test="none", finish=True)
    assert "whether the API accepts it is not known" in last.notes[0]
    assert organization.accepts(place.secret)


async def test_another_path_tests_a_key(organization: Organization) -> None:
    secret = organization.emulator.add_key(name="ci")
    place = Place(secret)
    rotate = organization.client.workflows.rotate_admin_key
    with pytest.raises(RotationError, match="could not be tested"):
        await rotate("ci", to=place, test="/nowhere", journal=organization.journal)
    assert place.secret == secret
    organization.emulator.faults.add(Status(status=404, match="projects.list"))
    rotation = await rotate(
        "ci", to=place, test="/organization/users?limit=1", journal=organization.journal
    )
    assert rotation.state == "overlap"
    assert any("Tested" in sentence for sentence in rotation.done)
