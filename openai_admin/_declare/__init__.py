"""Declared once, read by every surface: operations, resources, paging, arguments, effects."""
