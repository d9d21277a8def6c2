"""A review through both clients."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator
from openai_admin.insights import known
from tests.conftest import AsyncSurface, BlockingSurface


@pytest.mark.parametrize("client", [AsyncSurface, BlockingSurface])
async def test_both_clients_review_the_organization(
    demo: Emulator, client: type[AsyncSurface | BlockingSurface]
) -> None:
    surface = client(demo)
    review = await surface.call(lambda c: c.insights.review(days=28))
    await surface.close()
    assert demo.expected_findings is not None
    assert {finding.key_id for finding in known(review.stale_keys)} == set(
        demo.expected_findings.stale_keys
    )
