"""One thin servicer for each service: translate, call core, translate."""
