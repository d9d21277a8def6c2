"""Workload identity providers, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError, InvalidInputError
from openai_admin.resources.workload_identity_providers import UploadedJwksVerification
from tests.conftest import AsyncSurface, Surface
from tests.resources.people import (
    HOSTILE_IDS,
    HOSTILE_TEXTS,
    ids,
    payloads,
    refused_unsent,
    told,
)

PROVIDER: dict[str, Any] = {
    "name": "CI",
    "type": "oidc",
    "issuer": "https://token.actions.example.com",
    "audience": "https://api.openai.com/v1",
}
TRANSFORMATIONS = [{"attribute": "repo", "expression": "claims.repository"}]
JWKS = {"keys": [{"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ", "kid": "1"}]}
UPLOADED = {"type": "uploaded_jwks", "jwks": JWKS}
PATH = "/organization/workload_identity_providers"


def creating(**changes: Any) -> Callable[[Any], Any]:
    """The registration of a provider with some changes, as a call of a client."""
    return lambda c: c.workload_identity_providers.create(**PROVIDER | changes)


def updating(id: str, **changes: Any) -> Callable[[Any], Any]:
    """A change of a provider, as a call of a client."""
    return lambda c: c.workload_identity_providers.update(id, **changes)


async def test_an_organization_has_fifty_at_most(emulator: Emulator) -> None:
    surface = AsyncSurface(emulator)
    for number in range(50):
        last = await surface.call(creating(name=f"CI {number}"))
    with pytest.raises(BadRequestError, match="50 workload identity providers"):
        await surface.call(creating())
    await surface.call(lambda c: c.workload_identity_providers.delete(last.id))
    await surface.call(creating())
    await surface.close()


async def test_the_life_of_a_provider(emulator: Emulator, surface: Surface) -> None:
    made = await surface.call(creating())
    assert {name: getattr(made, name) for name in PROVIDER} == PROVIDER
    assert (made.enabled, made.description, made.attribute_transformations) == (True, None, [])
    assert (made.verification.type, made.verification.discovery_url) == ("discovery", None)
    assert made == await surface.call(lambda c: c.workload_identity_providers.retrieve(made.id))

    stored = emulator.store.workload_identity_providers
    stored.update(made.id, {"updated_at": 1_700_000_000})
    changed = await surface.call(
        updating(
            made.id,
            enabled=False,
            description="Deployments",
            attribute_transformations=TRANSFORMATIONS,
            verification=UPLOADED,
        )
    )
    assert (changed.name, changed.issuer) == ("CI", PROVIDER["issuer"])
    assert (changed.enabled, changed.description) == (False, "Deployments")
    assert [(t.attribute, t.expression) for t in changed.attribute_transformations] == [
        ("repo", "claims.repository")
    ]
    assert changed.verification.jwks == JWKS
    assert surface.seconds(changed.updated_at) == stored.get(made.id)["updated_at"] > 1_700_000_000
    plain = await surface.call(updating(made.id, description=None))
    assert (plain.description, plain.enabled) == (None, False)

    gone = await surface.call(lambda c: c.workload_identity_providers.delete(made.id))
    assert (gone.id, gone.deleted) == (made.id, True)
    for call in (
        lambda c: c.workload_identity_providers.retrieve(made.id),
        lambda c: c.workload_identity_providers.delete(made.id),
        updating(made.id, enabled=True),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)
    assert await told(surface) == [
        "workload_identity_provider.created",
        "workload_identity_provider.updated",
        "workload_identity_provider.updated",
        "workload_identity_provider.deleted",
    ]
    assert payloads(emulator, "workload_identity_provider.created") == [
        {"id": made.id, "data": PROVIDER}
    ]
    assert payloads(emulator, "workload_identity_provider.updated")[1] == {
        "id": made.id,
        "changes_requested": {"description": None},
    }


async def test_created_with_everything(surface: Surface) -> None:
    made = await surface.call(
        creating(
            description="Deployments",
            enabled=False,
            attribute_transformations=TRANSFORMATIONS,
            verification={"type": "discovery", "discovery_url": "https://id.example.com/.w"},
        )
    )
    assert (made.description, made.enabled) == ("Deployments", False)
    assert made.verification.discovery_url == "https://id.example.com/.w"
    assert made.attribute_transformations[0].attribute == "repo"


async def test_listing(surface: Surface) -> None:
    made = [await surface.call(creating(name=name)) for name in HOSTILE_TEXTS]
    listed = await surface.items(lambda c: c.workload_identity_providers.list(limit=2))
    assert [p.name for p in listed] == list(HOSTILE_TEXTS)
    newest = await surface.items(
        lambda c: c.workload_identity_providers.list(limit=3, order="desc", after=made[4].id)
    )
    assert ids(newest) == ids(made)[3::-1]


async def test_an_empty_update_changes_nothing(surface: Surface) -> None:
    made = await surface.call(creating())
    assert made == await surface.call(updating(made.id))
    assert await told(surface) == ["workload_identity_provider.created"]


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("name", " "),
        ("name", "n" * 100_000),
        ("name", "a\nb"),
        ("audience", "\x00"),
        ("description", "d" * 100_000),
        ("issuer", "http://id.example.com"),
        ("issuer", "id.example.com"),
        ("issuer", "https://[::1"),
        ("issuer", "https://"),
        ("issuer", "file:///etc/passwd"),
    ],
)
async def test_values_that_are_none(
    emulator: Emulator, surface: Surface, param: str, value: str
) -> None:
    made = await surface.call(creating())
    for call in (creating(**{param: value}), updating(made.id, enabled=False, **{param: value})):
        with pytest.raises(surface.errors.BadRequestError) as caught:
            await surface.call(call)
        assert caught.value.param == param
    (left,) = emulator.store.workload_identity_providers
    assert left["enabled"]
    assert len(emulator.store.audit_logs) == 1


@pytest.mark.parametrize(
    ("param", "changes"),
    [
        ("type", {"type": "saml"}),
        ("enabled", {"enabled": "yes"}),
        ("description", {"description": 1}),
        ("attribute_transformations", {"attribute_transformations": "repo"}),
        ("attribute_transformations[0]", {"attribute_transformations": ["repo"]}),
        (
            "attribute_transformations[0].expression",
            {"attribute_transformations": [{"attribute": "repo"}]},
        ),
        (
            "attribute_transformations[0].color",
            {"attribute_transformations": [{**TRANSFORMATIONS[0], "color": "red"}]},
        ),
        ("verification", {"verification": "discovery"}),
        ("verification.type", {"verification": {}}),
        ("verification.type", {"verification": {"type": "jwks"}}),
        ("verification.type", {"verification": {"type": ["discovery"]}}),
        ("verification.discovery_url", {"verification": {"type": "discovery"}}),
        ("verification.jwks", {"verification": {"type": "uploaded_jwks"}}),
        ("verification.jwks", {"verification": {"type": "uploaded_jwks", "jwks": "{}"}}),
        ("verification.jwks", {"verification": {**UPLOADED, "type": "discovery"}}),
    ],
)
async def test_shapes_that_are_none(
    emulator: Emulator, param: str, changes: dict[str, Any]
) -> None:
    await refused_unsent(emulator, creating(**changes))
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError) as caught:
            await client.request("POST", PATH, body=PROVIDER | changes)
    assert str(caught.value.param).startswith(param.partition(".jwks")[0])
    assert len(emulator.store.workload_identity_providers) == 0


@pytest.mark.parametrize(
    "verification",
    [
        {"type": "uploaded_jwks", "jwks": {}},
        {"type": "uploaded_jwks", "jwks": {"keys": "none"}},
        {"type": "discovery", "discovery_url": "ftp://id.example.com"},
    ],
)
async def test_keys_that_are_none(
    emulator: Emulator, surface: Surface, verification: dict[str, Any]
) -> None:
    with pytest.raises(surface.errors.BadRequestError, match="verification"):
        await surface.call(creating(verification=verification))
    assert len(emulator.store.workload_identity_providers) == 0


@pytest.mark.parametrize("member", ["d", "k", "p", "qi"])
async def test_private_keys_are_never_sent(emulator: Emulator, member: str) -> None:
    jwks = {"keys": [*JWKS["keys"], {**JWKS["keys"][0], member: "c2VjcmV0"}]}
    verification = {"type": "uploaded_jwks", "jwks": jwks}
    await refused_unsent(
        emulator,
        creating(verification=verification),
        creating(verification=UploadedJwksVerification(jwks=jwks)),
        updating("wip_1", verification=verification),
    )
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        for trusting in (client, client.with_options(check_inputs=False)):
            with pytest.raises(InvalidInputError, match="private key") as caught:
                await creating(verification=verification)(trusting)
            assert "c2VjcmV0" not in str(caught.value)
    assert not emulator.requests


@pytest.mark.parametrize("id", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, id: str) -> None:
    for call in (
        lambda c: c.workload_identity_providers.retrieve(id),
        lambda c: c.workload_identity_providers.delete(id),
        updating(id, enabled=False),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    bad: Any = "up"
    await refused_unsent(
        emulator,
        creating(name=""),
        creating(issuer=""),
        creating(audience=7),
        creating(description=None),
        updating("", enabled=True),
        updating("wip_1", enabled=None),
        updating("wip_1", name=None),
        lambda c: c.workload_identity_providers.retrieve(".."),
        lambda c: c.workload_identity_providers.delete("."),
        lambda c: c.workload_identity_providers.list(limit=0),
        lambda c: c.workload_identity_providers.list(order=bad),
    )
