"""The organization as code: read it as a file, plan what would make it as the file says, do it."""
