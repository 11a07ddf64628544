"""Record the screen, and keep its last 30 seconds for replays."""

from uuid import uuid4

from clipshot_rest import CaptureApi, SessionMode, StartSessionRequest

from server import connect

request = StartSessionRequest(mode=SessionMode.BOTH, replay_duration="30s", title="An example", request_id=uuid4())
with connect() as client:
    session = CaptureApi(client).start_session(request)
    print(f"{session.session_id} captures {session.source_id}")
