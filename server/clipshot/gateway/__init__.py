"""The HTTP gateway: its socket, its binary, and the child process that is kept alive."""
