"""Ordinary life, with all that looks like an incident and is none."""
