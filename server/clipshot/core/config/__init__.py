"""Settings: what is in force, what may change, and what a change means."""
