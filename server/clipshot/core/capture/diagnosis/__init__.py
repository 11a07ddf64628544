"""What is wrong with a session, judged by readings that are taken each second; no I/O, no clock of its own."""
