"""The leak guard: the usage of each key by the minute, against the key's own rhythm."""
