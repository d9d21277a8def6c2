"""Other people's tools: what they need to work with this client."""
