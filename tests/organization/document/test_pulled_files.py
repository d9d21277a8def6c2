"""What is pulled, as a file: it reads as the document that was pulled, and validates."""

from __future__ import annotations

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.organization.document.reading import read_text
from openai_admin.organization.pulled import Pulled
from tests.organizations import organization

from .test_schema import VALIDATOR, parsed


async def pulled_from(emulator: Emulator, *, pins: bool = False) -> Pulled:
    """The organization of an emulator as a file, the same twice."""
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        pulled = await client.organization.pull(pins=pins)
        again = await client.organization.pull(pins=pins)
    assert again.text() == pulled.text()
    return pulled


def check(pulled: Pulled) -> None:
    """Read a text, and hold it against the document that it was made of."""
    assert read_text(pulled.text()).document == pulled.document
    VALIDATOR.validate(parsed(pulled.text()))


@pytest.mark.parametrize("pins", [False, True])
async def test_the_demo_organization_reads_as_it_was_pulled(demo: Emulator, pins: bool) -> None:
    check(await pulled_from(demo, pins=pins))


@pytest.mark.parametrize("seed", [3, 8])
async def test_organizations_with_everything_odd(seed: int) -> None:
    async with organization(seed) as emulator:
        check(await pulled_from(emulator))
