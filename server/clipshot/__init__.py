"""ClipShot: the recorder core as a Python package."""
