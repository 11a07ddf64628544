"""One repository for each aggregate: reading and writing in one class, handed out by what a caller may do."""
