"""The command line: commands made from the declared operations, and those that are its own.

``app`` has the table of commands; each module that it names is imported when its command runs.
"""
