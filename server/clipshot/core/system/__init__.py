"""The running server: its health, its resource use, what it is."""
