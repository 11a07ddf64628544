"""Shapes of JSON answers, as the examples write them.

``"string"``, ``"int64"`` (a string of digits), ``"integer"``, ``"number"``, ``"bool"``, ``"timestamp"`` (RFC 3339),
``"duration"`` (``1.5s``), ``"any"``, ``"=text"`` (exactly this), ``"one of a b c"``; ``[shape]`` a list whose entries
all have it; an object has exactly the named fields, where ``name?`` may be absent and ``*`` stands for any others.
"""

import re
from typing import Any

PATTERNS = {
    "int64": re.compile(r"-?\d+"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"),
    "duration": re.compile(r"-?\d+(\.\d{1,9})?s"),
}


def mismatches(shape: Any, value: Any, at: str = "$") -> list[str]:
    """Where and how ``value`` differs from ``shape``; empty when it does not."""
    if isinstance(shape, dict):
        return object_mismatches(shape, value, at)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at}: a list is due, there is {value!r}"]
        return [line for i, item in enumerate(value) for line in mismatches(shape[0], item, f"{at}[{i}]")]
    return [] if scalar_fits(shape, value) else [f"{at}: {shape!r} is due, there is {value!r}"]


def object_mismatches(shape: dict[str, Any], value: Any, at: str) -> list[str]:
    """The same for objects."""
    if not isinstance(value, dict):
        return [f"{at}: an object is due, there is {value!r}"]
    found: list[str] = []
    due = {name.rstrip("?"): part for name, part in shape.items() if name != "*"}
    for name, part in shape.items():
        if name == "*":
            continue
        plain = name.rstrip("?")
        if plain in value:
            found += mismatches(part, value[plain], f"{at}.{plain}")
        elif not name.endswith("?"):
            found.append(f"{at}.{plain}: missing")
    for name in value.keys() - due.keys():
        if "*" not in shape:
            found.append(f"{at}.{name}: not in the contract")
        else:
            found += mismatches(shape["*"], value[name], f"{at}.{name}")
    return found


def scalar_fits(shape: str, value: Any) -> bool:
    """Whether one value has one of the named shapes."""
    if shape.startswith("="):
        return bool(value == shape[1:])
    if shape.startswith("one of "):
        return value in shape.removeprefix("one of ").split()
    if shape in PATTERNS:
        return isinstance(value, str) and PATTERNS[shape].fullmatch(value) is not None
    match shape:
        case "any":
            return True
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
    raise ValueError(f"unknown shape {shape!r}")
