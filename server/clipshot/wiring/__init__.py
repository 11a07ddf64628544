"""The parts of the server put together, an area a file; only ``app`` uses them."""
