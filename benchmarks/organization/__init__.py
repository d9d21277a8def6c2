"""The organization as code, tried against the official client."""
