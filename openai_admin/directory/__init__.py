"""Things of the organization as a person knows them: names, the subject of a call, concerns."""
