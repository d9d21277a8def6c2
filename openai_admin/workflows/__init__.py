"""Jobs of many steps: rotate a key, offboard a person; cut off at any moment, they go on."""
