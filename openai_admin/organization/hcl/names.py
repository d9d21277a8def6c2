"""Names of resources: what things are called, as Terraform takes it."""

from __future__ import annotations

import re
import unicodedata


class Taken:
    """Makes names that are unique among the resources of a type."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()

    def name(self, kind: str, *words: str) -> str:
        """A name for a resource of a type, of the words that tell it from others."""
        plain = unicodedata.normalize("NFKD", "_".join(words)).encode("ascii", "ignore").decode()
        base = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "unnamed"
        if base[0].isdigit():
            base = f"_{base}"
        name, number = base, 1
        while (kind, name) in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add((kind, name))
        return name
