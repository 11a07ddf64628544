"""Events: what happened, told in order."""
