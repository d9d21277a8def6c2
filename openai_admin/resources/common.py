"""What several resources share: small models and the types of common arguments."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs
from annotated_types import Interval, MinLen

from .._wire.models import Entity

Limit = Annotated[int | None, Interval(ge=1, le=100)]
"""Items on one page: 1 to 100, by the API's descriptions."""

Order = Literal["asc", "desc"]
"""The order of creation."""

Name = Annotated[str, MinLen(1)]
"""A name or an id: not empty."""


@attrs.frozen(kw_only=True)
class Deleted(Entity):
    """What the API returns for a removal.

    Attributes:
        id: what was removed.
        deleted: what the API answered: true when this call removed it. ``None`` when no answer
            confirmed that: the answer was empty, or it was found to be gone after a try whose
            answer was lost.
        object: the kind of object removed, with ``.deleted`` at its end.
    """

    id: str | None = None
    deleted: bool | None = None
    object: str | None = None
