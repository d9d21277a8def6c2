"""Where a rotation puts a new key: what a sink is, and those that are known by a name."""
