"""Keys of service accounts and admin keys rotated, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openai_admin import InvalidInputError, OpenAIAdmin, RotationError, SinkError
from openai_admin.emulator.faults import Drop, MissingScope, NotYetVisible, Odd, Status
from openai_admin.workflows.rotation import several
from openai_admin.workflows.rotation.model import Wishes
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place, StagedPlace

_HOUR = 3600.0
_CREATE = "projects.service_accounts.api_keys.create"


async def _ids(organization: Organization) -> set[str]:
    return {key.id for key in await organization.keys()}


async def test_the_old_key_goes_when_the_overlap_has_ended(organization: Organization) -> None:
    place = Place(organization.secret)
    began = datetime.fromtimestamp(organization.clock.now, UTC)

    planned = await organization.rotate(place, overlap=_HOUR, plan=True)
    assert planned.state == "planned"
    assert planned.old_key == organization.key
    assert planned.left[-1].endswith("1 h later, by the same command.")
    assert not organization.journal.exists()
    assert place.secret == organization.secret

    first = await organization.rotate(place, overlap=_HOUR)
    assert first.state == "overlap"
    assert first.due is not None
    assert abs(first.due - began - timedelta(hours=1)) < timedelta(seconds=5)
    assert place.secret != organization.secret
    assert organization.accepts(place.secret)
    assert organization.accepts(organization.secret)

    before = organization.journal.read_bytes()
    again = await organization.rotate(place)
    assert (again.state, again.due, again.done) == ("overlap", first.due, ())
    assert organization.journal.read_bytes() == before

    organization.clock.now += _HOUR + 5
    last = await organization.rotate(place)
    assert last.is_finished
    assert last.done == (f"Deleted the old key {organization.key}.",)
    assert not organization.accepts(organization.secret)
    assert await _ids(organization) == {last.new_key}


async def test_the_journal_has_no_secret_and_is_for_its_owner(organization: Organization) -> None:
    place = Place(organization.secret)
    await organization.rotate(place, finish=True)
    await organization.rotate(place, finish=True, again=True)

    text = organization.journal.read_text()
    assert text.count('"finished"') == 2  # a finished one is kept, and another begins
    for secret in (organization.secret, place.secret, organization.emulator.admin_key):
        assert secret is not None
        assert secret not in text
    assert organization.journal.stat().st_mode & 0o777 == 0o600


async def test_a_key_that_is_used_is_not_unused(organization: Organization) -> None:
    place = Place(organization.secret)
    used = {"overlap": _HOUR, "until_unused": True}
    await organization.rotate(place, **used)
    organization.clock.now += _HOUR / 2
    record = organization.emulator.store.project_api_keys[organization.project]
    record.update(organization.key, {"last_used_at": int(organization.clock.now)})

    organization.clock.now += _HOUR / 2 + 5
    waiting = await organization.rotate(place, **used)
    assert waiting.state == "overlap"
    assert "has not been used" in waiting.left[0]

    organization.clock.now += _HOUR / 2
    assert (await organization.rotate(place, **used)).is_finished


async def test_a_last_use_that_is_not_known_is_not_unused(organization: Organization) -> None:
    place = Place(organization.secret)
    await organization.rotate(place, overlap=_HOUR, until_unused=True)
    organization.clock.now += 2 * _HOUR
    fault = organization.emulator.faults.add(
        Odd(match="projects.api_keys.list", names=("last_used_at_absent",))
    )
    result = await organization.rotate(place)
    organization.emulator.faults.remove(fault)

    assert result.state == "overlap"
    assert result.not_known is not None
    assert "--finish" in result.not_known
    assert organization.accepts(organization.secret)


@pytest.mark.parametrize("kind", [Place, StagedPlace])
async def test_a_sink_that_fails_leaves_the_old_key_alone(
    kind: type[Place], organization: Organization
) -> None:
    place = kind(organization.secret)
    place.failure = SinkError("The disk is full.")

    with pytest.raises(RotationError) as caught:
        await organization.rotate(place, finish=True)

    assert str(caught.value).startswith(f"The disk is full. The old key {organization.key} is")
    assert "was deleted again" in str(caught.value)
    assert await _ids(organization) == {organization.key}
    place.failure = None
    assert (await organization.rotate(place, finish=True)).is_finished


async def test_a_sink_in_doubt_keeps_both_keys(organization: Organization) -> None:
    place = Place(organization.secret, readable=False)
    place.failure = SinkError("It did not answer.", in_doubt=True)

    with pytest.raises(RotationError, match=r"is not known.*run the same command again"):
        await organization.rotate(place, finish=True)
    assert len(await organization.keys()) == 2

    place.failure = None
    assert (await organization.rotate(place, finish=True)).is_finished
    assert len(await organization.keys()) == 1


async def test_a_key_that_is_never_accepted_is_deleted_again(organization: Organization) -> None:
    place = Place(organization.secret)
    organization.emulator.faults.add(Status(status=401, match="models.list"))
    began = organization.clock.now

    with pytest.raises(RotationError, match="For a minute the API did not accept the new key"):
        await organization.rotate(place)

    assert organization.clock.now - began >= 60
    assert place.secret == organization.secret
    assert await _ids(organization) == {organization.key}


async def test_what_is_not_shown_at_once_is_waited_for(organization: Organization) -> None:
    organization.emulator.faults.add(NotYetVisible(seconds=5))
    place = Place(organization.secret)
    lost = organization.emulator.faults.add(Drop(match=_CREATE, after_effect=True, times=1))

    result = await organization.rotate(place, finish=True)

    organization.emulator.faults.remove(lost)
    assert result.is_finished
    organization.clock.now += 10
    assert await _ids(organization) == {result.new_key}
    assert any("whose secret was lost" in sentence for sentence in result.done)


async def test_a_creation_that_did_nothing_is_made_again(organization: Organization) -> None:
    organization.emulator.faults.add(Drop(match=_CREATE, times=1))
    place = Place(organization.secret)
    result = await organization.rotate(place, finish=True)
    assert result.is_finished
    assert await _ids(organization) == {result.new_key}
    # It may be listed later, which no run passes over in silence.
    (doubt,) = [note for note in result.notes if "counts as never made" in note]
    skipped = await organization.rotate(place, older_than=_HOUR)
    assert skipped.state == "skipped"
    for later in (skipped, await organization.rotate(place)):
        assert doubt in later.notes


async def test_a_refused_creation_changes_nothing(organization: Organization) -> None:
    organization.emulator.faults.add(MissingScope(match=_CREATE, times=1))
    place = Place(organization.secret)
    with pytest.raises(Exception, match=r"api\.management.write"):
        await organization.rotate(place)
    assert (await organization.rotate(place, finish=True)).is_finished


async def test_a_sink_that_somebody_else_changed(organization: Organization) -> None:
    place = Place(organization.secret)
    first = await organization.rotate(place)
    place.secret = "sk-svcacct-somebody-elses"

    with pytest.raises(RotationError, match=r"does not hold the new key.*--abandon"):
        await organization.rotate(place, finish=True)
    assert len(await organization.keys()) == 2

    given_up = await organization.rotate(place, abandon=True)
    assert given_up.state == "abandoned"
    assert given_up.done == (f"Deleted {first.new_key}.",)
    assert await _ids(organization) == {organization.key}
    with pytest.raises(RotationError, match="no rotation to abandon"):
        await organization.rotate(place, abandon=True)


async def test_a_sink_that_stores_something_else(organization: Organization) -> None:
    class Trimming(Place):
        async def put(self, secret: str) -> None:
            self.secret = secret if secret == organization.secret else secret[:20]

    place = Trimming(organization.secret)
    with pytest.raises(RotationError, match="was given back what it held before"):
        await organization.rotate(place)
    assert place.secret == organization.secret
    assert await _ids(organization) == {organization.key}


async def test_a_journal_of_another_rotation_is_refused(organization: Organization) -> None:
    await organization.rotate(Place(organization.secret))
    other = Path("other")

    class Other(Place):
        def __str__(self) -> str:
            return str(other)

    with pytest.raises(RotationError, match=r"its sink is memory, not other.*--journal"):
        await organization.rotate(Other(organization.secret))


async def test_the_new_key_expires_as_the_old_one(organization: Organization) -> None:
    keys = organization.client.projects.service_accounts.api_keys
    made = await keys.create(
        organization.project, organization.account, name="short", expires_in_seconds=86_400
    )
    result = await organization.rotate(Place(made.value), finish=True)
    new = next(key for key in await organization.keys() if key.id == result.new_key)
    assert new.expires_at is not None
    assert new.created_at is not None
    assert new.expires_at - new.created_at == timedelta(days=1)
    assert (new.name or "").startswith("short (rotation ")
    assert organization.key in await _ids(organization)  # it was not the one in the sink


async def test_of_several_keys_one_must_be_named(organization: Organization) -> None:
    keys = organization.client.projects.service_accounts.api_keys
    await keys.create(organization.project, organization.account, name="second")
    place = Place()
    with pytest.raises(InvalidInputError, match=rf"it has 2.*--key.*{organization.key}"):
        await organization.rotate(place)
    assert (await organization.rotate(place, key="second", finish=True)).is_finished
    assert organization.key in await _ids(organization)


async def test_a_first_key_replaces_none(organization: Organization) -> None:
    await organization.client.projects.api_keys.delete(organization.project, organization.key)
    place = Place()
    result = await organization.rotate(place)
    assert result.is_finished
    assert result.old_key is None
    assert organization.accepts(place.secret)


async def test_unknown_names_list_what_is_near(organization: Organization) -> None:
    rotate = organization.client.workflows.rotate_service_account
    with pytest.raises(InvalidInputError, match="did you mean"):
        await rotate("nightl", project="Search", to=Place())
    with pytest.raises(InvalidInputError, match=r"no project has the name 'Serch'.*'Search'"):
        await rotate("nightly", project="Serch", to=Place())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"overlap": -1}, "overlap must be seconds"),
        ({"scopes": ["sk-svcacct-abcdefGHIJ0123456789xyz"]}, "scopes has the secret of a key"),
        ({"test": "/sk-svcacct-abcdefGHIJ0123456789xyz"}, "test has the secret of a key"),
        ({"journal": "sk-svcacct-abcdefGHIJ0123456789xyz"}, "journal has the secret of a key"),
        ({"finish": True, "abandon": True}, "Pass finish or abandon"),
        ({"expires_in_seconds": 0}, "expires_in_seconds must be 1 or more"),
        ({"overlap": 9e11}, "overlap must be seconds, from 0 to"),
        ({"key": " "}, "an empty text names none"),
        ({"to": "nowhere"}, "must be written as"),
        ({"to": "file:{account}.env"}, r"to: \{account\} is for several keys at once"),
    ],
)
async def test_bad_input_is_refused_before_anything_is_sent(
    arguments: dict[str, object], why: str, organization: Organization
) -> None:
    sent = len(organization.emulator.requests)
    with pytest.raises(InvalidInputError, match=why):
        await organization.rotate(**{"to": Place(), **arguments})
    assert len(organization.emulator.requests) == sent


async def test_finish_outranks_an_overlap(organization: Organization) -> None:
    place = Place()
    waits = await organization.rotate(place, overlap=7 * 24 * 3600)
    assert waits.state == "overlap"
    ended = await organization.rotate(place, overlap=7 * 24 * 3600, finish=True)
    assert ended.state == "finished"
    assert [key.id for key in await organization.keys()] == [waits.new_key]


async def test_an_admin_key_of_somebody_else_keeps_its_owner(organization: Organization) -> None:
    emulator, client = organization.emulator, organization.client
    other = await client.users.list()
    record = emulator.store.users.add(
        {**emulator.store.users.get(other.data[0].id), "id": "user-other", "email": "o@example.com"}
    )
    key, value = emulator.store.issue_admin_key("theirs", record)
    place = Place(value)

    with pytest.raises(InvalidInputError, match=r"belongs to 'user-other'.*--change-owner"):
        await client.workflows.rotate_admin_key("theirs", to=place, journal=organization.journal)

    result = await client.workflows.rotate_admin_key(
        "theirs", to=place, change_owner=True, finish=True, journal=organization.journal
    )
    assert result.is_finished
    assert result.old_key == key["id"]
    assert not organization.accepts(value)
    again = await client.workflows.rotate_admin_key(
        key["id"], to=place, journal=organization.journal
    )
    assert again.is_finished
    assert "already" in again.notes[0]


async def test_an_admin_key_that_the_sink_does_not_hold(organization: Organization) -> None:
    client = organization.client
    first = await client.admin_api_keys.create(name="first")
    second = await client.admin_api_keys.create(name="second")
    with pytest.raises(InvalidInputError, match=f"The sink holds {first.id}.*not {second.id}"):
        await client.workflows.rotate_admin_key(
            "second", to=Place(first.value), journal=organization.journal
        )


async def test_the_own_key_that_is_replaced_is_told(organization: Organization) -> None:
    made = await organization.client.admin_api_keys.create(name="mine")
    own = organization.client.with_options(admin_key=made.value)
    result = await own.workflows.rotate_admin_key(
        made.id, to=Place(made.value), finish=True, journal=organization.journal
    )
    assert result.is_finished
    assert "no longer works: use the new one, which memory holds" in result.notes[-1]


async def test_several_each_into_its_own_place(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = organization.client
    secrets = {"nightly": organization.secret}
    for name in ("weekly", "monthly"):
        made = await client.projects.service_accounts.create(organization.project, name=name)
        secrets[name] = made.api_key.value if made.api_key is not None else ""
    for name, secret in secrets.items():
        file = organization.folder / f"{name}.env"
        file.touch(0o600)
        file.write_text(f"OPENAI_API_KEY={secret}\n")
    organization.clock.now += 100 * 86_400
    await client.projects.service_accounts.create(organization.project, name="young")
    odd = organization.folder / "monthly.env"
    odd.chmod(0o644)
    monkeypatch.setenv("XDG_STATE_HOME", str(organization.folder / "state"))

    found = await client.workflows.rotate_service_accounts(
        to=f"file:{organization.folder}/{{account}}.env",
        project="Search",
        older_than=90 * 86_400,
        finish=True,
    )

    outcome = {each.account: each.outcome for each in found}
    assert outcome == {
        "nightly": "finished",
        "weekly": "finished",
        "monthly": "failed",
        "young": "skipped",
    }
    ages = {each.account: each.age_days for each in found if each.age_days is not None}
    assert ages["nightly"] == 100
    assert organization.accepts(
        (organization.folder / "nightly.env").read_text().partition("=")[2].strip("'\"\n")
    )


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("file:x.env", "several keys cannot go to the same place"),
        ("file:{name}.env", r"\{name\} is unknown; there are"),
        ("nowhere:{account}", "must be written as"),
    ],
)
async def test_a_template_is_checked_before_anything_is_sent(
    template: str, why: str, organization: Organization
) -> None:
    sent = len(organization.emulator.requests)
    every = several.All(template=template, wishes=Wishes())
    with pytest.raises(InvalidInputError, match=why):
        await several.service_accounts(organization.client._caller, None, every)
    assert len(organization.emulator.requests) == sent


async def test_two_accounts_of_one_place_are_refused(organization: Organization) -> None:
    client = organization.client
    await client.projects.service_accounts.create(organization.project, name="nightly")
    every = several.All(template="file:/x/{account}.env", wishes=Wishes())
    with pytest.raises(InvalidInputError, match=r"the same place.*\{account_id\}"):
        await several.service_accounts(client._caller, None, every)
    assert len(await organization.keys()) == 2


async def test_the_blocking_client_rotates_too(organization: Organization) -> None:
    emulator, place = organization.emulator, Place(organization.secret)

    def rotate() -> str:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            return client.workflows.rotate_service_account(
                "nightly", project="Search", to=place, finish=True, journal=organization.journal
            ).state

    assert await asyncio.to_thread(rotate) == "finished"
