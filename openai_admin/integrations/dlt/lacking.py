"""What a run did not get: told in a table of its own, and an error unless that is allowed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

import attrs
import pyarrow as pa

from ...directory.not_known import not_known, told
from ...errors import OpenAIAdminError
from ...export.unreadable import UNREADABLE
from .tables import Table

_log = logging.getLogger("openai_admin.integrations.dlt")

NOT_KNOWN = Table("not_known", {"resource": str, "what": str, "project_id": str, "reason": str})
"""What each resource lacks as of its last run."""

What = Literal["refused", "failed", "missing", "left_out"]


class NotKnownError(OpenAIAdminError):
    """A resource could not be fetched, or not all of it; nothing of the run was loaded."""


@attrs.frozen
class Lack:
    """Something that a resource lacks.

    Attributes:
        what: ``refused`` by the API, ``failed`` on the way, ``missing`` from the answers, or
            ``left_out`` of the question, since the API refused it otherwise.
        reason: what it is and why, in words without the resource's name.
        project_id: the project that it is of; ``None`` where it is not of one project alone.
    """

    what: What
    reason: str
    project_id: str | None = None

    @classmethod
    def of(cls, resource: str, error: Exception) -> Lack:
        """All of a resource, or a part of it, because of an error."""
        part = not_known(resource, error)
        is_refusal = part.status is not None and 400 <= part.status < 500
        (reason,) = told([part], {})
        return cls("refused" if is_refusal else "failed", reason.removeprefix(f"{resource}: "))

    @property
    def is_allowed(self) -> bool:
        """Whether all that the API gives for the question is there all the same."""
        return self.what == "left_out"


@attrs.define
class Lacking:
    """What one resource lacks in a run.

    Attributes:
        resource: its name.
        allowed: whether it may lack something.
        found: what it lacks.
    """

    resource: str
    allowed: bool
    found: list[Lack] = attrs.field(factory=list)

    def add(self, *lacks: Lack) -> None:
        """Take down what is lacking, each once."""
        told = [attrs.evolve(lack, reason=lack.reason.rstrip(". ")) for lack in lacks]
        self.found += [lack for lack in dict.fromkeys(told) if lack not in self.found]

    def raise_if_not_allowed(self) -> None:
        """Raise unless everything that is lacking may be.

        Raises:
            NotKnownError: something may not.
        """
        reasons = [lack.reason for lack in self.found if not lack.is_allowed]
        if reasons and not self.allowed:
            raise NotKnownError(
                f"{self.resource} cannot be loaded: {'; '.join(reasons)}. Leave it out with"
                f" with_resources(…), or load what there is with allow_missing=[{self.resource!r}]:"
                f" the table {NOT_KNOWN.name} then says what is missing."
            )

    def rows(self, before: int, fetched_at: datetime) -> tuple[pa.Table, int]:
        """What is lacking as rows of `NOT_KNOWN`, in place of those of an earlier run.

        Args:
            before: how many rows the resource had there.
            fetched_at: when that was found.

        Returns:
            The rows, and how many rows the resource has there now.
        """
        for lack in self.found:
            _log.warning("%s: %s", self.resource, lack.reason)
        count = len(self.found)
        columns: dict[str, Sequence[str | None]] = {
            "resource": [self.resource] * count,
            "what": [lack.what for lack in self.found],
            "project_id": [lack.project_id for lack in self.found],
            "reason": [lack.reason for lack in self.found],
        }
        rows = NOT_KNOWN.rows(columns, [self.resource] * count, fetched_at)
        gone = NOT_KNOWN.removed({self.resource: before}, {self.resource: count}, fetched_at)
        return pa.concat_tables([rows, gone]), count


def tell_unreadable(resource: str, texts: Collection[str | None]) -> int:
    """Say in the log how many rows there are of which something could not be read."""
    count = sum(text is not None for text in texts)
    if count:
        _log.warning(
            "%s: of %s rows something could not be read; their column %s has it as JSON.",
            resource,
            count,
            UNREADABLE,
        )
    return count
