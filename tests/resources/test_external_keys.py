"""External keys, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError, InvalidInputError
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    HOSTILE_TEXTS,
    add_project,
    ids,
    payloads,
    refused_unsent,
    told,
)

KEYS: dict[str, dict[str, str]] = {
    "aws": {
        "external_id": "ORGANIZATION",
        "kms_arn": "arn:aws:kms:us-east-1:123456789012:key/1",
        "role_arn": "arn:aws:iam::123456789012:role/openai",
    },
    "gcp": {
        "audience": "ORGANIZATION",
        "kms_project_id": "acme-keys",
        "kms_key_location": "europe-west4",
        "kms_key_ring_name": "ring",
        "kms_key_name": "key",
        "workload_identity_project_number": "123456",
        "workload_identity_pool_id": "pool",
        "workload_identity_provider_id": "openai",
    },
    "azure": {
        "tenant_id": "0b8b1a8e-0000-4000-8000-000000000000",
        "vault_uri": "https://acme.vault.azure.net",
        "key_name": "key",
    },
    "oci": {
        "region": "eu-frankfurt-1",
        "vault_ocid": "ocid1.vault.oc1..a",
        "key_ocid": "ocid1.key.oc1..a",
    },
}
VERSIONS = {"gcp": "kms_key_version", "azure": "key_version", "oci": "key_version_ocid"}


def key(emulator: Emulator, kind: str, name: str = "EKM") -> dict[str, Any]:
    """The arguments of a valid key."""
    organization = emulator.store.organization["id"]
    fields = {k: organization if v == "ORGANIZATION" else v for k, v in KEYS[kind].items()}
    return {"type": kind, "name": name, **fields}


def creating(given: dict[str, Any]) -> Callable[[Any], Any]:
    """The creation of a key, as a call of a client."""
    return lambda c: c.external_keys.create(**given)


async def create(surface: Surface, given: dict[str, Any]) -> Any:
    """Create a key."""
    return await surface.call(creating(given))


@pytest.mark.parametrize("kind", KEYS)
async def test_the_life_of_a_key(emulator: Emulator, surface: Surface, kind: str) -> None:
    given = key(emulator, kind)
    made = await create(surface, given)
    assert {name: getattr(made, name) for name in given} == given
    foreign = {name for other in KEYS.values() for name in other} - given.keys()
    assert {getattr(made, name) for name in foreign} == {None}
    assert (made.purpose, made.api_project_ids) == ("ekm", [])
    assert (
        surface.seconds(made.created_at) == emulator.store.external_keys.get(made.id)["created_at"]
    )
    assert made == await surface.call(lambda c: c.external_keys.retrieve(made.id))
    validation = await surface.call(lambda c: c.external_keys.validate(made.id))
    assert validation.status == "valid"

    project = await surface.call(lambda c: c.projects.create(name="Web", external_key_id=made.id))
    used = await surface.call(lambda c: c.external_keys.retrieve(made.id))
    assert used.api_project_ids == [project.id]
    with pytest.raises(surface.errors.ConflictError, match=project.id):
        await surface.call(lambda c: c.external_keys.delete(made.id))
    await surface.call(lambda c: c.projects.update(project.id, external_key_id=None))

    gone = await surface.call(lambda c: c.external_keys.delete(made.id))
    assert (gone.id, gone.name) == (made.id, "EKM")
    for call in (
        lambda c: c.external_keys.retrieve(made.id),
        lambda c: c.external_keys.validate(made.id),
        lambda c: c.external_keys.delete(made.id),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)
    assert await told(surface) == [
        "external_key.registered",
        "project.created",
        "project.updated",
        "external_key.removed",
    ]
    (event,) = payloads(emulator, "external_key.registered")
    assert (event["id"], event["data"]["name"]) == (made.id, "EKM")


async def test_listing_by_purpose(emulator: Emulator, surface: Surface) -> None:
    for name in HOSTILE_TEXTS:
        await create(surface, key(emulator, "azure", name))
    for version in "1", "2":
        given = key(emulator, "azure") | {"purpose": "psp_decryption", "key_version": version}
        await create(surface, given)

    ekm = await surface.items(lambda c: c.external_keys.list(purpose="ekm", limit=2))
    assert [k.name for k in ekm] == list(HOSTILE_TEXTS)
    psp = await surface.items(lambda c: c.external_keys.list(purpose="psp_decryption", limit=1))
    assert [k.key_version for k in psp] == ["1", "2"]
    newest = await surface.items(lambda c: c.external_keys.list(limit=3, order="desc"))
    assert ids(newest) == ids([*ekm, *psp])[::-1]


@pytest.mark.parametrize("kind", KEYS)
async def test_each_type_needs_its_fields(emulator: Emulator, kind: str) -> None:
    for field in (*KEYS[kind], "name"):
        given = key(emulator, kind)
        del given[field]
        if field != "name":  # which Python itself misses
            await refused_unsent(emulator, creating(given))
        await _refused(emulator, given, field)


@pytest.mark.parametrize("kind", KEYS)
async def test_each_type_refuses_the_fields_of_others(emulator: Emulator, kind: str) -> None:
    fields = {name for other in KEYS.values() for name in other} | set(VERSIONS.values())
    for field in sorted(fields - KEYS[kind].keys() - {VERSIONS.get(kind)}):
        given = key(emulator, kind) | {field: "x"}
        await refused_unsent(emulator, creating(given))
        await _refused(emulator, given, field)


async def test_a_refusal_says_what_the_type_takes(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match="'aws' needs external_id, role_arn"):
            await client.external_keys.create(type="aws", name="k", kms_arn="arn")
        with pytest.raises(InvalidInputError, match="'azure' does not take region; it takes"):
            await client.external_keys.create(**key(emulator, "azure"), region="eu")


@pytest.mark.parametrize("kind", ["gcp", "azure"])
async def test_a_version_is_for_psp_decryption(emulator: Emulator, kind: str) -> None:
    version = VERSIONS[kind]
    for wrong in ({"purpose": "psp_decryption"}, {"purpose": "ekm", version: "1"}):
        given = key(emulator, kind) | wrong
        await refused_unsent(emulator, creating(given))
        await _refused(emulator, given, version)
    # Which purpose a key has by default is the API's to know.
    await _refused(emulator, key(emulator, kind) | {version: "1"}, version)


async def test_an_oci_version_is_optional(emulator: Emulator, surface: Surface) -> None:
    for extra in ({}, {"key_version_ocid": "ocid1.v"}, {"purpose": "psp_decryption"}):
        made = await create(surface, key(emulator, "oci") | extra)
        assert made.key_version_ocid == extra.get("key_version_ocid")


@pytest.mark.parametrize(("kind", "field"), [("aws", "external_id"), ("gcp", "audience")])
async def test_ids_of_the_organization_or_its_projects(
    emulator: Emulator, surface: Surface, kind: str, field: str
) -> None:
    project = add_project(emulator)
    made = await create(surface, key(emulator, kind) | {field: project})
    assert getattr(made, field) == project
    with pytest.raises(surface.errors.BadRequestError, match=field):
        await create(surface, key(emulator, kind) | {field: "org-somebody-else"})
    assert len(emulator.store.external_keys) == 1


@pytest.mark.parametrize("name", [" ", "n" * 100_000, "a\x00b", "a\r\nb"])
async def test_names_that_are_none(emulator: Emulator, surface: Surface, name: str) -> None:
    with pytest.raises(surface.errors.BadRequestError, match="name"):
        await create(surface, key(emulator, "azure", name))
    with pytest.raises(surface.errors.BadRequestError, match="key_name"):
        await create(surface, key(emulator, "azure") | {"key_name": name})
    assert len(emulator.store.external_keys) == len(emulator.store.audit_logs) == 0


@pytest.mark.parametrize("id", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, id: str) -> None:
    for call in (
        lambda c: c.external_keys.retrieve(id),
        lambda c: c.external_keys.validate(id),
        lambda c: c.external_keys.delete(id),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    good, bad = key(emulator, "azure"), object()
    wrong: Any = "vault"
    await refused_unsent(
        emulator,
        lambda c: c.external_keys.create(**good | {"type": wrong}),
        lambda c: c.external_keys.create(**good | {"name": ""}),
        lambda c: c.external_keys.create(**good | {"key_name": ""}),
        lambda c: c.external_keys.create(**good | {"key_name": bad}),
        lambda c: c.external_keys.create(**good | {"key_name": None}),
        lambda c: c.external_keys.create(**good | {"purpose": "signing"}),
        lambda c: c.external_keys.retrieve(""),
        lambda c: c.external_keys.validate(".."),
        lambda c: c.external_keys.delete("."),
        lambda c: c.external_keys.list(limit=0),
        lambda c: c.external_keys.list(purpose=wrong),
    )


async def _refused(emulator: Emulator, body: dict[str, Any], param: str) -> None:
    """Check that the emulator refuses a body because of one parameter, and keeps nothing."""
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError) as caught:
            await client.request("POST", "/organization/external_keys", body=body)
    assert caught.value.param == param
    assert len(emulator.store.external_keys) == len(emulator.store.audit_logs) == 0
    emulator.requests.clear()


async def test_demo_key(demo_surface: Surface) -> None:
    (listed,) = await demo_surface.items(lambda c: c.external_keys.list())
    project = await demo_surface.call(lambda c: c.projects.retrieve(listed.api_project_ids[0]))
    assert (project.name, project.external_key_id) == ("Checkout Fraud Review", listed.id)
