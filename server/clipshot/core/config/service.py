"""Settings for callers: look, change, watch; and the one place where a change becomes true."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from typing import Generic

import structlog

from clipshot.core.config.applying import apply_changes
from clipshot.core.config.faults import SettingsFileError
from clipshot.core.config.ports import Applier, Draft, Edits, Format, Reading, S, SettingsKeeper
from clipshot.core.config.requests import ImportRequest, ResetRequest, UpdateRequest
from clipshot.core.config.rules import changeable, check_known, name_of, not_valid, violations_of
from clipshot.core.config.setting import (
    Config,
    ConfigOutcome,
    Effect,
    JsonValue,
    Setting,
    SettingChange,
    SettingFault,
    SettingSpec,
    Source,
)
from clipshot.core.config.view import changes_between, view
from clipshot.core.errors import (
    ClipShotError,
    ConflictError,
    InvalidArgumentError,
)
from clipshot.core.events.payloads import ConfigChanged, ConfigRejected, Payload, SystemDegraded
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
from clipshot.core.store import Store

RESOURCE = "config"
"""The name of the settings in events."""

HEARTBEAT_SECONDS = 15.0

MOST_FAULTS_TOLD = 10
"""Events for one broken file; the settings themselves list all that is wrong."""

_log = structlog.get_logger(__name__)


class ConfigService(Generic[S]):
    """Changes come one after the other, whether a caller makes them or somebody edits the file."""

    def __init__(
        self,
        keeper: SettingsKeeper[S],
        started: Reading[S],
        fault: SettingsFileError | None,
        appliers: Sequence[Applier[S]],
        store: Store,
        requests: IdempotencyKeeper,
    ) -> None:
        self._keeper = keeper
        self._specs = {spec.name: spec for spec in keeper.specs}
        self._started = started
        self._now = started
        self._run_time: dict[str, JsonValue] = {}
        self._faults: tuple[SettingFault, ...] = fault.faults if fault else ()
        self._appliers = appliers
        self._store = store
        self._requests = requests
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._stopped = False

    @property
    def faults(self) -> Sequence[SettingFault]:
        """Why the settings file as it is now cannot be used; empty when it can."""
        return self._faults

    async def start(self) -> None:
        """The server runs with its settings: keep them for a start with a broken file, and tell of one."""
        await self._keep_good()
        for fault in self._faults[:MOST_FAULTS_TOLD]:
            await self._tell(ConfigRejected(self._keeper.path, fault.reason, fault.line, fault.name))

    def stop(self) -> None:
        """End those who watch."""
        self._stopped = True
        self._wake()

    def get(self, *, sections: Sequence[str] = (), names: Sequence[str] = ()) -> Config:
        """The settings in force; of these sections and names only, where there are any.

        Raises:
            InvalidArgumentError: SETTING_UNKNOWN or SECTION_UNKNOWN.
        """
        check_known(self._specs, sections, names)
        wanted = (
            spec
            for spec in self._specs.values()
            if (not sections or spec.section in sections) and (not names or spec.name in names)
        )
        return Config(tuple(map(self._view, wanted)), self._now.etag, self._keeper.path, self._faults)

    async def watch(self) -> AsyncIterator[Config | None]:
        """The settings now and after each change; None is a heartbeat. Ends when the server stops."""
        while not self._stopped:
            changed = self._changed
            yield self.get()
            while not changed.is_set():
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    yield None

    async def update(self, request: UpdateRequest, key: RequestKey | None) -> ConfigOutcome:
        """Change settings.

        Raises:
            InvalidArgumentError: SETTINGS_NOT_VALID, with a violation for everything that is wrong; REQUEST_ID_REUSED.
            ConflictError: ETAG_MISMATCH.
            SettingsFileError: the file cannot be used as it is, so it cannot be edited either.
            UnavailableError: SETTINGS_FILE_UNWRITABLE.
        """
        names = request.names or tuple(request.values)
        if not names:
            raise InvalidArgumentError.of_field("values", "names no setting to change", reason="UPDATE_MASK_EMPTY")
        values = {name: request.values[name] for name in names if request.values.get(name) is not None}
        edits = Edits(values, frozenset(names) - values.keys())
        return await self._change(
            edits, request.etag, key, validate_only=request.validate_only, until_restart=request.until_restart
        )

    async def reset(self, request: ResetRequest, key: RequestKey | None) -> ConfigOutcome:
        """Give settings their defaults back. Raises what :meth:`update` raises."""
        removed = frozenset(changeable(self._specs.values()) if request.all else request.names)
        return await self._change(Edits({}, removed), request.etag, key, validate_only=request.validate_only)

    async def import_(self, request: ImportRequest, key: RequestKey | None) -> ConfigOutcome:
        """Take over what a file sets: all of it, or nothing.

        Raises:
            InvalidArgumentError: CONTENT_NOT_VALID, or what :meth:`update` raises.
        """
        values = self._keeper.parse(request.content, request.format)
        others = frozenset(changeable(self._specs.values()) if request.replace else ()) - values.keys()
        return await self._change(Edits(values, others), request.etag, key, validate_only=request.validate_only)

    def export(self, form: Format, *, include_defaults: bool) -> str:
        """A file of the values that somebody set, or of all; never of secrets."""
        values: dict[str, JsonValue] = {}
        for name in changeable(self._specs.values()):
            if name in self._run_time or self._now.origins[name].source is not Source.DEFAULT:
                values[name] = self._now.values[name]
            elif include_defaults:
                values[name] = self._specs[name].default
        return self._keeper.render(values, form)

    async def reload(self) -> None:
        """Take over the file, if somebody edited it. One that is broken is told of, and changes nothing."""
        async with self._turn:
            await self._take_over_file()

    async def _change(
        self,
        edits: Edits,
        etag: str,
        key: RequestKey | None,
        *,
        validate_only: bool,
        until_restart: bool = False,
    ) -> ConfigOutcome:
        async with self._requests.once(key) as claim, self._turn:
            if claim.answer is not None:
                return self._answered(claim.answer)
            await self._take_over_file()
            if etag and etag != self._now.etag:
                raise ConflictError(
                    "ETAG_MISMATCH",
                    "the settings have changed since they were read",
                    remedy="read them again, then repeat the change",
                    metadata={"etag": self._now.etag},
                )
            run_time = self._edited_run_time(edits, until_restart)
            draft = await self._draft(edits, run_time, until_restart=until_restart)
            changes = changes_between(self._specs, self._now, draft.reading)
            if validate_only:
                return ConfigOutcome(self.get(), changes)
            if not until_restart:
                await self._keeper.write(draft)
                await self._mended()
            self._run_time = run_time
            notes = await self._adopt(draft.reading, "api", claim, changes)
            return ConfigOutcome(self.get(), changes, notes)

    def _edited_run_time(self, edits: Edits, until_restart: bool) -> dict[str, JsonValue]:
        """What holds until the restart: a value that is written, or reset, ends the one that was to last so long."""
        kept = {name: value for name, value in self._run_time.items() if name not in edits.names}
        return {**kept, **edits.values} if until_restart else kept

    async def _draft(self, edits: Edits, run_time: Mapping[str, JsonValue], *, until_restart: bool) -> Draft[S]:
        """What would hold. All faults at once: those of names and those of values."""
        found = violations_of(edits, self._specs, self._now.origins, until_restart=until_restart)
        barred = {name_of(violation) for violation in found}
        allowed = {name: value for name, value in edits.values.items() if name not in barred}
        try:
            if until_restart:
                above = {name: value for name, value in run_time.items() if name not in barred}
                draft = await self._keeper.draft(Edits({}), above)
            else:
                draft = await self._keeper.draft(Edits(allowed, edits.removed - barred), run_time)
        except InvalidArgumentError as error:
            if self._faults and any(name_of(violation) not in edits.names for violation in error.violations):
                raise SettingsFileError(self._keeper.path, self._faults) from error
            found.extend(error.violations)
            if not found:
                raise
        if found:
            raise not_valid(found)
        return draft

    async def _take_over_file(self) -> None:
        try:
            reading = await self._keeper.read(self._run_time)
        except SettingsFileError as error:
            if error.faults != self._faults:
                self._faults = error.faults
                _log.warning("settings_file_rejected", path=error.path, message=error.message)
                for fault in error.faults[:MOST_FAULTS_TOLD]:
                    await self._tell(ConfigRejected(error.path, fault.reason, fault.line, fault.name))
                self._wake()
            return
        changes = changes_between(self._specs, self._now, reading)
        if await self._mended() or changes or reading.etag != self._now.etag:
            await self._adopt(reading, "file", None, changes)

    async def _mended(self) -> bool:
        """The file can be used; whether that is news."""
        if not self._faults:
            return False
        self._faults = ()
        await self._tell(SystemDegraded("settings", "the settings file can be used again", recovered=True))
        return True

    async def _adopt(
        self, reading: Reading[S], origin: str, claim: Claim | None, changes: Sequence[SettingChange]
    ) -> tuple[str, ...]:
        """Make a reading the one in force; what did not work as far as it should."""
        self._now = reading
        names = tuple(change.name for change in changes)
        notes = await apply_changes(self._appliers, frozenset(names), reading.settings)
        await self._keep_good()
        waiting = tuple(
            name
            for name in names
            if self._specs[name].effect is Effect.RESTART and reading.values[name] != self._started.values[name]
        )
        if names:
            _log.info("settings_changed", names=names, restart_needed=waiting, origin=origin)
        self._wake()
        await self._tell(ConfigChanged(names, waiting, origin) if names else None, claim, (changes, notes))
        return notes

    async def _keep_good(self) -> None:
        if self._faults:
            return
        try:
            await self._keeper.keep_good()
        except OSError as error:
            _log.warning("good_settings_not_kept", path=self._keeper.path, error=error.strerror)

    async def _tell(
        self,
        payload: Payload | None,
        claim: Claim | None = None,
        answer: tuple[Sequence[SettingChange], Sequence[str]] = ((), ()),
    ) -> None:
        """What holds, holds, whether or not the database can be told of it."""
        if payload is None and (claim is None or not claim.is_new):
            return
        try:
            async with self._store.write() as tx:
                if payload is not None:
                    tx.emit(payload, RESOURCE)
                if claim is not None:
                    changes, notes = answer
                    await claim.remember(tx, json.dumps([[asdict(change) for change in changes], list(notes)]))
        except ClipShotError as error:
            _log.warning("settings_event_not_written", reason=error.reason, message=error.message)

    def _answered(self, answer: str) -> ConfigOutcome:
        changes, notes = json.loads(answer)
        done = (SettingChange(**{**change, "effect": Effect(change["effect"])}) for change in changes)
        return ConfigOutcome(self.get(), tuple(done), tuple(notes))

    def _view(self, spec: SettingSpec) -> Setting:
        return view(spec, self._started, self._now, self._run_time)

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
