"""What is said to work without a restart is what something follows."""

from typing import Any

from clipshot.config.specs import setting_specs
from clipshot.core.config.setting import Effect
from clipshot.wiring.configuration import appliers_of


def test_what_needs_no_restart_is_followed_by_something() -> None:
    nothing: Any = None
    followed = [name for applier in appliers_of(nothing, nothing, nothing, nothing) for name in applier.names]
    assert sorted(followed) == sorted(spec.name for spec in setting_specs() if spec.effect is not Effect.RESTART)
