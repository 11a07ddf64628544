"""Capture over the native core: sessions, where their bytes lie, and what a crash leaves of them."""
