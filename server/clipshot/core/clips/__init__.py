"""Clips: the library and its rules."""
