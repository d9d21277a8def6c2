"""What in an organization is not as its file says, and who changed it."""
