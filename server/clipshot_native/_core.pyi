"""Typed face of the native core: capture, encoding, replay ring, recording and saving.

Times named ``*_ticks`` are ticks of :data:`TIMESCALE` (90 000 a second, the H.264 clock) since the session's start;
tick 0 is the first picture. Awaitables must be created on a running asyncio loop and resolve on that loop; no native
thread ever takes the interpreter's lock. Every failure is a :class:`NativeError` with a machine-readable ``reason``.
"""

from collections.abc import Awaitable
from typing import Final, Literal, final

from typing_extensions import Buffer

__all__ = [
    "TIMESCALE",
    "AccessUnit",
    "AudioConfig",
    "AudioDevice",
    "AudioInput",
    "AudioKind",
    "AudioTrackStatus",
    "BackendInfo",
    "Chunk",
    "EncoderInfo",
    "Image",
    "ImageFormat",
    "NativeError",
    "Notice",
    "Pin",
    "Preview",
    "PushSource",
    "RateControl",
    "RingStatus",
    "SaveJob",
    "SaveResult",
    "SaveRule",
    "Session",
    "SessionStats",
    "SourceInfo",
    "SourceKind",
    "Subscription",
    "VideoConfig",
    "__version__",
    "ffmpeg_version",
    "list_audio_devices",
    "list_backends",
    "list_encoders",
    "list_sources",
    "recover_recording",
    "recover_ring",
    "take_screenshot",
]

__version__: Final[str]
TIMESCALE: Final[int]

SaveRule = Literal["clean", "keyframe"]
SourceKind = Literal["monitor", "window", "region", "push", "test"]
AudioKind = Literal["output", "input", "application"]
RateControl = Literal["crf", "cbr", "vbr"]
ImageFormat = Literal["png", "jpeg", "webp"]

class NativeError(Exception):
    """A failure inside the native core.

    ``reason`` is one of DISPLAY_UNAVAILABLE, SOURCE_NOT_FOUND, SOURCE_LOST, AUDIO_UNAVAILABLE, BACKEND_UNAVAILABLE,
    ENCODER_UNAVAILABLE, INVALID_CONFIG, NO_SPACE, RING_EMPTY, RING_OFF, NOT_RECORDING, ALREADY_RECORDING,
    ALREADY_EXISTS, BROKEN_FILE, CANCELLED, CLOSED, IO, INTERNAL. ``field`` names the configuration field that
    INVALID_CONFIG is about, else ''.
    """

    reason: str
    field: str

def ffmpeg_version() -> str:
    """Version of the FFmpeg libraries in use, e.g. '5.1.9'."""

@final
class BackendInfo:
    """A capture backend and whether it can be used here."""

    @property
    def name(self) -> str: ...
    @property
    def available(self) -> bool: ...
    @property
    def reason(self) -> str:
        """Why it is not available and what to do, '' when it is."""

def list_backends(display: str | None = None) -> list[BackendInfo]:
    """Every known backend ('x11', 'push', 'test'); ``display`` None means the DISPLAY variable."""

