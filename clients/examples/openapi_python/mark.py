"""Mark this moment of the running session. Argument: the marker's label."""

import sys
from uuid import uuid4

from clipshot_rest import CaptureApi, CreateMarkerRequest

from server import connect

label = " ".join(sys.argv[1:]) or "A good moment"
with connect() as client:
    marker = CaptureApi(client).create_marker("current", CreateMarkerRequest(label=label, request_id=uuid4()))
    print(f"{marker.marker_id} at {marker.at}: {marker.label}")
