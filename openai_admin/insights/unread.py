"""What a review is based on and could not be read: how much of what, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .text import count

Unread = Mapping[str, int]
"""How many things, or parts of answers, of each kind in `NOUNS` could not be read."""

NOUNS: Mapping[str, tuple[str, str]] = {
    "projects": ("project", "projects"),
    "people": ("person", "people"),
    "roles": ("role", "roles"),
    "roles of people": ("role of a person", "roles of people"),
    "groups": ("group", "groups"),
    "roles of groups": ("role of a group", "roles of groups"),
    "members of groups": ("member of a group", "members of groups"),
    "keys of projects": ("key of a project", "keys of projects"),
    "admin keys": ("admin key", "admin keys"),
    "invites": ("invite", "invites"),
    "certificates": ("certificate", "certificates"),
    "certificates of projects": ("certificate of a project", "certificates of projects"),
    "rate limits of projects": ("rate limit of a project", "rate limits of projects"),
    "spend limits": ("spend limit", "spend limits"),
    "spend limits of projects": ("spend limit of a project", "spend limits of projects"),
    "spend alerts": ("spend alert", "spend alerts"),
    "spend alerts of projects": ("spend alert of a project", "spend alerts of projects"),
    "the audit log": ("event of the audit log", "events of the audit log"),
    "the audit log around unusual days": (
        "event of the audit log around unusual days",
        "events of the audit log around unusual days",
    ),
    "costs": ("part of the costs", "parts of the costs"),
    "costs by consumer": (
        "part of the costs by user and key",
        "parts of the costs by user and key",
    ),
    "costs by month": ("part of the costs by month", "parts of the costs by month"),
    "costs by team": ("part of the costs by team", "parts of the costs by team"),
    "costs to compare by team": (
        "part of the costs to compare by team",
        "parts of the costs to compare by team",
    ),
    "costs to compare": ("part of the costs to compare", "parts of the costs to compare"),
    "costs to compare by consumer": (
        "part of the costs to compare by user and key",
        "parts of the costs to compare by user and key",
    ),
    "costs of budgets": ("part of the costs of budgets", "parts of the costs of budgets"),
    "usage": ("part of the usage", "parts of the usage"),
    "hourly usage": ("part of the hourly usage", "parts of the hourly usage"),
    "usage by the minute": ("part of the usage by the minute", "parts of the usage by the minute"),
}
"""What is read, with what one of it is called, and several."""


def amounts(unread: Unread, of: Iterable[str] = tuple(NOUNS)) -> Iterator[str]:
    """How much of each of some kinds could not be read: ``1 invite``."""
    return (count(unread[kind], *NOUNS[kind]) for kind in of if unread.get(kind))


def sentences(unread: Unread, of: Iterable[str] = tuple(NOUNS)) -> tuple[str, ...]:
    """That something of these kinds could not be read, where that is so."""
    told = list(amounts(unread, of))
    if not told:
        return ()
    *first, last = told
    what = f"{', '.join(first)} and {last}" if first else last
    return (f"{what} could not be read.",)


def hedged(sentence: str, *, doubtful: bool = True) -> str:
    """A sentence that claims no more than what could be read."""
    if not doubtful:
        return sentence
    return f"As far as could be read: {sentence[:1].lower()}{sentence[1:]}"
