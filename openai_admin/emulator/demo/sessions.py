"""Logins and logouts of the people of the demo organization."""

from __future__ import annotations

from random import Random

from ..metering.shape import DAY
from ..table import Record
from .journal import Journal
from .people import People

_WEEK = 7 * DAY
_WORKDAYS = 5
_OPENS, _CLOSES = 7 * 3600, 17 * 3600
_TIMES = (0, 1, 1, 1, 2)
"""How often somebody logs in within a week; each of these is equally likely."""


def tell_of_sessions(journal: Journal, people: People, left_at: dict[str, int]) -> None:
    """A few logins a week of these people while they were there; `left_at` is by user id."""
    now = journal.store.now()
    for user in (*people.members, *people.former):
        random = Random(f"{journal.store.seed}/sessions/{user['email']}")
        end = left_at.get(user["id"], now)
        if user is journal.inactive_owner:
            end = journal.inactive_since
        # From a Monday, so that weekends are quiet; Unix time began on a Thursday.
        monday = (user["added_at"] - 4 * DAY) // _WEEK * _WEEK + 4 * DAY
        for week in range(monday, end, _WEEK):
            days = random.sample(range(_WORKDAYS), random.choice(_TIMES))
            for day in days:
                at = week + day * DAY + random.randrange(_OPENS, _CLOSES)
                if user["added_at"] < at < end:
                    _tell_of_session(journal, random, user, at, end)


def _tell_of_session(journal: Journal, random: Random, user: Record, at: int, end: int) -> None:
    if random.random() < 0.04:
        failure = {"error_code": "invalid_credentials", "error_message": "The password is wrong."}
        journal.note(at - 30, "login.failed", failure, by=user)
    journal.note(at, "login.succeeded", {}, by=user)
    chance, later = random.random(), at + random.randrange(600, 8 * 3600)
    if later >= end:
        return
    if chance < 0.25:
        journal.note(later, "logout.succeeded", {}, by=user)
    elif chance < 0.255:
        failure = {"error_code": "session_expired", "error_message": "The session has ended."}
        journal.note(later, "logout.failed", failure, by=user)
