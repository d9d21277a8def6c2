"""Workflows as a part of a client's tree, so that both clients have them."""

from __future__ import annotations

from .._declare.resource import Mode, Resource


class Workflows(Resource[Mode], name="workflows"):
    """Jobs of many steps, which can be cut off at any moment and go on when called again."""
