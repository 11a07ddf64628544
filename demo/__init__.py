"""The demo: a moving screen, a server, a recording, a replay of ten seconds."""
