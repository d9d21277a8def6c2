"""What the audit log has recorded: an event's facts, and in words with names beside ids."""
