"""An async-first SDK for the OpenAI Admin API, with a blocking wrapper."""

from __future__ import annotations

from .client import AsyncOpenAIAdmin
from .sync import OpenAIAdmin
from .version import __version__

__all__ = ["AsyncOpenAIAdmin", "OpenAIAdmin", "__version__"]
