"""The API: proto messages in, core calls, proto messages out."""
