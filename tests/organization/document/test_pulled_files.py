"""What is pulled, as a file: it reads as the document that was pulled, and validates."""

from __future__ import annotations

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.organization.document.reading import read_text
from openai_admin.organization.document.writing import text_of
from openai_admin.organization.pulled import Pulled

from .test_schema import VALIDATOR, parsed


def written(pulled: Pulled) -> str:
    """The text of what was pulled."""
    return text_of(pulled.document, known=pulled.state.document)


@pytest.mark.parametrize("pins", [False, True])
async def test_the_demo_organization_reads_as_it_was_pulled(demo: Emulator, pins: bool) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        pulled = await client.organization.pull(pins=pins)
        again = await client.organization.pull(pins=pins)
    text = written(pulled)
    assert read_text(text).document == pulled.document
    VALIDATOR.validate(parsed(text))
    assert written(again) == text
