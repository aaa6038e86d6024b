"""Machine readability: what a body is worth to a program."""
