"""What the examples refer to by ``${name}``: real resources on a real server, made when they are asked for."""

import time
from typing import Any

import pytest

from clipshot.gen.capture.v1 import capture_service_pb2, capture_service_pb2_grpc
from tests.serving import RunningServer

API = "/api/v1"


class Scene:
    """Resources for one example on one server."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._watched: list[Any] = []

    def fill(self, value: Any) -> Any:
        """Replace every ``${name}`` in a request."""
        if isinstance(value, dict):
            return {name: self.fill(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, str) and value.startswith("${"):
            return getattr(self, value[2:-1])()
        return value

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """A call that has to succeed."""
        answer = self._server.call("POST", API + path, body)
        assert answer.status in (200, 201), (path, answer.status, answer.body)
        return answer.json()

    def get(self, path: str) -> Any:
        """A call that has to succeed."""
        answer = self._server.call("GET", API + path)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json()

    def session(self) -> str:
        """A session that buffers."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            answer = self._server.call("GET", f"{API}/capture/sessions/current/replay")
            if answer.status == 200 and answer.json()["segments"] > 0:
                return str(answer.json()["session_id"])
            time.sleep(0.05)
        raise AssertionError("nothing buffers")

    def recording_session(self) -> str:
        """The same, recording too."""
        session = self.session()
        answer = self._server.call("POST", f"{API}/capture/sessions", {"source_id": "test:clock", "mode": "record"})
        assert answer.status in (201, 400), answer.body
        return session

    def paused_session(self) -> str:
        """The same, its recording paused."""
        session = self.recording_session()
        self.post(f"/capture/sessions/{session}:pause", {})
        return session

    def operation(self) -> str:
        """A save that has ended."""
        self.session()
        return str(self.post("/capture/sessions/current:saveReplay", {"duration": "0.5s"})["operation_id"])

    def new_clip(self) -> str:
        """A clip that nothing else uses."""
        self.session()
        saved = self.post("/capture/sessions/current:saveReplay", {"duration": "0.5s", "start": "keyframe"})
        return str(saved["saved_clip"]["clip_id"])

    def clip(self) -> str:
        """Any clip."""
        clips = self.get("/clips?page_size=1")["clips"]
        return str(clips[0]["clip_id"]) if clips else self.new_clip()

    def trashed_clip(self) -> str:
        """A clip in the trash."""
        clip = self.new_clip()
        assert self._server.call("DELETE", f"{API}/clips/{clip}").status == 204
        return clip

    def marked_session(self) -> str:
        """A session with a marker."""
        session = self.session()
        self.post(f"/capture/sessions/{session}/markers", {"label": "Example"})
        return session

    def marker(self) -> str:
        """A marker of that session."""
        session = self.session()
        return str(self.post(f"/capture/sessions/{session}/markers", {"label": "Example"})["marker_id"])

    def login_code(self) -> str:
        """A code that was not used yet."""
        return str(self.post("/system/login-codes", {})["code"])

    def first_event_id(self) -> str:
        """Id of the oldest event held."""
        return str(self.get("/events/history?page_size=1")["events"][0]["event_id"])

    def heard_session(self) -> str:
        """The same, with a sound track."""
        session = self.session()
        if not self.get(f"/capture/sessions/{session}")["audio"]:
            pytest.skip("PulseAudio is not installed")
        return session

    def preview(self) -> str:
        """A preview that is watched until :meth:`stop_watching`."""
        stub = capture_service_pb2_grpc.CaptureServiceStub(self._server.channel())
        request = capture_service_pb2.StreamPreviewRequest(session_id=self.session(), max_width=320)
        stream = stub.StreamPreview(request, metadata=self._server.metadata, timeout=20)
        self._watched.append(stream)
        return str(next(iter(stream)).start.preview_id)

    def stop_watching(self) -> None:
        """End what :meth:`preview` began."""
        for stream in self._watched:
            stream.cancel()

    def stop_recording(self) -> None:
        """Undo what starting a recording did."""
        self.post("/capture/sessions/current:stop", {"what": "recording", "discard": True})
