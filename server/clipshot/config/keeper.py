"""Settings on the disk and in the environment, as core takes them."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from clipshot.config.document import SettingsDocument
from clipshot.config.file import SettingsFile, Stamp
from clipshot.config.layers import Layers
from clipshot.config.specs import file_value, json_value, setting_specs, settings_schema
from clipshot.config.validation import FOLDERS, Wrong, wrong_folders, wrong_together, wrong_values
from clipshot.core.config.faults import SettingsFileError
from clipshot.core.config.ports import Draft, Edits, Format, Reading
from clipshot.core.config.setting import JsonValue, SettingFault
from clipshot.core.errors import FieldViolation, InvalidArgumentError
from clipshot.settings import Settings


class FileSettingsKeeper:
    """Reads, checks and writes. Implements :class:`clipshot.core.config.ports.SettingsKeeper`."""

    def __init__(self, file: SettingsFile, layers: Layers) -> None:
        self._file = file
        self._layers = layers
        self._seen = ""
        self._fault: SettingsFileError | None = None
        self.specs = setting_specs()

    @property
    def path(self) -> str:
        """The settings file."""
        return str(self._file.path)

    def stamp(self) -> Stamp:
        """Changes when the file does."""
        return self._file.stamp()

    def began_with(self, text: str, fault: SettingsFileError | None) -> None:
        """The server starts: with this text of the file or, where there is a fault, with another."""
        self._seen, self._fault = text, fault

    async def read(self, run_time: Mapping[str, JsonValue]) -> Reading[Settings]:
        """What holds with the file as it is.

        Whether its folders can be used is looked at once for each text: a disk that goes away is no fault of the file.
        """
        text = await asyncio.to_thread(self._file.read)
        if text != self._seen:
            self._seen, self._fault = text, None
            try:
                return self.reading(text, run_time, for_a_start=True)
            except SettingsFileError as fault:
                self._fault = fault
        if self._fault is not None:
            raise self._fault
        return self.reading(text, run_time)

    def reading(self, text: str, run_time: Mapping[str, JsonValue], *, for_a_start: bool = False) -> Reading[Settings]:
        """What holds with a text of the file; ``for_a_start`` looks whether its folders can be used, too.

        Raises:
            SettingsFileError: it does not.
        """
        document = SettingsDocument.parse(text, self._file.path)
        document.check_names(Settings)
        try:
            settings = self._layers.settings(document.values, run_time)
        except ValidationError as error:
            raise self._broken(document, wrong_values(error)) from error
        wrong = [*wrong_together(settings), *(wrong_folders(settings, FOLDERS) if for_a_start else ())]
        of_file = [each for each in wrong if each.name in document.values]
        if of_file:
            raise self._broken(document, of_file)
        return self._read(settings, document, run_time)

    async def draft(self, edits: Edits, run_time: Mapping[str, JsonValue]) -> Draft[Settings]:
        """What would hold with the file edited.

        Raises:
            InvalidArgumentError: SETTINGS_NOT_VALID, with a violation for each fault.
            SettingsFileError: the file cannot be used as it is.
        """
        text = await asyncio.to_thread(self._file.read)
        document = SettingsDocument.parse(text, self._file.path)
        held = {**document.values, **edits.values}
        for name in edits.removed:
            held.pop(name, None)
        try:
            settings = self._layers.settings(held, run_time)
        except ValidationError as error:
            raise _refused(wrong_values(error)) from error
        wrong = [*wrong_together(settings), *wrong_folders(settings, edits.names)]
        if wrong:
            raise _refused(wrong)
        values = {name: file_value(value, getattr(settings, name)) for name, value in edits.values.items()}
        edited = document.edited(values, edits.removed)
        # What was written is what will be read: a text that TOML cannot hold shows here, before it is in the file.
        return Draft(edited.text, self.reading(edited.text, run_time, for_a_start=self._fault is not None))

    async def write(self, draft: Draft[Settings]) -> None:
        """Put a draft in the file's place."""
        await asyncio.to_thread(self._file.write, draft.text)
        self._seen, self._fault = draft.text, None

    async def keep_good(self) -> None:
        """Keep a copy of what was read or written last, unless that is broken."""
        if self._fault is None:
            await asyncio.to_thread(self._file.keep_good, self._seen)

    def parse(self, content: str, form: Format) -> Mapping[str, JsonValue]:
        """Names and values of a file that somebody brings.

        Raises:
            InvalidArgumentError: CONTENT_NOT_VALID.
        """
        try:
            found = json.loads(content) if form is Format.JSON else tomlkit.parse(content).unwrap()
        except (TOMLKitError, ValueError, RecursionError) as error:
            why = f"is no {form.name}: {error}" if not isinstance(error, RecursionError) else "is nested too deeply"
            raise InvalidArgumentError.of_field("content", why, reason="CONTENT_NOT_VALID") from error
        if not isinstance(found, dict):
            raise InvalidArgumentError.of_field("content", "is no object", reason="CONTENT_NOT_VALID")
        return found

    def render(self, values: Mapping[str, JsonValue], form: Format) -> str:
        """A file of these values; in TOML each with its title."""
        if form is Format.JSON:
            return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
        document = tomlkit.document()
        for spec in self.specs:
            if spec.name in values:
                unit = f", {spec.unit}" if spec.unit else ""
                document.add(tomlkit.comment(f"{spec.title}{unit}"))
                document.append(spec.name, tomlkit.item(values[spec.name]))
        return tomlkit.dumps(document)

    @staticmethod
    def schema() -> str:
        """JSON Schema of the settings."""
        return json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n"

    def _read(
        self, settings: Settings, document: SettingsDocument, run_time: Mapping[str, JsonValue]
    ) -> Reading[Settings]:
        values = {name: json_value(getattr(settings, name)) for name in Settings.model_fields}
        origins = {name: self._layers.origin(name, document, self._file.path) for name in Settings.model_fields}
        told = json.dumps([document.text, values, dict(run_time)], sort_keys=True)
        return Reading(settings, values, origins, hashlib.sha256(told.encode()).hexdigest()[:16])

    def _broken(self, document: SettingsDocument, wrong: Sequence[Wrong]) -> SettingsFileError:
        return SettingsFileError(
            self.path, [SettingFault(each.why, document.line(each.name), each.name) for each in wrong]
        )


def _refused(wrong: Sequence[Wrong]) -> InvalidArgumentError:
    return InvalidArgumentError(
        "SETTINGS_NOT_VALID",
        "; ".join(f"{each.name}: {each.why}" for each in wrong),
        violations=[FieldViolation(f"values.{each.name}", each.why, each.reason) for each in wrong],
        metadata={"name": wrong[0].name},
    )
