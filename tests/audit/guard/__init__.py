"""The leak guard."""
