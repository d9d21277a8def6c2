"""Usage and costs over long ranges; `LineItem` reads what a line of costs is about."""

from .line_items import LineItem

__all__ = ["LineItem"]
