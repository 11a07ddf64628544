"""How settings look to callers, and what differs between two readings of them."""

from collections.abc import Collection, Mapping

from clipshot.core.config.ports import Reading, S
from clipshot.core.config.setting import Effect, Setting, SettingChange, SettingSpec, Source


def view(spec: SettingSpec, started: Reading[S], now: Reading[S], run_time: Collection[str]) -> Setting:
    """A setting as it is. What needs a restart still has the value of the start."""
    origin, newest = now.origins[spec.name], now.values[spec.name]
    value = started.values[spec.name] if spec.effect is Effect.RESTART else newest
    pending = value != newest
    source = Source.RUN_TIME if spec.name in run_time else origin.source
    return Setting(
        name=spec.name,
        section=spec.section,
        title=spec.title,
        description=spec.description,
        unit=spec.unit,
        value=None if spec.secret else value,
        default_value=None if spec.secret else spec.default,
        source=source,
        path="" if source is Source.RUN_TIME else origin.path,
        line=0 if source is Source.RUN_TIME else origin.line,
        effect=spec.effect,
        next_value=newest if pending and not spec.secret else None,
        restart_pending=pending,
        secret=spec.secret,
        is_set=source is not Source.DEFAULT,
        fixed=spec.fixed,
        minimum=spec.minimum,
        maximum=spec.maximum,
        choices=spec.choices,
    )


def changes_between(
    specs: Mapping[str, SettingSpec], before: Reading[S], after: Reading[S]
) -> tuple[SettingChange, ...]:
    """What changed, in the order of the documentation; of secrets only that they did."""
    return tuple(
        SettingChange(
            name=spec.name,
            old_value=None if spec.secret else before.values[spec.name],
            new_value=None if spec.secret else after.values[spec.name],
            effect=spec.effect,
        )
        for spec in specs.values()
        if before.values[spec.name] != after.values[spec.name]
    )
