"""Which settings a caller may change, and how."""

from collections.abc import Iterable, Mapping, Sequence

from clipshot.core.config.names import unknown_setting
from clipshot.core.config.ports import Edits
from clipshot.core.config.setting import Effect, Origin, SettingSpec, Source
from clipshot.core.errors import FieldViolation, InvalidArgumentError

_STRONGER = {
    Source.ENV_FILE: "the file .env",
    Source.ENVIRONMENT: "the environment",
    Source.COMMAND_LINE: "the command line of the server",
}
"""What stands above the settings file and cannot be changed from here."""


def violations_of(
    edits: Edits, specs: Mapping[str, SettingSpec], origins: Mapping[str, Origin], *, until_restart: bool
) -> list[FieldViolation]:
    """Everything that speaks against changing these settings, whatever their values."""
    found: list[FieldViolation] = []
    for name in sorted(edits.names):
        spec = specs.get(name)
        fault = _fault(name, spec, origins, until_restart, removed=name in edits.removed) if spec else None
        if spec is None:
            fault = (unknown_setting(name, specs), "SETTING_UNKNOWN")
        if fault:
            found.append(FieldViolation(f"values.{name}", *fault))
    return found


def _fault(
    name: str, spec: SettingSpec, origins: Mapping[str, Origin], until_restart: bool, *, removed: bool
) -> tuple[str, str] | None:
    if spec.secret:
        return "is a secret; set it in the settings file or the environment of the server", "SETTING_SECRET"
    if spec.fixed:
        return "cannot be changed over the API", "SETTING_FIXED"
    if until_restart:
        if spec.effect is Effect.RESTART:
            return "works only after a restart, and so cannot be set until then", "SETTING_NEEDS_RESTART"
        return None
    stronger = _STRONGER.get(origins[name].source)
    if stronger and not removed:
        why = (
            f"{stronger} sets CLIPSHOT_{name.upper()}"
            if origins[name].source is not Source.COMMAND_LINE
            else (f"{stronger} sets it")
        )
        return f"{why}, which a new value in the settings file would not change", "SETTING_OVERRIDDEN"
    return None


def changeable(specs: Iterable[SettingSpec]) -> tuple[str, ...]:
    """All that a caller may change."""
    return tuple(spec.name for spec in specs if not spec.secret and not spec.fixed)


def check_known(specs: Mapping[str, SettingSpec], sections: Sequence[str], names: Sequence[str]) -> None:
    """Refuse sections and names that there are not.

    Raises:
        InvalidArgumentError: SECTION_UNKNOWN, SETTING_UNKNOWN.
    """
    known = sorted({spec.section for spec in specs.values()})
    wrong = [
        FieldViolation("sections", f"{section!r} is none of {', '.join(known)}", "SECTION_UNKNOWN")
        for section in sections
        if section not in known
    ]
    wrong += [
        FieldViolation("names", unknown_setting(name, specs), "SETTING_UNKNOWN") for name in names if name not in specs
    ]
    if wrong:
        raise InvalidArgumentError(wrong[0].reason, "; ".join(each.description for each in wrong), violations=wrong)


def name_of(violation: FieldViolation) -> str:
    """The setting that a violation is about."""
    return violation.field.removeprefix("values.")


def not_valid(found: Sequence[FieldViolation]) -> InvalidArgumentError:
    """The error for a change with these faults."""
    return InvalidArgumentError(
        "SETTINGS_NOT_VALID",
        "; ".join(f"{name_of(each)}: {each.description}" for each in found),
        violations=found,
        metadata={"name": name_of(found[0])},
    )
