"""What answers the operations on the checkpoints of fine-tuned models."""
