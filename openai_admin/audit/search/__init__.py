"""Who did what: the audit log searched by names, and told with names beside ids."""
