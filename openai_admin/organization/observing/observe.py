"""What there is in an organization, read as far as sections of the file need it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import anyio.to_thread

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.reading import Reads
from ...workflows.offboarding.acting import acting_key
from ..state import State
from .answers import Answers
from .building import state_of
from .forecast import OnProgress
from .needs import Needs
from .reading import Reading


async def observe(
    client: AdminResources[Async], needs: Needs, *, on_progress: OnProgress | None = None
) -> State:
    """Read what there is.

    Args:
        client: an asynchronous client.
        needs: what is asked for.
        on_progress: is told how far it is.

    Raises:
        InvalidInputError: there is no such project.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    caller = client._caller
    begun = caller.server_now()
    reading = Reading(client, Reads(caller), needs, on_progress)
    await reading.all()
    build = partial(
        state_of,
        reading.answers,
        needs,
        reading.reads,
        read_at=(begun or reading.begun or datetime.now(UTC)).replace(microsecond=0),
        organization=caller.organization_told(),
        acting_user=await _acting_user(client, reading.answers),
    )
    # In a worker: of a large organization it takes longer than the loop may be held.
    return await anyio.to_thread.run_sync(build, abandon_on_cancel=True)


async def _acting_user(client: AdminResources[Async], answers: Answers) -> str | None:
    """Whose key is used, where the admin keys tell that beyond doubt."""
    if answers.admin_keys is None:
        return None
    key = await acting_key(client._caller, answers.admin_keys)
    if not key.is_recognized or len(key.owner_ids) != 1:
        return None
    return key.owner_ids[0]
