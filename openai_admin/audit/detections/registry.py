"""The detections that there are, and the settings for them."""

from __future__ import annotations

from collections.abc import Collection
from os import PathLike
from typing import Any

from ..._declare.arguments import shown, suggest
from ...errors import InvalidInputError
from .config import read_settings
from .model import Detection
from .rules import DETECTIONS
from .settings import Settings

__all__ = ["DETECTIONS", "chosen", "settled"]


def chosen(keys: Collection[str] | None) -> tuple[Detection[Any], ...]:
    """The detections of these keys; all where none are named.

    Raises:
        InvalidInputError: there is no such detection, or an empty list names none.
    """
    if keys is None:
        return DETECTIONS
    if isinstance(keys, str):
        raise InvalidInputError(f"only must be a list of detections, as [{keys!r}], not a text.")
    if not keys:
        raise InvalidInputError("only names no detection: leave it out for all of them.")
    there = [detection.key for detection in DETECTIONS]
    unknown = {key: suggest(key, there) for key in keys if key not in there}
    near = [
        f"There is no detection {shown(key)}{hint}" for key, hint in unknown.items() if _is(hint)
    ]
    far = [shown(key) for key, hint in unknown.items() if not _is(hint)]
    if far:
        near.append(f"There is no detection {' or '.join(far)}; there are {', '.join(there)}.")
    if near:
        raise InvalidInputError(" ".join(near))
    return tuple(detection for detection in DETECTIONS if detection.key in keys)


def _is(hint: str) -> bool:
    """Whether a hint names something, and does not only end the sentence."""
    return hint.endswith("?")


def settled(settings: Settings | str | PathLike[str] | None) -> Settings:
    """The settings themselves, or those in a file.

    Raises:
        InvalidInputError: the file has a mistake.
    """
    if settings is None:
        return Settings()
    return settings if isinstance(settings, Settings) else read_settings(settings, DETECTIONS)
