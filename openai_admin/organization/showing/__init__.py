"""A plan shown to people: arranged once, and written for a terminal or as Markdown."""
