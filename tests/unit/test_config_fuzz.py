"""Whatever anybody sets anything to: it is accepted and in force, or refused with a reason, and the file is whole."""

import asyncio
import json
import math
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from clipshot.config.file import SettingsFile
from clipshot.config.keeper import FileSettingsKeeper
from clipshot.config.layers import Layers
from clipshot.config.start import load_settings
from clipshot.core.config.faults import SettingsFileError
from clipshot.core.config.ports import Draft, Edits, Format
from clipshot.core.config.setting import SettingFault
from clipshot.core.errors import InvalidArgumentError, PreconditionError
from clipshot.settings import Settings

NAMES = sorted(Settings.model_fields)
BEFORE = "# Mine\nreplay_seconds = 30  # half a minute\n"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.integers() | st.floats() | st.sampled_from([0, 1, 8000, 65535, 2**31, 2**63, 2**64, -1, 1e308, math.nan])
plain = (
    st.none()
    | st.booleans()
    | numbers
    | texts
    | st.sampled_from(["", "~", "~nobody/x", "true", "1,2", "/", "\x00", "0x1"])
)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
changes = st.dictionaries(st.sampled_from(NAMES) | texts, values, min_size=1, max_size=3)

ROUNDS = settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CLIPSHOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def keeper(folder: Path) -> FileSettingsKeeper:
    return FileSettingsKeeper(SettingsFile(folder / "clipshot.toml"), Layers.of_start({"data_dir": folder}))


async def tried(draft: Callable[[], Awaitable[Draft[Settings]]]) -> Draft[Settings] | None:
    """A draft; None when it is refused, with a reason for each fault."""
    try:
        return await draft()
    except InvalidArgumentError as error:
        refused = error
    assert refused.violations
    assert all(violation.description and violation.reason for violation in refused.violations)
    return None


def known(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the service hands on: names that are settings, with values."""
    return {name: value for name, value in wanted.items() if name in NAMES and value is not None and name != "data_dir"}


@ROUNDS
@given(wanted=changes)
@example(wanted={"max_workers": 2**64})
@example(wanted={"cors_origins": ["a", 1]})
@example(wanted={"app_name": "\ufeff\u2028'\"\\"})
@example(wanted={"clips_dir": "x" * 5000})
def test_a_change_is_whole_or_refused(wanted: dict[str, Any]) -> None:
    async def change(folder: Path) -> None:
        file = folder / "clipshot.toml"
        file.write_text(BEFORE)
        kept = keeper(folder)
        draft = await tried(lambda: kept.draft(Edits(known(wanted)), {}))
        if draft is None:
            assert file.read_text() == BEFORE
            return
        await kept.write(draft)
        again = await kept.read({})
        assert again.settings == draft.reading.settings, "what was accepted is what the next start reads"
        assert file.read_text().startswith("# Mine\n")
        json.dumps(again.values, allow_nan=False)
        assert [each.name for each in folder.iterdir()] == ["clipshot.toml"]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(change(Path(folder)))


@ROUNDS
@given(wanted=changes)
def test_a_file_of_anything_loads_or_is_rejected_with_reasons(wanted: dict[str, Any]) -> None:
    try:
        text = tomlkit.dumps(json.loads(json.dumps(wanted)))
        tomlkit.parse(text)
    except (ValueError, tomlkit.exceptions.TOMLKitError, TypeError):
        return  # nothing that TOML can say
    read(text)


@ROUNDS
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
    | st.builds(lambda name, rest: f"{name} = {rest}\n", st.sampled_from(NAMES), texts)
)
@example(text="port = 1\nport = 2\n")
@example(text="a.b.c = 1\n")
@example(text="port = 2026-01-01\n")
@example(text="[" * 2000)
@example(text="cors_origins = [\n")
@example(text="port = " + "[" * 5000)
@example(text="'port' = 8001\r\n")
def test_any_text_loads_or_is_rejected_with_reasons(text: str) -> None:
    read(text)


def read(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "clipshot.toml").write_text(text, encoding="utf-8", newline="")
        faults: Sequence[SettingFault] = ()
        try:
            asyncio.run(keeper(folder).read({}))
        except SettingsFileError as error:
            faults = error.faults
        lines = text.count("\n") + text.count("\r") + 1
        assert all(fault.reason and 0 <= fault.line <= lines + 1 for fault in faults)


@ROUNDS
@given(good=st.dictionaries(st.sampled_from(NAMES), st.integers(1, 100) | texts, max_size=2), broken=texts)
def test_no_file_makes_a_start_fail_in_another_way(good: dict[str, Any], broken: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "clipshot.toml.good").write_text(tomlkit.dumps(good))
        (folder / "clipshot.toml").write_text(broken)
        refused = None
        try:
            load_settings({"data_dir": folder}).settings.check_servable()
        except PreconditionError as error:
            refused = error
        assert refused is None or refused.reason in ("SETTINGS_FILE_BROKEN", "SETTINGS_FILE_UNSAFE")
        assert refused is None or refused.remedy


@ROUNDS
@given(content=texts | values.map(lambda value: json.dumps(value)), form=st.sampled_from(list(Format)))
@example(content="[" * 5000, form=Format.JSON)
@example(content="a = " + "[" * 5000, form=Format.TOML)
@example(content='{"port": 1e999}', form=Format.JSON)
@example(content='{"app_name": "\\ud800"}', form=Format.JSON)
def test_an_import_of_anything_is_read_or_refused(content: str, form: Format) -> None:
    with tempfile.TemporaryDirectory() as name:
        kept = keeper(Path(name))

        async def bring() -> Draft[Settings]:
            return await kept.draft(Edits(known(kept.parse(content, form))), {})

        asyncio.run(tried(bring))


def test_secrets_are_among_what_was_tried() -> None:
    assert {name for name in NAMES if Settings.model_fields[name].annotation is SecretStr} == {"api_key", "secret_key"}
