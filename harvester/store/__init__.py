"""harvest.db, the workshop: everything ever seen, written by one process."""
