"""Calls from blocking code: the thread they run in, and a client's lease of it."""
