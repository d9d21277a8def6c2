"""The embedded emulator: an organization in memory behind the API's HTTP, on a real socket."""
