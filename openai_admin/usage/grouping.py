"""The fields that one endpoint's usage is grouped by, and since when the API answers with each."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence

from ..errors import APIError
from .refusals import API_KEY_COSTS_SINCE, allowed_fields, named_fields, refused_fields

NEVER = sys.maxsize

Refused = Mapping[str, tuple[int, APIError]]
"""Fields that are refused, each with the moment from which on it is answered, in Unix seconds,
else `NEVER`; and why it is not before."""

# Which fields are worth most; of those that are refused together the last is left out.
_WORTH = ("project_id", "line_item", "model", "api_key_id", "user_id")


class Grouping:
    """What is known of the fields of a query.

    Args:
        endpoint: the endpoint's name.
        groups: the fields, in the order in which they are sent.

    Attributes:
        since: from when each refused field is answered, in Unix seconds.
        reasons: why it is not before.
    """

    def __init__(self, endpoint: str, groups: Sequence[str]) -> None:
        self.order = list(groups)
        self.since: dict[str, int] = {}
        self.reasons: dict[str, APIError] = {}
        self._endpoint = endpoint
        self._groups = sorted(groups, key=_rank)
        self._answers: dict[frozenset[str], int] = {}  # where the earliest answer with them begins
        self._readings: dict[str, list[bool]] = {}  # of a message: whether it names those allowed
        self._blamed: dict[str, list[str]] = {}  # the fields left out by a reading
        self._tried: list[str] = []  # the fields of which one was left out on suspicion
        self._guess = ""  # which one that was

    def at(self, start: int) -> list[str]:
        """The fields that may be answered from a moment on, the one worth most first."""
        return [g for g in self._groups if self.since.get(g, 0) <= start]

    def sent(self, groups: Collection[str]) -> list[str]:
        """Some of the fields, in the order in which they are sent."""
        return [g for g in self.order if g in groups]

    def border(self, start: int) -> int:
        """The first moment after one where a field begins to be answered."""
        return min((since for since in self.since.values() if since > start), default=NEVER)

    def lost_at(self, start: int) -> APIError | None:
        """Why a field is refused at a moment; ``None`` if none is."""
        lost = (self.reasons[g] for g, since in self.since.items() if since > start)
        return next(lost, None)

    def keep(self, start: int, groups: Collection[str]) -> None:
        """Remember that a query by some fields was answered."""
        key = frozenset(groups)
        self._answers[key] = min(self._answers.get(key, NEVER), start)

    def answered(self, groups: Collection[str] = ()) -> int:
        """Where the earliest answer with some fields, or more, begins."""
        asked = frozenset(groups)
        return min((at for key, at in self._answers.items() if asked <= key), default=NEVER)

    def leave_out(self, fields: Sequence[str], since: int, reason: APIError) -> None:
        """Take fields for refused before a moment."""
        for field in fields:
            self.since[field] = max(since, self.since.get(field, 0))
            self.reasons.setdefault(field, reason)

    def suspects(self, start: int, refusal: APIError) -> list[str]:
        """The fields to leave out by what a refusal says; none if it does not help.

        It may name those that are refused, or those that are allowed. What its words suggest is
        taken first; if it is refused in the same words without any field that is refused by that,
        all of them come back, and the other reading is taken.
        """
        words = refusal.message
        if not named_fields(refusal, self._groups):
            return []
        lists = bool(allowed_fields(refusal, self._groups))
        readings = self._readings.setdefault(words, [lists, not lists])
        while readings:
            groups = self.at(start)
            if readings[0]:
                named = allowed_fields(refusal, self._groups) or named_fields(refusal, self._groups)
                found = [g for g in groups if g not in named]
                if len(found) == len(groups):
                    found = []
            else:
                found = refused_fields(refusal, groups)[-1:]
            if found:
                self._blamed.setdefault(words, []).extend(found)
                return found
            readings.pop(0)
            self._bring_back(self._blamed.pop(words, []))
        return []

    def guess(self, start: int) -> str | None:
        """The field that is refused most often; ``None`` if it was left out, and was not it."""
        groups = self.at(start)
        if [field for field in self._tried if field != self._guess] != groups:
            self._tried, self._guess = groups, self.likeliest(start, groups)
            return self._guess
        self._bring_back([self._guess])
        self._tried = []
        return None

    def likeliest(self, start: int, groups: Sequence[str]) -> str:
        """Which field is refused most often; where nothing is known, the one worth least."""
        if self._endpoint == "costs":
            if "api_key_id" in groups and start < API_KEY_COSTS_SINCE:
                return "api_key_id"
            if "user_id" in groups and "project_id" in groups:
                return "user_id"  # both depend "on the organization and time range"
        return groups[-1]

    def _bring_back(self, fields: Sequence[str]) -> None:
        for field in fields:
            self.since.pop(field, None)
            self.reasons.pop(field, None)


def _rank(field: str) -> int:
    """How early a field is kept; ``api_source`` is refused most often."""
    if field in _WORTH:
        return _WORTH.index(field)
    return len(_WORTH) + (field == "api_source")