@final
class SourceInfo:
    """Something that can be captured. Sizes in pixels."""

    @property
    def source_id(self) -> str:
        """Stable while the source is there: 'x11:<monitor name>', 'x11:screen' (the whole display),
        'x11:window:0x<id>', 'push:<number>' or 'test:clock'. Two more can be opened without being listed: any part of
        a display, 'x11:region:<x>,<y>,<width>x<height>', and the test source in any size and rate,
        'test:clock:WIDTHxHEIGHT@HZ' (either part may be left out)."""
    @property
    def kind(self) -> SourceKind: ...
    @property
    def title(self) -> str: ...
    @property
    def application(self) -> str:
        """Program that a window belongs to (its class); '' for anything else and where it does not say."""
    @property
    def pid(self) -> int:
        """Process of a window's program; 0 where that is not known."""
    @property
    def backend(self) -> str: ...
    @property
    def x(self) -> int:
        """Left edge on the display; ``y`` the upper one."""
    @property
    def y(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def refresh_hz(self) -> float:
        """0.0 when unknown."""
    @property
    def primary(self) -> bool: ...

def list_sources(backend: str = "auto", display: str | None = None) -> list[SourceInfo]:
    """Sources of one backend, or of all available ones with 'auto' (real screens first, test source last)."""

@final
class PushSource:
    """A source whose pictures are pushed, by a program that takes them in its own way. Listed while it is open.

    Sizes 16..16384 pixels; ``refresh_hz`` and ``title`` are for people. INVALID_CONFIG.
    """

    def __new__(cls, *, width: int, height: int, refresh_hz: float = 0.0, title: str = "") -> PushSource: ...
    @property
    def source_id(self) -> str: ...
    def push(self, bgra: Buffer, width: int, height: int, stride: int, taken_ns: int) -> bool:
        """Show a picture: rows of 4 bytes a pixel (blue, green, red, any), ``stride`` bytes apart, taken at
        ``taken_ns`` of CLOCK_MONOTONIC. False when nobody captures it (then it costs nothing). It is copied without
        the interpreter's lock, so ``bgra`` must not be changed meanwhile. A picture that equals the one before is no
        change. Another size than before is scaled into that of the session. INVALID_CONFIG when the bytes are no such
        picture."""
    def close(self) -> None:
        """Whoever captures it has lost it (``source_lost``). Dropping the object does the same."""

@final
class Image:
    """An encoded still picture."""

    @property
    def format(self) -> ImageFormat: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def data(self) -> bytes: ...

def take_screenshot(
    source_id: str,
    format: ImageFormat,
    *,
    quality: int = 90,
    max_width: int = 0,
    draw_cursor: bool = False,
    display: str | None = None,
) -> Awaitable[Image]:
    """A picture of a source, without a session. ``quality`` 1..100 (means nothing to png), ``max_width`` in pixels, 0
    for the source's own. A png has the very pixels. Errors as :meth:`Session.start`; ENCODER_UNAVAILABLE where FFmpeg
    was built without the format."""

@final
class EncoderInfo:
    """An encoder, tried out on this machine by encoding pictures, and what it can do where it works."""

    @property
    def encoder_id(self) -> str: ...
    @property
    def codec(self) -> str:
        """'h264'."""
    @property
    def hardware(self) -> bool: ...
    @property
    def vendor(self) -> str: ...
    @property
    def available(self) -> bool:
        """It encoded pictures here, with keyframes where they were asked for."""
    @property
    def reason(self) -> str:
        """Why it is not available and what it needs, '' when it is."""
    @property
    def max_width(self) -> int: ...
    @property
    def max_height(self) -> int: ...
    @property
    def max_fps(self) -> int: ...
    @property
    def presets(self) -> list[str]: ...
    @property
    def tunes(self) -> list[str]: ...
    @property
    def rate_controls(self) -> list[RateControl]: ...
    @property
    def max_lookahead(self) -> int: ...

def list_encoders(all: bool = False) -> Awaitable[list[EncoderInfo]]:
    """Encoders that work here, the preferred first; ``all`` also those that do not, with the reason. The first call
    tries each out by encoding pictures, later calls answer from memory."""

@final
class VideoConfig:
    """How pictures are encoded. Raises INVALID_CONFIG (with ``field``) on impossible values when a session starts.

    ``encoder`` 'auto' is the first of :func:`list_encoders` that can do what is asked for; ``preset``, ``tune`` and
    ``lookahead`` are then libx264's, and a hardware encoder has its own: where it knows no crf it gets vbr with three
    fifths of ``max_bitrate_kbps`` on average. A hardware encoder named here takes ``preset`` '' and ``tune`` ''. When
    one fails in a running session, libx264 goes on in the same stream with a keyframe (notice encoder_fell_back).

    ``width`` and ``height`` 0 mean the source's own size (odd sizes are rounded down to even); if one of them is 0 it
    follows from the other by the source's proportions. ``crf`` 0..51 (lower is better); ``bitrate_kbps`` target for
    cbr/vbr; ``max_bitrate_kbps`` cap (0 = none). ``lookahead`` in frames. ``keyframe_seconds`` 0.1..10.
    """

    def __new__(
        cls,
        *,
        encoder: str = "libx264",
        width: int = 0,
        height: int = 0,
        fps: int = 30,
        rate_control: RateControl = "crf",
        crf: float = 23.0,
        bitrate_kbps: int = 0,
        max_bitrate_kbps: int = 20_000,
        preset: str = "superfast",
        tune: str = "zerolatency",
        lookahead: int = 0,
        keyframe_seconds: float = 1.0,
    ) -> VideoConfig: ...
    @property
    def encoder(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def fps(self) -> int: ...
    @property
    def rate_control(self) -> RateControl: ...
    @property
    def crf(self) -> float: ...
    @property
    def bitrate_kbps(self) -> int: ...
    @property
    def max_bitrate_kbps(self) -> int: ...
    @property
    def preset(self) -> str: ...
    @property
    def tune(self) -> str: ...
    @property
    def lookahead(self) -> int: ...
    @property
    def keyframe_seconds(self) -> float: ...

@final
class AudioDevice:
    """Something that can be heard."""

    @property
    def device_id(self) -> str:
        """'default-output' and 'default-input' (which follow the server's defaults), 'output:<sink name>',
        'input:<source name>', 'application:<application name, or program>'. Stays the same when it goes and comes
        back."""
    @property
    def kind(self) -> AudioKind: ...
    @property
    def title(self) -> str: ...
    @property
    def default(self) -> bool:
        """Whether it is the server's default output or input."""
    @property
    def channels(self) -> int: ...
    @property
    def sample_rate_hz(self) -> int:
        """Of the device; tracks are 48 kHz stereo always."""
    @property
    def application(self) -> str: ...
    @property
    def pid(self) -> int:
        """0 when unknown."""

def list_audio_devices(server: str | None = None) -> Awaitable[list[AudioDevice]]:
    """Outputs, inputs and applications that play now, the defaults first. ``server`` is an address as PULSE_SERVER has
    it; None takes that variable or the user's own server. AUDIO_UNAVAILABLE when none answers."""

@final
class AudioInput:
    """One thing to hear. ``label`` is its track's title ('' follows from the device); ``gain_db`` -60..24."""

    def __new__(cls, device_id: str, *, label: str = "", gain_db: float = 0.0, muted: bool = False) -> AudioInput: ...
    @property
    def device_id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def gain_db(self) -> float: ...
    @property
    def muted(self) -> bool: ...

@final
class AudioConfig:
    """What a session hears: one AAC track (48 kHz, stereo) for one input; for several a mixdown, whose peaks are
    limited, and one for each. Raises INVALID_CONFIG (``field`` device_id, label, gain_db, bitrate_kbps or inputs) when
    the session starts. ``bitrate_kbps`` of each track, 32..512."""

    def __new__(
        cls, inputs: list[AudioInput], *, bitrate_kbps: int = 160, server: str | None = None
    ) -> AudioConfig: ...
    @property
    def inputs(self) -> list[AudioInput]: ...
    @property
    def bitrate_kbps(self) -> int: ...
    @property
    def server(self) -> str | None: ...

@final
class AudioTrackStatus:
    """A sound track as of the last block (21 ms) that was encoded."""

    @property
    def index(self) -> int:
        """Among the sound tracks, from 0."""
    @property
    def label(self) -> str: ...
    @property
    def device_id(self) -> str:
        """'' for the mixdown."""
    @property
    def mixdown(self) -> bool: ...
    @property
    def gain_db(self) -> float: ...
    @property
    def muted(self) -> bool: ...
    @property
    def connected(self) -> bool:
        """Whether the device is there; its track is silent while it is not."""
    @property
    def peak_dbfs(self) -> float:
        """Over the last second, after gain and mute; -120 at least."""
    @property
    def rms_dbfs(self) -> float:
        """As ``peak_dbfs``; a sine at full scale has -3."""
    @property
    def silent_seconds(self) -> float:
        """How long no sample was above -60 dBFS, after gain and mute."""
    @property
    def drift_ppm(self) -> float:
        """How much faster than this machine's clock the device is, parts per million."""
    @property
    def latency_ms(self) -> float:
        """How long after it is heard a sound arrives here."""

@final
class SessionStats:
    """Counters of a running or ended session, since its start."""

    @property
    def captured(self) -> int:
        """Pictures taken from the source, keep-alives included."""
    @property
    def keepalive(self) -> int:
        """Pictures taken only because the screen stood still for a second."""
    @property
    def encoded(self) -> int: ...
    @property
    def dropped(self) -> dict[str, int]:
        """Late or lost pictures by the stage that lost them: 'late' (the capture thread woke after its slot), 'queue'
        (all slots in use; the oldest was dropped), 'encode' (taken, but the encoder failed before their packet came
        out), 'live' (never counted for the recording)."""
    @property
    def bytes_encoded(self) -> int: ...
    @property
    def last_pts_ticks(self) -> int: ...
    @property
    def duration_ticks(self) -> int: ...
    @property
    def fps(self) -> float:
        """Pictures a second over the last two seconds."""
    @property
    def bitrate_kbps(self) -> float:
        """Over the last two seconds."""
    @property
    def encode_ms(self) -> float:
        """Mean time from captured picture to packet over the last two seconds, ms."""
    @property
    def encoder(self) -> str:
        """The encoder in use; another one than at the start after the notice encoder_fell_back."""
    @property
    def encoder_load(self) -> float:
        """Part of the last two seconds in which the encode stage (conversion and encoder) was busy, 0..1."""
    @property
    def luma_mean(self) -> float:
        """Brightness of the picture, 0 (black)..255 (white): mean of 64 x 36 of its pixels, looked at once a second."""
    @property
    def luma_max(self) -> int:
        """The brightest of these pixels, 0..255."""
    @property
    def last_change_ticks(self) -> int:
        """Session time of the newest picture that was not a keep-alive: on a still screen it stands still."""
    @property
    def recording_bytes(self) -> int: ...
    @property
    def recording_ticks(self) -> int: ...

@final
class RingStatus:
    """State of the replay ring."""

    @property
    def filled_ticks(self) -> int: ...
    @property
    def capacity_seconds(self) -> float: ...
    @property
    def max_bytes(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def payload_bytes(self) -> int: ...
    @property
    def segments(self) -> int: ...
    @property
    def memory_segments(self) -> int:
        """Segments that moved to anonymous memory because the folder was full; they do not survive a kill."""
    @property
    def oldest_ticks(self) -> int: ...
    @property
    def newest_ticks(self) -> int:
        """End of the newest picture."""
    @property
    def keyframes(self) -> list[int]:
        """PTS of each keyframe held."""

@final
class Notice:
    """Something a session reports on its own.

    ``kind``: source_lost, source_resized (``detail`` 'WIDTHxHEIGHT'; it is scaled into the session's size, with black
    bars), encoder_failed, encoder_fell_back (``detail`` '<from> -> <to>: why'), recording_failed (``detail`` NO_SPACE,
    IO or INTERNAL), ring_in_memory, ring_on_disk, ring_failed, preview_failed, audio_unavailable (no sound server at
    the start, or the sound failed: the session goes on without), audio_lost and audio_back (``detail`` is the device's
    id; its track is silent meanwhile), ended (always the last). ``detail`` of the others is a text for people, or ''.
    """

    @property
    def kind(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def at_ticks(self) -> int: ...

@final
class Chunk:
    """One CMAF chunk (moof + mdat) of one packet."""

    @property
    def track(self) -> int:
        """0 is the picture, the sound tracks follow."""
    @property
    def key(self) -> bool:
        """Whether it is a picture from which decoding can start; never for sound."""
    @property
    def pts_ticks(self) -> int: ...
    @property
    def duration_ticks(self) -> int: ...
    @property
    def ready_ns(self) -> int:
        """CLOCK_MONOTONIC time at which the encoder's packet was a chunk."""
    @property
    def data(self) -> bytes: ...

@final
class Subscription:
    """Live chunks from the last keyframe on; a slow reader skips to the next keyframe, nobody waits for it."""

    def fileno(self) -> int:
        """An eventfd, readable while chunks wait and once at the session's end; for loop.add_reader. CLOSED."""
    def init_segment(self) -> bytes | None: ...
    def drain(self) -> list[Chunk]: ...
    @property
    def skipped(self) -> int:
        """Chunks left out for this reader."""
    def close(self) -> None: ...

@final
class AccessUnit:
    """One picture of a preview."""

    @property
    def sequence(self) -> int:
        """Rises by one with each picture of the encoder; a gap is what the viewer was not given."""
    @property
    def key(self) -> bool: ...
    @property
    def pts_ticks(self) -> int:
        """Session time, rising."""
    @property
    def capture_ns(self) -> int:
        """CLOCK_MONOTONIC time at which the screen looked like this."""
    @property
    def ready_ns(self) -> int:
        """CLOCK_MONOTONIC time at which it was encoded."""
    @property
    def data(self) -> bytes:
        """H.264 in Annex B form; a keyframe begins with its parameter sets."""

@final
class Preview:
    """One viewer of a running session.

    At most 30 pictures wait for it, none longer than 400 ms while others follow: a viewer that is slower goes on with a
    keyframe, which :meth:`drain` asks for. Nobody waits for a viewer.
    """

    @property
    def width(self) -> int:
        """Pixels."""
    @property
    def height(self) -> int:
        """Pixels."""
    @property
    def codec(self) -> str:
        """The ``codec`` of WebCodecs, e.g. 'avc1.42C01F'; no description is needed."""
    def fileno(self) -> int:
        """An eventfd, readable while pictures wait and once at the end; for loop.add_reader. CLOSED after
        :meth:`close`."""
    def drain(self) -> list[AccessUnit]:
        """What waits. The first picture ever, and the first after some were skipped, is a keyframe. CLOSED after
        :meth:`close`."""
    def request_keyframe(self) -> None:
        """A keyframe as soon as possible, on a still screen too, but no sooner than 250 ms after the last one, which
        all viewers share. CLOSED after :meth:`close`."""
    @property
    def ended(self) -> bool:
        """Nothing more comes: the session has ended, or the preview's encoder failed (notice preview_failed)."""
    @property
    def skipped(self) -> int:
        """Pictures left out because this viewer was behind."""
    def close(self) -> None: ...

@final
class SaveResult:
    """Facts of a finished file."""

    @property
    def path(self) -> str: ...
    @property
    def first_pts_ticks(self) -> int:
        """Session time of the first picture shown."""
    @property
    def end_pts_ticks(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def head_frames(self) -> int:
        """Pictures that were encoded again so that the asked one is the first; 0 for KEYFRAME."""
    @property
    def head_ms(self) -> float: ...
    @property
    def total_ms(self) -> float: ...
    @property
    def rule_used(self) -> SaveRule: ...
    @property
    def fallback_reason(self) -> str:
        """Why a CLEAN save became a KEYFRAME one, '' when it did not."""
    @property
    def size_bytes(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def audio(self) -> list[tuple[str, int, int, int]]:
        """Title, channels, samples a second and kbit/s of each sound track, in the file's order."""

@final
class SaveJob:
    """A save that runs on its own native thread, behind the recorder; one that encodes a head takes what it gets."""

    @property
    def progress(self) -> float:
        """0.0 .. 1.0."""
    def cancel(self) -> None:
        """Stop within a second; ``result`` then raises CANCELLED and nothing is left at the path."""
    def result(self) -> Awaitable[SaveResult]: ...

@final
class Pin:
    """Segments of a ring held for a save in a folder of their own; a folder left by a crash can be opened again."""

    @staticmethod
    def open(folder: str) -> Pin:
        """Reopen a pin left by a crash; torn segments are cut at their last whole box. BROKEN_FILE if it holds
        nothing."""
    @property
    def folder(self) -> str: ...
    @property
    def request(self) -> bytes:
        """The caller's bytes, as given to :meth:`Session.pin`."""
    @property
    def start_ticks(self) -> int:
        """Asked start."""
    @property
    def end_ticks(self) -> int: ...
    @property
    def waited_ms(self) -> float:
        """How long the pin waited for the packet of the last captured picture."""
    def save(
        self, path: str, rule: SaveRule = "clean", chapters: list[tuple[int, int, str]] = [], title: str = ""
    ) -> SaveJob:
        """Write [start, end) as a plain MP4; synced to disk (file and folder) before the job ends. ALREADY_EXISTS if
        ``path`` exists.

        ``chapters`` are (start, end, title) in session ticks, in any order; those outside of the file are left out. In
        the file each lasts until the next (players know no holes), what lies before the first is called "Start", an
        end not after the start means until the next, and one without a title gets its number. ``title`` is the
        file's, '' for none."""
    def release(self) -> None:
        """Delete the folder."""

def recover_ring(folder: str) -> Awaitable[Pin]:
    """Cut a dead session's ring at its last whole box and hold all of it. BROKEN_FILE when nothing can be read."""

def recover_recording(path: str, target: str, chapters: list[tuple[int, int, str]] = [], title: str = "") -> SaveJob:
    """Finish a fragmented recording into a plain MP4 at ``target``, cut at its last whole box.

    Up to 1 GiB, and where twice its size is free, it is a copy with the index first, and ``path`` stays as it is. Else
    ``path`` itself gets an index at its end, in a moment and without a copy, and ``target`` becomes its second name.
    BROKEN_FILE when nothing can be read, also when ``path`` has its index already; ALREADY_EXISTS; NO_SPACE.

    ``chapters`` and ``title`` as for :meth:`Pin.save`, in session ticks also where the recording was paused. A file
    that got its index in place has its chapters as a list (at most 255; FFmpeg, mpv and VLC read it), not as a track.
    ``end_pts_ticks`` of the result is ``first_pts_ticks`` plus the file's length: pauses are not in it.
    """

@final
class Session:
    """One source, one encoder, one stream of chunks with its taps: replay ring, recording, live subscribers."""

    @staticmethod
    def start(
        *,
        source_id: str,
        video: VideoConfig,
        display: str | None = None,
        draw_cursor: bool = True,
        audio: AudioConfig | None = None,
    ) -> Awaitable[Session]:
        """Open source, encoder and sound and begin. Without a sound server there is no sound track, and a notice
        (audio_unavailable) says so; a device that is not there is a silent track until it appears. Raises
        DISPLAY_UNAVAILABLE, SOURCE_NOT_FOUND, ENCODER_UNAVAILABLE or INVALID_CONFIG."""
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def start_monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC time of tick 0."""
    @property
    def start_unix_ns(self) -> int:
        """Wall clock of tick 0."""
    @property
    def alive(self) -> bool: ...
    def audio_tracks(self) -> list[AudioTrackStatus]:
        """Every sound track; empty without sound."""
    def set_audio(self, index: int, *, gain_db: float | None = None, muted: bool | None = None) -> None:
        """Change an input's volume from the next block on, without a click. INVALID_CONFIG (``field`` index) for the
        mixdown or no track, (``field`` gain_db) outside -60..24."""
    def stats(self) -> SessionStats: ...
    def set_rate_control(
        self,
        rate_control: RateControl = "crf",
        crf: float = 23.0,
        bitrate_kbps: int = 0,
        max_bitrate_kbps: int = 20_000,
    ) -> None:
        """From the next picture on, without a keyframe or another stream.

        Can be changed: crf and its limit, the bit rate of cbr, the limit of vbr. INVALID_CONFIG (with ``field``) for
        what would need a new stream: another kind, the average of vbr, a limit where there was none;
        ENCODER_UNAVAILABLE where the encoder can change nothing (a hardware encoder); CLOSED."""
    def start_ring(self, folder: str, seconds: float, max_bytes: int) -> None:
        """Begin buffering into an empty or new folder, at the next keyframe, which is forced at once. ``max_bytes`` 0
        is no limit. ALREADY_EXISTS when the folder is used or the session buffers already."""
    def resize_ring(self, seconds: float, max_bytes: int) -> None: ...
    def ring_status(self) -> RingStatus:
        """RING_OFF when the session does not buffer."""
    def flush_ring(self, before_ticks: int | None = None) -> None:
        """Forget what was buffered before this session time, or (None) everything: the ring then begins anew with a
        keyframe forced now. Held parts live on. A GOP that ``before_ticks`` lies in stays until it is not needed to
        decode what follows; :meth:`pin` never begins before, but a save with the rule 'keyframe' may show up to a GOP
        of it. RING_OFF."""
    def stop_ring(self, keep: bool = False) -> Awaitable[None]:
        """Stop buffering; the folder is deleted unless ``keep``. Also after the session's end. RING_OFF."""
    def start_recording(self, path: str) -> Awaitable[None]:
        """Append the stream to ``path`` from a keyframe forced now; data is synced each second. ALREADY_RECORDING,
        ALREADY_EXISTS, NO_SPACE or IO."""
    def stop_recording(self) -> Awaitable[None]:
        """Write and sync all packets captured before the call. NOT_RECORDING when there is none."""
    def pause_recording(self) -> Awaitable[None]:
        """Leave out of the recording what comes from now on; resolves when all before is in the file. The last picture
        lasts until the call. Does nothing while paused. NOT_RECORDING."""
    def resume_recording(self) -> Awaitable[None]:
        """Go on at a keyframe forced now; resolves when it has come. The file has no gap: times of picture and sound
        are moved up, sound on the borders of its packets (off by half a packet at most, which never adds up). Does
        nothing unless paused. NOT_RECORDING; IO when no picture comes."""
    @property
    def recording_paused(self) -> bool: ...
    def split_recording(self, path: str) -> Awaitable[None]:
        """Go on in a new file, from a keyframe forced now; resolves when that can be played and the old file is whole
        and synced. Neither lacks a picture, none is in both; a killed process leaves both playable. NOT_RECORDING (also
        while paused), ALREADY_EXISTS, NO_SPACE or IO: the recording then goes on in the old file."""
    def set_draw_cursor(self, on: bool) -> None:
        """Whether the mouse pointer is in the picture from now on. Nothing for sources without one."""
    def pin(self, folder: str, seconds: float, request: bytes, since_ticks: int | None = None) -> Awaitable[Pin]:
        """Hold the last ``seconds`` up to the picture on the screen at the call in ``folder`` (new; on the ring's
        file system), with ``request`` written beside for the next start. Where nothing moves, a picture is taken for
        the call, so that the part is as long as the time. RING_OFF, RING_EMPTY or ALREADY_EXISTS.

        With ``since_ticks`` it begins exactly there instead, whatever ``seconds`` says: with the ``end_pts_ticks`` of a
        save, the next one has neither overlap nor gap (rule 'clean'). Where the ring does not go back that far it
        begins with the oldest picture; ``start_ticks`` tells. RING_EMPTY when nothing has come since."""
    def preview_jpeg(self, max_width: int, quality: int = 80) -> Awaitable[bytes]:
        """The newest picture as JPEG, no wider than ``max_width`` pixels; ``quality`` 1..100. CLOSED after the end,
        RING_EMPTY before the first picture."""
    def open_preview(self, max_width: int = 0, bitrate_kbps: int = 3000) -> Preview:
        """Watch the session through a second, small, low-delay encoder, which never slows the first: no wider than
        ``max_width`` pixels, 0 for half the size; at most ``bitrate_kbps``, 100..50000. The first viewer of a size
        starts its encoder, with its bit rate, and the last one ends it. Three sizes are encoded at most; who asks for a
        fourth gets the nearest. The start of an encoder takes some milliseconds, for which the call blocks.
        INVALID_CONFIG, CLOSED or ENCODER_UNAVAILABLE."""
    def screenshot(self, format: ImageFormat, *, quality: int = 90, max_width: int = 0) -> Awaitable[Image]:
        """The newest picture as a file, in the size and the colours (4:2:0) in which it is encoded; recording and ring
        do not notice. ``max_width`` 0 is no limit. CLOSED, RING_EMPTY before the first picture, INVALID_CONFIG or
        ENCODER_UNAVAILABLE."""
    def subscribe(self) -> Subscription: ...
    def notices_fileno(self) -> int:
        """An eventfd, readable while notices wait."""
    def drain_notices(self) -> list[Notice]: ...
    def stop(self) -> Awaitable[None]:
        """Drain the encoder, close ring (kept on disk until :meth:`stop_ring`) and recording, join all threads."""
