"""The organization as code, tried against the official client: `python -m benchmarks.organization`."""
