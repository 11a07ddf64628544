"""Save the last ten seconds as a clip."""

from uuid import uuid4

from clipshot_rest import ApiException, CaptureApi, SaveReplayRequest

from server import connect

with connect() as client:
    try:
        operation = CaptureApi(client).save_replay("current", SaveReplayRequest(duration="10s", request_id=uuid4()))
    except ApiException as error:  # e.g. nothing is buffered
        raise SystemExit(f"HTTP {error.status}: {error.body}") from None
    print(f"{operation.saved_clip.clip_id} is {operation.saved_clip.path}")
