"""One running server: its data directory, its sockets, and what it says about itself."""
