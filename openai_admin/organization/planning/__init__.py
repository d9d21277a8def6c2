"""What would make an organization as a file says: computed, without any request."""
