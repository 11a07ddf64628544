"""The command line: a client of the API over gRPC, and nothing more."""
