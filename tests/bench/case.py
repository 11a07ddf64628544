"""Encoder settings, the same for everyone in a comparison."""

from dataclasses import dataclass

#: The longest run of pictures between keyframes that a peer counts; ours forces them by time.
KEYFRAME_SECONDS = 1


@dataclass(frozen=True)
class Case:
    """One way to encode 1080p. ``bitrate_kbps`` None is constant quality (``crf``); both are capped."""

    name: str
    fps: int
    preset: str
    bitrate_kbps: int | None = 12_000
    max_bitrate_kbps: int = 12_000
    crf: float = 23.0
    tune: str = "zerolatency"

    def native(self) -> dict[str, object]:
        """Arguments of ``clipshot_native.VideoConfig``."""
        rate = {"rate_control": "crf", "crf": self.crf}
        if self.bitrate_kbps is not None:
            rate = {"rate_control": "vbr", "bitrate_kbps": self.bitrate_kbps}
        return {
            "fps": self.fps,
            "preset": self.preset,
            "tune": self.tune,
            "max_bitrate_kbps": self.max_bitrate_kbps,
            "keyframe_seconds": float(KEYFRAME_SECONDS),
            **rate,
        }

    def x264(self) -> dict[str, str]:
        """The same as options of FFmpeg's libx264, without the rate of pictures: what our core sets."""
        rate = {"crf": f"{self.crf:g}"}
        if self.bitrate_kbps is not None:
            rate = {"b": f"{self.bitrate_kbps}k"}
        return {
            "preset": self.preset,
            "tune": self.tune,
            "maxrate": f"{self.max_bitrate_kbps}k",
            "bufsize": f"{self.max_bitrate_kbps}k",
            "bf": "0",
            "sc_threshold": "0",
            "forced-idr": "1",
            "rc-lookahead": "0",
            "g": str(self.fps * KEYFRAME_SECONDS),
            **rate,
        }

    def encode_alone(self) -> list[str]:
        """The same as arguments of ``clipshot-encode-alone``."""
        named = {
            "fps": self.fps,
            "preset": self.preset,
            "tune": self.tune,
            "bitrate-kbps": self.bitrate_kbps or 0,
            "crf": self.crf,
            "max-bitrate-kbps": self.max_bitrate_kbps,
        }
        return [part for name, value in named.items() for part in (f"--{name}", f"{value}")]


ULTRAFAST_60 = Case("1080p60 ultrafast", 60, "ultrafast")
SUPERFAST_60 = Case("1080p60 superfast", 60, "superfast")
VERYFAST_30 = Case("1080p30 veryfast", 30, "veryfast")


def default_case(cores: int) -> Case:
    """The server's own defaults on a machine with this many cores."""
    fps = 60 if cores >= 4 else 30
    return Case(f"1080p{fps} default", fps, "superfast", bitrate_kbps=None, max_bitrate_kbps=20_000)
