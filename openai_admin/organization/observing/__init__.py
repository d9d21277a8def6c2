"""What there is in an organization, read in few requests around what the API refuses."""
