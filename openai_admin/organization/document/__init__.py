"""The file: its model, read with the line of every mistake, written as a person would."""
