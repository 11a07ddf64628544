"""Capture and replay beside their peers, in one run."""
