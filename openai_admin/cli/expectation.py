"""``--expect-organization``: nothing is done in another organization than the one meant."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .errors import CommandError

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

VARIABLE = "OPENAI_ADMIN_EXPECT_ORGANIZATION"


def expected(passed: str | None, *, demo: bool) -> str | None:
    """The organization that is meant; the environment's does not mean the demo's."""
    if passed is not None or demo:
        return passed
    return os.environ.get(VARIABLE) or None


async def refuse_other(client: AsyncOpenAIAdmin, organization: str) -> None:
    """Refuse to go on with a key of another organization; it takes one read, or two.

    Raises:
        CommandError: the key belongs to another one, or to which one is not known.
        APIError: the API gave no answer, or rejected the key.
    """
    from ..directory.check import organization_of

    refuse(organization, *await organization_of(client._caller))


def refuse(wanted: str, organization: str | None, name: str | None) -> None:
    """Refuse an organization that is not the one wanted, or of which that is not known.

    Args:
        wanted: an id, or what the API calls it.
        organization: the id of the key's organization, where it is known.
        name: what the API calls it, where that is known.

    Raises:
        CommandError: it may not be the one.
    """
    from ..directory.check import belongs

    is_so = belongs(wanted, organization, name)
    if is_so:
        return
    known = " or ".join(filter(None, (organization, name)))
    if is_so is None:
        only = f"; the API calls it {known}" if known else ""
        raise CommandError(
            f"Whether the key belongs to {wanted} is not known{only}, so nothing was done.", code=1
        )
    raise CommandError(f"The key belongs to {known}, not to {wanted}: nothing was done.", code=1)
