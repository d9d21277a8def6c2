"""Certificates of the organization, on each client, over a real socket."""

from __future__ import annotations

import base64
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.pem import self_signed
from openai_admin.errors import BadRequestError, InvalidInputError, PermissionDeniedError
from tests.conftest import Surface
from tests.pem import CERTIFICATE, LEAF
from tests.resources.people import HOSTILE_IDS, HOSTILE_TEXTS, payloads, refused_unsent, told

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(2046, 1, 1, tzinfo=UTC)
BEGIN_LINE = "-----BEGIN CERTIFICATE-----"
END_LINE = "-----END CERTIFICATE-----"

NO_PEM = ["", "certificate", "/etc/ssl/cert.pem", "证书", "\x00", CERTIFICATE.replace("BEGIN", "B")]


def altered(old: bytes, new: bytes) -> str:
    """The certificate with other bytes in its DER encoding."""
    der = base64.b64decode("".join(CERTIFICATE.splitlines()[1:-1]))
    assert der.count(old) == 1
    text = base64.encodebytes(der.replace(old, new)).decode()
    return f"{BEGIN_LINE}\n{text}{END_LINE}\n"


VERSION = b"\xa0\x03\x02\x01"
UNREADABLE = [
    f"{BEGIN_LINE}\n{END_LINE}\n",
    f"{BEGIN_LINE}\nbm8gY2VydGlmaWNhdGU=\n{END_LINE}\n",
    f"{BEGIN_LINE}\n\x00\u202e{'A' * 100_000}\n{END_LINE}\n",
    CERTIFICATE.replace(END_LINE, ""),
    CERTIFICATE.replace("MIIB", "MIIC", 1),
    CERTIFICATE + CERTIFICATE,
    altered(VERSION + b"\x02", VERSION + b"\x4d"),  # a version that X.509 does not have
]


async def upload(surface: Surface, *names: str) -> list[str]:
    """Upload a certificate under each name and return their ids."""
    return [await _upload(surface, name) for name in names]


async def _upload(surface: Surface, name: str) -> str:
    made = await surface.call(lambda c: c.certificates.create(certificate=CERTIFICATE, name=name))
    return str(made.id)


async def switch(surface: Surface, change: str, ids: list[str]) -> list[tuple[str, bool]]:
    """Activate or deactivate certificates, and return each one's state in the answer."""
    page = await surface.call(lambda c: getattr(c.certificates, change)(certificate_ids=ids))
    assert {c.object for c in page.data} == {"organization.certificate"}
    return [(c.id, c.active) for c in page.data]


async def test_from_upload_to_deletion(emulator: Emulator, surface: Surface) -> None:
    first = await surface.call(lambda c: c.certificates.create(certificate=CERTIFICATE))
    assert first.name is None
    assert first.object == "certificate"
    assert surface.seconds(first.certificate_details.valid_at) == BEGINS.timestamp()
    assert surface.seconds(first.certificate_details.expires_at) == ENDS.timestamp()
    assert first.certificate_details.content is None

    (second, third) = await upload(surface, "gateway", "шлюз 🔐")
    listed = await surface.items(lambda c: c.certificates.list(limit=1))
    assert [c.id for c in listed] == [third, second, first.id]
    assert [c.active for c in listed] == [False, False, False]
    oldest = await surface.items(lambda c: c.certificates.list(limit=2, order="asc"))
    assert [c.name for c in oldest] == [None, "gateway", "шлюз 🔐"]

    renamed = await surface.call(lambda c: c.certificates.update(second, name="edge"))
    assert renamed.name == "edge"
    plain = await surface.call(lambda c: c.certificates.retrieve(second))
    assert plain.name == "edge"
    assert plain.certificate_details.content is None
    whole = await surface.call(lambda c: c.certificates.retrieve(second, include=["content"]))
    assert whole.certificate_details.content == CERTIFICATE

    states = await switch(surface, "activate", [second, third])
    assert states == [(second, True), (third, True)]
    with pytest.raises(surface.errors.BadRequestError, match="Deactivate it first"):
        await surface.call(lambda c: c.certificates.delete(second))
    assert await switch(surface, "deactivate", [second]) == [(second, False)]

    gone = await surface.call(lambda c: c.certificates.delete(second))
    assert (gone.id, gone.object) == (second, "certificate.deleted")
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.certificates.retrieve(second))
    left = await surface.items(lambda c: c.certificates.list())
    assert [(c.id, c.active) for c in left] == [(third, True), (first.id, False)]

    assert await told(surface) == [
        *["certificate.created"] * 3,
        "certificate.updated",
        "certificates.activated",
        "certificates.deactivated",
        "certificate.deleted",
    ]
    named = [{"id": second, "name": "edge"}, {"id": third, "name": "шлюз 🔐"}]
    assert payloads(emulator, "certificates.activated") == [{"certificates": named}]


