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


class Observing:
    """A look at an organization, which can be gone on with where more is needed.

    Args:
        client: an asynchronous client.
        on_progress: is told how far it is.
    """

    def __init__(
        self, client: AdminResources[Async], *, on_progress: OnProgress | None = None
    ) -> None:
        self._client = client
        self._begun = client._caller.server_now()
        self._reading = Reading(client, Reads(client._caller), Needs(), on_progress)

    async def read(self, needs: Needs) -> State:
        """Read what there is; what was read before is not asked for again.

        Args:
            needs: what is asked for.

        Raises:
            InvalidInputError: there is no such project.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        reading, client = self._reading, self._client
        reading.needs = needs
        await reading.all()
        build = partial(
            state_of,
            reading.answers,
            needs,
            reading.reads,
            read_at=(self._begun or reading.begun or datetime.now(UTC)).replace(microsecond=0),
            organization=client._caller.organization_told(),
            acting_user=await _acting_user(client, reading.answers),
        )
        # In a worker: of a large organization it takes longer than the loop may be held.
        return await anyio.to_thread.run_sync(build, abandon_on_cancel=True)


async def observe(
    client: AdminResources[Async], needs: Needs, *, on_progress: OnProgress | None = None
) -> State:
    """Read what there is, once.

    Args:
        client: an asynchronous client.
        needs: what is asked for.
        on_progress: is told how far it is.

    Raises:
        InvalidInputError: there is no such project.
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    return await Observing(client, on_progress=on_progress).read(needs)


async def _acting_user(client: AdminResources[Async], answers: Answers) -> str | None:
    """Whose key is used, where the admin keys tell that beyond doubt."""
    if answers.admin_keys is None:
        return None
    key = await acting_key(client._caller, answers.admin_keys)
    if not key.is_recognized or len(key.owner_ids) != 1:
        return None
    return key.owner_ids[0]
