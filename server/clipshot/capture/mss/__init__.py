"""The backend ``mss``: pictures that a child process reads with the library of that name, where nothing else works."""
