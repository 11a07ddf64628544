"""Live pictures over HTTP: what players and tools get from a real server, and that nobody delays anybody.

That a slow reader of chunks skips is shown over gRPC, where it takes fewer megabytes.
"""

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from tests.live_http import PICTURE, SESSION, START, Record, reading
from tests.serving import RunningServer, serving
from tests.waiting import wait_for

LIVE = f"{SESSION}/live.mp4"
PREVIEW = f"{SESSION}/preview.h264"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that buffers its built-in picture."""
    with serving(tmp_path_factory.mktemp("live") / "data", "--replay") as server:
        wait_for(lambda: server.call("GET", f"{SESSION}/replay").json().get("keyframes"), 20, "a keyframe")
        yield server


def preview_threads(server: RunningServer) -> int:
    """Encoders of previews that run in the server."""
    names = (task / "comm" for task in Path(f"/proc/{server.process.pid}/task").iterdir())
    found = 0
    for name in names:
        try:
            found += name.read_text().startswith("cs-preview")
        except OSError:
            continue  # the thread has just ended
    return found


def decode(pictures: list[Record]) -> list[tuple[int, int]]:
    """Sizes of what a decoder makes of pictures."""
    decoder = av.CodecContext.create("h264", "r")
    packets = [av.Packet(picture.payload) for picture in pictures]
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return [(frame.width, frame.height) for frame in frames]


def picture_times(film: bytes) -> list[float]:
    """When the pictures of an MP4 are shown, in seconds."""
    with av.open(io.BytesIO(film), "r") as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        return [float(packet.pts * video.time_base) for packet in container.demux(video) if packet.pts is not None]


def test_a_signed_link_opens_the_live_stream_in_a_player(server: RunningServer) -> None:
    link = server.call("POST", "/api/v1/system/links", {"path": LIVE}).json()["url"]
    with av.open(server.rest + link, "r") as container:
        video = container.streams.video[0]
        packets = [packet for packet, _ in zip(container.demux(video), range(20), strict=False)]
    assert packets[0].is_keyframe
    assert [packet.pts for packet in packets] == sorted(packet.pts for packet in packets)
    assert packets[0].decode()


def test_the_live_stream_asks_for_a_key_and_a_session(server: RunningServer) -> None:
    assert server.call("GET", LIVE, key=False).status == 401
    assert server.call("GET", LIVE.replace("current", "ses_none")).status == 404
    other = server.call("POST", "/api/v1/system/links", {"path": PREVIEW}).json()["url"]
    assert server.call("GET", other.replace("preview.h264", "live.mp4"), key=False).status == 401


def test_a_reader_that_takes_nothing_delays_nobody(server: RunningServer) -> None:
    with reading(server, LIVE, receive_buffer=4 << 10) as stuck, reading(server, LIVE) as quick:
        assert stuck.read(8)[4:] == b"ftyp"
        times = picture_times(quick.read(1 << 20))
    gaps = [after - before for before, after in pairwise(times)]
    assert len(times) > 10
    assert min(gaps) > 0
    assert max(gaps) < 0.5


def test_a_preview_decodes_and_its_times_are_in_order(server: RunningServer) -> None:
    with reading(server, f"{PREVIEW}?max_width=320") as stream:
        assert stream.answer.headers["Content-Type"] == "application/octet-stream"
        start = stream.record()
        pictures = [stream.record() for _ in range(12)]
    assert (start.kind, start.key, start.sequence) == (START, False, 0)
    assert start.facts["codec"].startswith("avc1.42")
    assert start.facts["width"] == 320
    assert pictures[0].key
    for picture in pictures:
        assert picture.kind == PICTURE
        assert int(start.facts["monotonic_ns"]) - 10**9 < picture.capture_ns < picture.ready_ns < picture.sent_ns
    assert [each.sequence for each in pictures] == list(range(pictures[0].sequence, pictures[0].sequence + 12))
    assert decode(pictures) == [(320, start.facts["height"])] * 12


def test_a_viewer_steers_its_preview_over_rest(server: RunningServer) -> None:
    """Unacknowledged it is sent no more than it can hold; acknowledged it goes on at a keyframe."""
    with reading(server, f"{PREVIEW}?max_width=320&acknowledge=true") as stream:
        preview = f"/api/v1/capture/previews/{stream.record().facts['preview_id']}"
        first = stream.record()
        seen = first
        while seen.sequence - first.sequence < 60:
            seen = stream.record()
        assert seen.dropped > 0
        for _ in range(30):
            assert server.call("POST", f"{preview}:ack", {"sequence": seen.sequence}).status == 200
            seen = stream.record()
        assert server.call("POST", f"{preview}:requestKeyframe", {}).status == 200
        while not seen.key:
            seen = stream.record()
            server.call("POST", f"{preview}:ack", {"sequence": seen.sequence})
    wait_for(
        lambda: server.call("POST", f"{preview}:ack", {"sequence": 1}).status == 404, 10, "it ends with its stream"
    )


def test_two_viewers_share_an_encoder_that_goes_with_the_last(server: RunningServer) -> None:
    wait_for(lambda: preview_threads(server) == 0, 10, "no encoder of those before")
    with reading(server, f"{PREVIEW}?max_width=320") as one:
        assert [one.record().kind, one.record().key] == [START, True]
        while one.record().sequence < 20:
            pass
        threads = preview_threads(server)
        with reading(server, f"{PREVIEW}?max_width=320") as other:
            assert [other.record().kind, other.record().key] == [START, True]
            assert preview_threads(server) == threads > 0
        one.record()
    wait_for(lambda: preview_threads(server) == 0, 10, "the encoder ends with the last viewer")
