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
        InvalidInputError: there is no such detection.
    """
    if keys is None:
        return DETECTIONS
    there = [detection.key for detection in DETECTIONS]
    for key in keys:
        if key not in there:
            hint = suggest(key, there) or f"; there are {', '.join(there)}."
            raise InvalidInputError(f"There is no detection {shown(key)}{hint}")
    return tuple(detection for detection in DETECTIONS if detection.key in keys)


def settled(settings: Settings | str | PathLike[str] | None) -> Settings:
    """The settings themselves, or those in a file.

    Raises:
        InvalidInputError: the file has a mistake.
    """
    if settings is None:
        return Settings()
    return settings if isinstance(settings, Settings) else read_settings(settings, DETECTIONS)
