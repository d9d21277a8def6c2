"""Sending requests: connections, attempts, retries, pace and concurrency."""
