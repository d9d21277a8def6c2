"""The organization's certificates in its projects, on each client, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.pem import CERTIFICATE
from tests.resources.people import ids, refused_unsent


async def setting(surface: Surface) -> tuple[list[str], list[str]]:
    """Create three certificates and two projects; return their ids."""
    certificates = [
        await surface.call(lambda c: c.certificates.create(certificate=CERTIFICATE))
        for _ in range(3)
    ]
    projects = [await surface.call(lambda c: c.projects.create(name="Web")) for _ in range(2)]
    return ids(certificates), ids(projects)


async def switch(surface: Surface, change: str, project: str, ids: list[str]) -> dict[str, bool]:
    """Activate or deactivate certificates in a project, and return their states in the answer."""
    page = await surface.call(
        lambda c: getattr(c.projects.certificates, change)(project, certificate_ids=ids)
    )
    assert {c.object for c in page.data} == {"organization.project.certificate"}
    return {c.id: c.active for c in page.data}


async def active(surface: Surface, project: str) -> dict[str, bool]:
    """Whether each certificate is active in a project."""
    listed = await surface.items(
        lambda c: c.projects.certificates.list(project, limit=1, order="asc")
    )
    assert {c.object for c in listed} == {"organization.project.certificate"}
    return {c.id: c.active for c in listed}


async def test_each_project_for_itself(surface: Surface) -> None:
    (a, b, c), (one, other) = await setting(surface)
    assert await active(surface, one) == {a: False, b: False, c: False}

    assert await switch(surface, "activate", one, [a, b]) == {a: True, b: True}
    assert await active(surface, one) == {a: True, b: True, c: False}
    assert await active(surface, other) == {a: False, b: False, c: False}
    everywhere = await surface.items(lambda client: client.certificates.list())
    assert not any(x.active for x in everywhere)

    with pytest.raises(surface.errors.BadRequestError, match=one):
        await surface.call(lambda client: client.certificates.delete(a))
    for _ in range(2):
        assert await switch(surface, "deactivate", one, [a]) == {a: False}
    await surface.call(lambda client: client.certificates.delete(a))
    assert await active(surface, one) == {b: True, c: False}

    log = await surface.items(
        lambda client: client.audit_logs.list(
            event_types=["certificates.activated", "certificates.deactivated"]
        )
    )
    assert [(e.type, e.project.id) for e in log] == [
        ("certificates.deactivated", one),
        ("certificates.activated", one),
    ]


async def test_all_or_none(surface: Surface) -> None:
    (a, b, _), (one, _) = await setting(surface)
    with pytest.raises(surface.errors.NotFoundError):
        await switch(surface, "activate", one, [a, "cert_none", b])
    assert not any((await active(surface, one)).values())


async def test_unknown_and_archived_projects(emulator: Emulator, surface: Surface) -> None:
    (a, _, _), (one, _) = await setting(surface)
    with pytest.raises(surface.errors.NotFoundError):
        await switch(surface, "activate", "proj_none", [a])
    with pytest.raises(surface.errors.NotFoundError):
        await surface.items(lambda c: c.projects.certificates.list("proj_none"))

    await switch(surface, "activate", one, [a])
    await surface.call(lambda c: c.projects.archive(one))
    for change in ("activate", "deactivate"):
        with pytest.raises(surface.errors.BadRequestError, match="archived"):
            await switch(surface, change, one, [a])
    # Nobody can deactivate it there any more, so it is no obstacle.
    await surface.call(lambda c: c.certificates.delete(a))
    assert a not in emulator.store.certificates


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    bad: Any = [1]
    await refused_unsent(
        emulator,
        lambda c: c.projects.certificates.activate("proj_1", certificate_ids=[]),
        lambda c: c.projects.certificates.activate("proj_1", certificate_ids=["cert"] * 11),
        lambda c: c.projects.certificates.activate("proj_1", certificate_ids="cert_1"),
        lambda c: c.projects.certificates.deactivate("proj_1", certificate_ids=[]),
        lambda c: c.projects.certificates.deactivate("proj_1", certificate_ids=["cert"] * 11),
        lambda c: c.projects.certificates.deactivate("proj_1", certificate_ids=bad),
        lambda c: c.projects.certificates.list(""),
        lambda c: c.projects.certificates.list("proj_1", limit=0),
        lambda c: c.projects.certificates.list("proj_1", limit=101),
        lambda c: c.projects.certificates.activate("..", certificate_ids=["cert_1"]),
    )


async def test_demo_project_has_a_certificate_of_its_own(demo_surface: Surface) -> None:
    projects = await demo_surface.items(lambda c: c.projects.list(limit=100))
    payments = next(p for p in projects if p.name == "Checkout Fraud Review")
    listed = await demo_surface.items(lambda c: c.projects.certificates.list(payments.id))
    assert [c.name for c in listed if c.active] == ["payments-egress"]
