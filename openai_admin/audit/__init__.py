"""The audit log as evidence: in the language of a SIEM, delivered whole, and watched."""
