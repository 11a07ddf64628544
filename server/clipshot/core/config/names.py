"""Names of settings: the nearest one to a slip."""

import difflib
from collections.abc import Iterable


def unknown_setting(name: str, known: Iterable[str]) -> str:
    """What is wrong with a name that is no setting, and which was probably meant."""
    near = difflib.get_close_matches(name.lower(), list(known), n=1)
    return f"{name!r} is no setting" + (f"; did you mean {near[0]}?" if near else "")
