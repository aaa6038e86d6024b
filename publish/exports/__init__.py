"""What `barometer export` writes: the whole result in other people's standards, one module a format."""
