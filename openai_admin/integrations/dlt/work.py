"""The work of one resource in one run."""

from __future__ import annotations

from typing import Any

import attrs

from .lacking import Lacking
from .organization import Owner
from .shared import Run


@attrs.frozen
class Work:
    """The work of one resource in one run.

    Attributes:
        run: the client at work.
        state: what dlt keeps of the resource between runs; what is put there is kept with the rows.
        owner: the organization that the warehouse is of.
        lacking: what the resource lacks.
    """

    run: Run
    state: Any
    owner: Owner
    lacking: Lacking
