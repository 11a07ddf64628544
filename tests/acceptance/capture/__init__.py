"""Sound, faults, sources and live pictures, shown on real input."""
