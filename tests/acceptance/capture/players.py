"""Players of the distribution, each made to say what it shows and plays of a file: the first and the last counter, and
when the beeps begin in its sound."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.native import counter, tone

PATIENCE = 180
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
"""VLC refuses to run as root."""


@dataclass(frozen=True)
class Played:
    """What a player made of a file. ``beeps`` are seconds from the beginning of its sound."""

    first: int
    last: int
    pictures: int
    beeps: list[float]


Player = Callable[[Path, Path], Played]


def pyav(file: Path, folder: Path) -> Played:
    """PyAV, which the others are held against."""
    counters = [picture.counter for picture in counter.read(file)]
    return Played(counters[0], counters[-1], len(counters), heard(file))


def ffmpeg(file: Path, folder: Path) -> Played:
    """FFmpeg's command line."""
    run("ffmpeg", "-v", "error", "-i", file, "-map", "0:a:0", folder / "sound.wav", "-map", "0:v", folder / "%05d.png")
    return of_folder(folder)


def mpv(file: Path, folder: Path) -> Played:
    """mpv, into pictures and a sound file, without dropping any to keep time."""
    common = ("mpv", "--no-config", "--really-quiet", "--untimed", "--framedrop=no")
    run(*common, "--no-audio", "--vo=image", "--vo-image-format=png", f"--vo-image-outdir={folder}", file)
    run(*common, "--no-video", "--ao=pcm", f"--ao-pcm-file={folder / 'sound.wav'}", file)
    return of_folder(folder)


def vlc(file: Path, folder: Path) -> Played:
    """VLC: its scene filter writes what it shows, its transcoder what it plays."""
    user = AS_NOBODY if is_root() else ()
    home = folder / "home"
    home.mkdir()
    seen = readable(file, folder)
    if is_root():
        for path in (folder, home):
            shutil.chown(path, 65534, 65534)
    quiet = ("env", f"HOME={home}", "cvlc", "--quiet", "--no-one-instance", "--play-and-exit")
    run(
        *(*user, *quiet, "--no-audio", "--vout=dummy", "--no-drop-late-frames", "--no-skip-frames"),
        *("--video-filter=scene", "--scene-format=png", "--scene-ratio=1", "--scene-prefix=", f"--scene-path={folder}"),
        *(seen, "vlc://quit"),
    )
    sound = (
        f"#transcode{{acodec=s16l,channels=2,samplerate=48000}}:std{{access=file,mux=wav,dst={folder / 'sound.wav'}}}"
    )
    run(*user, *quiet, "--no-sout-video", f"--sout={sound}", seen, "vlc://quit")
    return of_folder(folder)


def gstreamer(file: Path, folder: Path) -> Played:
    """GStreamer's playbin."""
    pictures = f"videoconvert ! pngenc compression-level=1 ! multifilesink location={folder}/%05d.png sync=false"
    sound = f"audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000 ! wavenc ! filesink location={folder}/sound.wav"
    run("gst-launch-1.0", "-q", "playbin", f"uri=file://{file}", f"video-sink={pictures}", f"audio-sink={sound}")
    return of_folder(folder)


def of_folder(folder: Path) -> Played:
    """Out of numbered pictures and ``sound.wav``."""
    shown = sorted(path for path in folder.glob("*.png") if path.stat().st_size)
    assert shown, "no picture was shown"
    return Played(stamp(shown[0]), stamp(shown[-1]), len(shown), heard(folder / "sound.wav"))


def stamp(picture: Path) -> int:
    """The counter in a picture's file."""
    with av.open(str(picture)) as container:
        frame: Any = next(container.decode(video=0))
        return counter.read_stamp(np.ascontiguousarray(frame.to_ndarray(format="gray")))[0]


def heard(file: Path) -> list[float]:
    """When the beeps of a file's first sound track begin, in seconds from its first sample."""
    with av.open(str(file)) as container:
        blocks: list[Any] = []
        resampler = av.AudioResampler("fltp", "mono", tone.RATE)
        for frame in container.decode(audio=0):
            blocks += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
        blocks += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    return tone.Sound("", 0.0, np.concatenate(blocks)).beeps()


def readable(file: Path, folder: Path) -> Path:
    """The file, where anybody may read it."""
    copy = folder / "film.mp4"
    shutil.copyfile(file, copy)
    copy.chmod(0o644)
    for parent in folder.parents:
        if parent.stat().st_uid == 0 and str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    return copy


def is_root() -> bool:
    """Whether the tests run as root."""
    return subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout.strip() == "0"


def run(*command: object) -> None:
    """A program to its end; what it says is shown where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
    done.check_returncode()


PLAYERS: dict[str, tuple[str, Player]] = {
    "FFmpeg": ("ffmpeg", ffmpeg),
    "mpv": ("mpv", mpv),
    "VLC": ("cvlc", vlc),
    "GStreamer": ("gst-launch-1.0", gstreamer),
}
"""By name: the program that must be there, and how it is asked."""
