"""Print what happens until the server stops or Ctrl-C. An event's id as argument: go on after it."""

import sys

from clipshot_rest import SystemApi

from server import connect

with connect() as client:
    frames = SystemApi(client).subscribe_without_preload_content(after_event_id="".join(sys.argv[1:]))
    event_id = ""
    for line in frames:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "id":
            event_id = value
        elif name == "event":
            print(event_id, value, flush=True)
        elif not name:
            event_id = ""
