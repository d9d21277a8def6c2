"""Finding things of the organization by what a person knows of them."""
