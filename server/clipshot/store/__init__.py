"""The store: core's database over SQLite."""
