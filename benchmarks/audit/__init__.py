"""How well the audit log serves as evidence, measured."""
