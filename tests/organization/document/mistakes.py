"""What reading a text says is wrong with it."""

from __future__ import annotations

import pytest

from openai_admin import DocumentError
from openai_admin.organization.document.reading import read_text


def mistakes_of(text: str) -> list[str]:
    """The mistakes of a text, without the name of its file."""
    with pytest.raises(DocumentError) as caught:
        read_text(text)
    return [each.removeprefix("org.yaml, ") for each in caught.value.mistakes]