async def test_all_are_activated_or_none(surface: Surface) -> None:
    (id,) = await upload(surface, "gateway")
    for change in ("activate", "deactivate"):
        with pytest.raises(surface.errors.NotFoundError):
            await switch(surface, change, [id, "cert_none"])
    assert [c.active for c in await surface.items(lambda c: c.certificates.list())] == [False]
    assert await told(surface) == ["certificate.created"]


async def test_activation_is_repeatable(surface: Surface) -> None:
    (id,) = await upload(surface, "gateway")
    for _ in range(2):
        assert await switch(surface, "activate", [id, id]) == [(id, True)]
    for _ in range(2):
        assert await switch(surface, "deactivate", [id]) == [(id, False)]
    # What changed nothing is not recorded.
    assert await told(surface) == [
        "certificate.created",
        "certificates.activated",
        "certificates.deactivated",
    ]


async def test_an_organization_has_fifty_at_most(surface: Surface) -> None:
    ids = await upload(surface, *(f"certificate {n}" for n in range(50)))
    with pytest.raises(surface.errors.BadRequestError, match="50 certificates"):
        await upload(surface, "one too many")
    await surface.call(lambda c: c.certificates.delete(ids[7]))
    await upload(surface, "one in its place")
    assert len(await surface.items(lambda c: c.certificates.list(limit=100))) == 50


@pytest.mark.parametrize("count", [0, 11])
@pytest.mark.parametrize("change", ["activate", "deactivate"])
async def test_one_to_ten_at_a_time(
    emulator: Emulator, surface: Surface, change: str, count: int
) -> None:
    ids = await upload(surface, *(f"certificate {n}" for n in range(count)))
    emulator.requests.clear()
    expected = InvalidInputError if surface.ours else surface.errors.BadRequestError
    with pytest.raises(expected, match="certificate_ids"):
        await switch(surface, change, ids)
    assert len(emulator.requests) == (0 if surface.ours else 1)
    assert not any(c.active for c in await surface.items(lambda c: c.certificates.list()))


async def test_ten_at_a_time(surface: Surface) -> None:
    ids = await upload(surface, *(f"certificate {n}" for n in range(10)))
    assert await switch(surface, "activate", ids) == [(id, True) for id in ids]


@pytest.mark.parametrize("pem", NO_PEM)
async def test_what_is_plainly_no_certificate(
    emulator: Emulator, surface: Surface, pem: str
) -> None:
    expected = InvalidInputError if surface.ours else surface.errors.BadRequestError
    with pytest.raises(expected, match="certificate"):
        await surface.call(lambda c: c.certificates.create(certificate=pem))
    assert len(emulator.requests) == (0 if surface.ours else 1)
    assert len(emulator.store.certificates) == 0


@pytest.mark.parametrize("pem", UNREADABLE)
async def test_what_turns_out_to_be_no_certificate(
    emulator: Emulator, surface: Surface, pem: str
) -> None:
    with pytest.raises(surface.errors.BadRequestError, match="certificate"):
        await surface.call(lambda c: c.certificates.create(certificate=pem))
    assert len(emulator.store.certificates) == len(emulator.store.audit_logs) == 0


@pytest.mark.parametrize(
    ("pem", "now", "message"),
    [
        (LEAF, BEGINS, "certificate authority"),
        (CERTIFICATE, ENDS - timedelta(days=1), "valid for more than a day"),
        (CERTIFICATE + "#" * 16_384, BEGINS, "smaller than 16 kB"),
    ],
)
async def test_an_authority_is_wanted_that_lasts_and_is_small(
    pem: str, now: datetime, message: str
) -> None:
    async with (
        Emulator(state="empty", now=lambda: int(now.timestamp())) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        with pytest.raises(BadRequestError, match=message):
            await client.certificates.create(certificate=pem)
        assert len(emulator.store.certificates) == 0


async def test_a_certificate_may_have_just_over_a_day_left() -> None:
    now = int(ENDS.timestamp()) - 86_401
    async with (
        Emulator(state="empty", now=lambda: now) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        assert (await client.certificates.create(certificate=CERTIFICATE)).id


async def test_certificates_have_scopes_of_their_own(emulator: Emulator) -> None:
    allowed = emulator.add_key(scopes=["api.mtls.read", "api.mtls.write"])
    async with AsyncOpenAIAdmin(allowed, base_url=emulator.base_url) as client:
        made = await client.certificates.create(certificate=CERTIFICATE)
        assert [c.id for c in (await client.certificates.list()).data] == [made.id]
        with pytest.raises(PermissionDeniedError, match=r"api\.management\.read"):
            await client.projects.list()
    other = emulator.add_key(scopes=["api.management.read", "api.management.write"])
    async with AsyncOpenAIAdmin(other, base_url=emulator.base_url) as client:
        with pytest.raises(PermissionDeniedError, match=r"api\.mtls\.read"):
            await client.certificates.list()
        with pytest.raises(PermissionDeniedError, match=r"api\.mtls\.write"):
            await client.projects.certificates.activate("proj_1", certificate_ids=[made.id])


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "ENCRYPTED "])
async def test_a_private_key_is_never_sent(emulator: Emulator, kind: str) -> None:
    secret = "c2VjcmV0"
    bundle = f"{CERTIFICATE}-----BEGIN {kind}PRIVATE KEY-----\n{secret}\n"
    bundle += f"-----END {kind}PRIVATE KEY-----\n"
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        for trusting in (client, client.with_options(check_inputs=False)):
            with pytest.raises(InvalidInputError, match="private key") as caught:
                await trusting.certificates.create(certificate=bundle)
            assert secret not in str(caught.value)
    assert not emulator.requests


