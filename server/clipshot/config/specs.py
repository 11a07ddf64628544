"""What the settings are, read out of their model; and their values as JSON and TOML have them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr

from clipshot.core.config.setting import Effect, JsonValue, SettingSpec
from clipshot.settings import Settings


def setting_specs() -> tuple[SettingSpec, ...]:
    """Every setting, by section in the order of the model."""
    properties: Mapping[str, dict[str, Any]] = settings_schema()["properties"]
    specs = tuple(_spec(name, schema) for name, schema in properties.items())
    sections = list(dict.fromkeys(spec.section for spec in specs))
    return tuple(sorted(specs, key=lambda spec: sections.index(spec.section)))


def settings_schema() -> dict[str, Any]:
    """JSON Schema of the settings as ImportConfig takes them."""
    schema = Settings.model_json_schema()
    for name, part in schema["properties"].items():
        part["x-restart"] = part["x-effect"] == Effect.RESTART
        if part.get("writeOnly"):
            part["x-secret"] = True
            part.pop("default", None)  # a stand-in, not a value
        elif "default" in part:
            part["default"] = default_value(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of ClipShot",
        "description": "What DATA_DIR/clipshot.toml may set.",
        "type": "object",
        "additionalProperties": False,
        "properties": schema["properties"],
    }


def default_value(name: str) -> JsonValue:
    """The value where nobody sets one; folders that follow DATA_DIR are empty."""
    value = Settings.model_fields[name].get_default(call_default_factory=True)
    return "" if value == Path() else json_value(value)


def json_value(value: Any) -> JsonValue:
    """A value as JSON has it; of a secret a fingerprint, empty where it is not set."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return hashlib.sha256(secret.encode()).hexdigest() if secret else ""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [json_value(part) for part in value]
    return cast("JsonValue", value)


def file_value(given: JsonValue, checked: Any) -> Any:
    """A value as the file holds it: texts as they were given, numbers and lists as they were understood."""
    if isinstance(checked, float) and checked.is_integer():
        return int(checked)
    if isinstance(checked, (bool, int, float)):
        return checked
    if isinstance(checked, tuple):
        return [str(part) for part in checked] if isinstance(given, str) else list(cast("list[str]", given))
    return given


def _spec(name: str, schema: Mapping[str, Any]) -> SettingSpec:
    return SettingSpec(
        name=name,
        section=schema["x-section"],
        title=schema["title"],
        description=schema.get("description", ""),
        unit=schema.get("x-unit", ""),
        default=schema.get("default", "" if schema.get("x-secret") else default_value(name)),
        effect=Effect(schema["x-effect"]),
        secret=schema.get("x-secret", False),
        fixed=schema.get("x-fixed", False),
        minimum=schema.get("minimum", schema.get("exclusiveMinimum")),
        maximum=schema.get("maximum"),
        choices=tuple(schema.get("enum", ())),
    )
