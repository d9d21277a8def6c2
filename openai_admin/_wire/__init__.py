"""Between bytes and models, without any I/O."""