@pytest.mark.parametrize("name", [" ", "n" * 100_000, "a\x00b", "a\nb"])
async def test_names_that_are_none(emulator: Emulator, surface: Surface, name: str) -> None:
    (id,) = await upload(surface, "gateway")
    with pytest.raises(surface.errors.BadRequestError, match="name"):
        await upload(surface, name)
    with pytest.raises(surface.errors.BadRequestError, match="name"):
        await surface.call(lambda c: c.certificates.update(id, name=name))
    assert [c["name"] for c in emulator.store.certificates] == ["gateway"]
    assert await told(surface) == ["certificate.created"]


async def test_hostile_names_come_back_as_they_are(surface: Surface) -> None:
    await upload(surface, *HOSTILE_TEXTS)
    listed = await surface.items(lambda c: c.certificates.list(limit=2, order="asc"))
    assert [c.name for c in listed] == list(HOSTILE_TEXTS)


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    bad: Any = [1, "context"]
    await refused_unsent(
        emulator,
        lambda c: c.certificates.create(certificate=CERTIFICATE, name=""),
        lambda c: c.certificates.create(certificate=bad),
        lambda c: c.certificates.update("cert_1", name=""),
        lambda c: c.certificates.update("", name="x"),
        lambda c: c.certificates.retrieve(".."),
        lambda c: c.certificates.retrieve("cert_1", include=bad),
        lambda c: c.certificates.delete("."),
        lambda c: c.certificates.activate(certificate_ids="cert_1"),
        lambda c: c.certificates.deactivate(certificate_ids=bad),
        lambda c: c.certificates.list(limit=0),
        lambda c: c.certificates.list(limit=101),
        lambda c: c.certificates.list(order=bad[1]),
    )


@pytest.mark.parametrize("id", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, id: str) -> None:
    for call in (
        lambda c: c.certificates.retrieve(id),
        lambda c: c.certificates.update(id, name="x"),
        lambda c: c.certificates.delete(id),
        lambda c: c.certificates.activate(certificate_ids=[id]),
        lambda c: c.certificates.deactivate(certificate_ids=[id]),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)
    assert {r.operation.partition(".")[0] for r in emulator.requests} == {"certificates"}


async def test_without_cryptography_the_extra_is_named(
    emulator: Emulator, surface: Surface, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(
        surface.errors.UnprocessableEntityError, match=r"openai-admin\[emulator\]"
    ) as caught:
        await upload(surface, "gateway")
    assert caught.value.code == "missing_extra"
    assert len(emulator.requests) == 1
    assert len(emulator.store.certificates) == 0


async def test_an_odd_serial_number_is_accepted(surface: Surface) -> None:
    # Serial numbers should be positive; cryptography warns, and warnings are errors here.
    odd = altered(VERSION + b"\x02\x02\x01\x01", VERSION + b"\x02\x02\x01\x00")
    made = await surface.call(lambda c: c.certificates.create(certificate=odd))
    assert surface.seconds(made.certificate_details.valid_at) == BEGINS.timestamp()


def test_the_demo_organization_does_without_cryptography() -> None:
    code = (
        "import sys; sys.modules['cryptography'] = None;"
        "from openai_admin.emulator import Emulator;"
        "print(len(Emulator().store.certificates))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) == 5


async def test_demo_certificates(demo: Emulator, demo_surface: Surface) -> None:
    listed = await demo_surface.items(lambda c: c.certificates.list(order="asc"))
    now = demo.store.now()
    ends = [demo_surface.seconds(c.certificate_details.expires_at) or 0 for c in listed]
    days = [(moment - now) // 86_400 for moment in ends]
    assert [n < 0 for n in days] == [True, False, False, False, False]
    (ending,) = (c for c in listed if c.active)
    assert ending.name == "api-gateway"
    assert 0 < days[listed.index(ending)] < 30
    assert demo.expected_findings is not None
    assert demo.expected_findings.ending_certificates == (ending.id,)

    whole = await demo_surface.call(
        lambda c: c.certificates.retrieve(ending.id, include=["content"])
    )
    begins = demo_surface.seconds(ending.certificate_details.valid_at)
    assert begins is not None
    pem = whole.certificate_details.content
    assert pem == self_signed("api-gateway", begins, ends[listed.index(ending)])
    again = await demo_surface.call(lambda c: c.certificates.create(certificate=pem))
    assert again.certificate_details.valid_at == ending.certificate_details.valid_at
    assert again.certificate_details.expires_at == ending.certificate_details.expires_at
