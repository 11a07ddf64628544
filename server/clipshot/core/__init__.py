"""Rules and states: no I/O, no grpc, no protobuf."""
