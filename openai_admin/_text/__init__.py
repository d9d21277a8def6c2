"""How values are put into words that a person reads."""
