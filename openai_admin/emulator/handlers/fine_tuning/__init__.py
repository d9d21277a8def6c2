"""What answers the operations of fine-tuning that need an admin key."""
