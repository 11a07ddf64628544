"""Capture: what is recorded and buffered, and the rules for it."""
