"""External storage, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError, InvalidInputError
from openai_admin.resources.external_storage import AwsExternalStorageProvider
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    add_project,
    ids,
    payloads,
    refused_unsent,
    told,
)

PROVIDERS: dict[str, dict[str, Any]] = {
    "aws": {
        "type": "aws",
        "bucket": "acme",
        "role_arn": "arn:aws:iam::123456789012:role/openai",
    },
    "azure": {
        "type": "azure",
        "account_name": "acme",
        "container": "openai",
        "resource_group": "data",
        "subscription_id": "0b8b1a8e-0000-4000-8000-000000000001",
        "tenant_id": "0b8b1a8e-0000-4000-8000-000000000000",
    },
    "gcp": {
        "type": "gcp",
        "bucket": "acme",
        "workload_identity_pool_id": "pool",
        "workload_identity_project_number": "123456",
        "workload_identity_provider_id": "openai",
    },
    "oci": {
        "type": "oci",
        "bucket": "acme",
        "region": "eu-frankfurt-1",
        "tenancy_ocid": "ocid1.tenancy.oc1..a",
    },
}
ADDED = {
    "aws": {"account_id", "external_id", "region"},
    "azure": {"region"},
    "gcp": {"audience", "region"},
    "oci": set[str](),
}


def creating(project: str, provider: Any) -> Callable[[Any], Any]:
    """The registration of a storage for a project, as a call of a client."""
    return lambda c: c.external_storage.create(project_id=project, provider=provider)


async def create(surface: Surface, project: str, provider: dict[str, Any]) -> Any:
    """Register a storage for a project."""
    return await surface.call(creating(project, provider))


@pytest.mark.parametrize("kind", PROVIDERS)
async def test_the_life_of_a_storage(emulator: Emulator, surface: Surface, kind: str) -> None:
    project = add_project(emulator)
    given = PROVIDERS[kind]
    made = await create(surface, project, given)
    assert (made.project_id, made.status, made.geography) == (project, "pending", "US")
    assert {name: getattr(made.provider, name) for name in given} == given
    assert all(getattr(made.provider, name) for name in ADDED[kind])
    assert made == await surface.call(lambda c: c.external_storage.retrieve(made.id))

    checked = await surface.call(lambda c: c.external_storage.validate(made.id))
    assert (checked.id, checked.status) == (made.id, "validated")
    (listed,) = await surface.items(lambda c: c.external_storage.list())
    assert listed == checked

    gone = await surface.call(lambda c: c.external_storage.delete(made.id))
    assert (gone.id, gone.deleted) == (made.id, True)
    for call in (
        lambda c: c.external_storage.retrieve(made.id),
        lambda c: c.external_storage.validate(made.id),
        lambda c: c.external_storage.delete(made.id),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)
    assert await told(surface) == ["external_storage.registered", "external_storage.removed"]
    (event,) = payloads(emulator, "external_storage.registered")
    assert event["data"]["provider"].items() >= given.items()


async def test_the_last_storage_takes_the_retention_with_it(
    emulator: Emulator, surface: Surface
) -> None:
    project = add_project(emulator)
    first, last = [await create(surface, project, PROVIDERS["oci"]) for _ in range(2)]
    await surface.call(
        lambda c: c.projects.data_retention.update(project, retention_type="zero_data_retention")
    )

    async def retention() -> str:
        found = await surface.call(lambda c: c.projects.data_retention.retrieve(project))
        return str(found.type)

    await surface.call(lambda c: c.external_storage.delete(first.id))
    assert await retention() == "zero_data_retention"
    await surface.call(lambda c: c.external_storage.delete(last.id))
    assert await retention() == "organization_default"


async def test_listing_by_project(emulator: Emulator, surface: Surface) -> None:
    one, other = add_project(emulator, "One"), add_project(emulator, "Other")
    made = [await create(surface, p, PROVIDERS["oci"]) for p in (one, other, one, one)]
    of_one = await surface.items(lambda c: c.external_storage.list(project_id=one, limit=1))
    assert ids(of_one) == ids([made[0], made[2], made[3]])
    newest = await surface.items(lambda c: c.external_storage.list(limit=3, order="desc"))
    assert ids(newest) == ids(made)[::-1]
    assert await surface.items(lambda c: c.external_storage.list(project_id="proj_none")) == []


async def test_a_project_with_data_residency(surface: Surface) -> None:
    project = await surface.call(
        lambda c: c.projects.create(name="EU", residency="EU_STORAGE_PROCESSING")
    )
    made = await create(surface, project.id, PROVIDERS["gcp"])
    assert made.geography == "EU"


async def test_projects_that_take_none(emulator: Emulator, surface: Surface) -> None:
    with pytest.raises(surface.errors.NotFoundError):
        await create(surface, "proj_none", PROVIDERS["aws"])
    project = add_project(emulator)
    await surface.call(lambda c: c.projects.archive(project))
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await create(surface, project, PROVIDERS["aws"])
    assert len(emulator.store.external_storage) == 0


@pytest.mark.parametrize("kind", PROVIDERS)
async def test_each_type_has_fields_of_its_own(emulator: Emulator, kind: str) -> None:
    project = add_project(emulator)
    good = PROVIDERS[kind]
    fields = {name for other in PROVIDERS.values() for name in other}
    bad = {name: {k: v for k, v in good.items() if k != name} for name in good}
    bad |= {name: {**good, name: "x"} for name in (*(fields - good.keys()), "color")}
    bad |= {f"{name} ": {**good, name: 7} for name in good}
    for name, provider in bad.items():
        await refused_unsent(emulator, creating(project, provider))
        await _refused(emulator, project, provider, f"provider.{name.strip()}")


async def test_a_refusal_speaks_of_the_chosen_type(emulator: Emulator) -> None:
    bad: Any = {"type": "aws", "bucket": "acme"}
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match="provider needs 'role_arn'"):
            await client.external_storage.create(project_id="proj_1", provider=bad)
        bad = {"type": "asure"}
        with pytest.raises(InvalidInputError, match="did you mean 'azure'"):
            await client.external_storage.create(project_id="proj_1", provider=bad)


async def test_a_provider_that_was_read_can_be_sent(emulator: Emulator) -> None:
    project = add_project(emulator)
    given: Any = AwsExternalStorageProvider(bucket="b", role_arn=PROVIDERS["aws"]["role_arn"])
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        made = await client.external_storage.create(project_id=project, provider=given)
    assert isinstance(made.provider, AwsExternalStorageProvider)
    assert made.provider.account_id == "123456789012"


@pytest.mark.parametrize("role", ["role", "arn:aws:iam::12:role/x", "arn:aws:iam::123456789012:"])
async def test_roles_that_are_none(emulator: Emulator, surface: Surface, role: str) -> None:
    project = add_project(emulator)
    with pytest.raises(surface.errors.BadRequestError, match="role_arn"):
        await create(surface, project, {**PROVIDERS["aws"], "role_arn": role})
    assert len(emulator.store.external_storage) == 0


@pytest.mark.parametrize("bucket", [" ", "b" * 100_000, "a\x00b", "a\nb"])
async def test_buckets_that_are_none(emulator: Emulator, surface: Surface, bucket: str) -> None:
    project = add_project(emulator)
    with pytest.raises(surface.errors.BadRequestError, match="bucket"):
        await create(surface, project, {**PROVIDERS["oci"], "bucket": bucket})
    assert len(emulator.store.external_storage) == len(emulator.store.audit_logs) == 0


@pytest.mark.parametrize("id", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, id: str) -> None:
    for call in (
        lambda c: c.external_storage.retrieve(id),
        lambda c: c.external_storage.validate(id),
        lambda c: c.external_storage.delete(id),
        lambda c: c.external_storage.create(project_id=id, provider=PROVIDERS["oci"]),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    good = PROVIDERS["oci"]
    await refused_unsent(
        emulator,
        creating("", good),
        creating("proj_1", "oci"),
        creating("proj_1", None),
        creating("proj_1", {}),
        creating("proj_1", {**good, "bucket": ""}),
        creating("proj_1", {**good, "type": 1}),
        creating("proj_1", {**good, "type": ["oci"]}),
        lambda c: c.external_storage.retrieve(""),
        lambda c: c.external_storage.validate(".."),
        lambda c: c.external_storage.delete("."),
        lambda c: c.external_storage.list(limit=101),
    )


async def _refused(emulator: Emulator, project: str, provider: Any, param: str) -> None:
    """Check that the emulator refuses a provider because of one member, and keeps nothing."""
    body = {"project_id": project, "provider": provider}
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError) as caught:
            await client.request("POST", "/organization/external_storage", body=body)
    assert caught.value.param == param
    assert len(emulator.store.external_storage) == len(emulator.store.audit_logs) == 0
    emulator.requests.clear()


async def test_demo_storage(demo_surface: Surface) -> None:
    (listed,) = await demo_surface.items(lambda c: c.external_storage.list())
    assert (listed.status, listed.provider.type) == ("validated", "aws")
