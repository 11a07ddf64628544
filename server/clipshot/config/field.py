"""Fields of the settings model."""

from typing import Any, Literal

from pydantic import Field

Effect = Literal["at_once", "next_session", "restart"]
"""When a new value works: at once, for sessions that start from then on, or after a restart."""


def setting(
    default: Any,
    title: str,
    section: str,
    *,
    effect: Effect = "restart",
    unit: str = "",
    description: str = "",
    fixed: bool = False,
    **limits: Any,
) -> Any:
    """A field with what people and programs need to know of it; it is part of the model's JSON Schema.

    ``fixed`` ones cannot be changed over the API.
    """
    extra: dict[str, Any] = {"x-section": section, "x-effect": effect}
    if unit:
        extra["x-unit"] = unit
    if fixed:
        extra["x-fixed"] = True
    return Field(default=default, title=title, description=description or None, json_schema_extra=extra, **limits)
