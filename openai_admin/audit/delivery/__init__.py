"""Delivering the audit log to a receiver: each event at least once, known by its id."""
