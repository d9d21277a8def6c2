"""What in the audit log should be looked at: detections, each a small function over the events."""
